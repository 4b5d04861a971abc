"""Who is connected to WeCom: one connection a corp, its secrets sealed at rest.

What a secret opens is somebody else's customers. The rows hold them sealed (AES-256-GCM); the key is a file in the data
folder that only its owner may read, so neither a copy of the database nor a backup gives them away.
"""

from __future__ import annotations

import base64
import os
import secrets
import string
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tiefen.kit.callback_crypto import CallbackCrypto
from tiefen.kit.clock import now_us
from tiefen.kit.errors import TiefenError
from tiefen.ledger import dialect
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import wecom_corps
from tiefen.wecom.client import OFFICIAL, WeCom

KEY_FILE = "wecom.key"
WINDOW_SECONDS = 600
"""How far a callback's timestamp may lie from our clock: WeCom's three tries take twenty seconds, clocks and queues in
between some minutes. A replay within it lands on the row that is there already; one after it is refused."""
_NONCE = 12
_ALPHABET = string.ascii_letters + string.digits


@dataclass(eq=False)
class NotConnected(TiefenError):
    status = 404
    says = "The company {corp_id} is not connected to WeCom."

    corp_id: str


@dataclass(eq=False)
class SecretsSealed(TiefenError):
    status = 409
    says = "The secrets of {corp_id} cannot be unsealed with {key_file} of this data folder: connect it again."

    corp_id: str
    key_file: str = KEY_FILE


@dataclass(eq=False)
class BadConnection(TiefenError):
    says = "{field} cannot be so: {why}."

    field: str
    why: str


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """One company (`corp_id`) and the app in WeCom it is connected through."""

    corp_id: str
    base_url: str
    corpid: str
    agentid: int = 0
    secret: str = ""
    archive_secret: str = ""
    archive_url: str = ""
    token: str = ""
    aes_key: str = ""
    window_seconds: int = WINDOW_SECONDS
    """How far a callback's timestamp may be off; 0 for a sandbox whose clock is not ours."""
    welcome: str = ""
    """What newcomers are welcomed with where nothing else is set to do it; empty for nothing."""
    created_us: int = 0

    def __repr__(self) -> str:
        return f"Connection({self.corp_id!r}, {self.base_url!r}, {self.corpid!r}, agentid={self.agentid})"

    @property
    def callback_path(self) -> str:
        """Where WeCom is to call."""
        return f"/wecom/callback/{self.corp_id}"

    @property
    def crypto(self) -> CallbackCrypto:
        """Opens what WeCom sends."""
        return CallbackCrypto(self.token, self.aes_key, self.corpid)


class _Secrets(msgspec.Struct, frozen=True):
    secret: str
    archive_secret: str
    token: str
    aes_key: str


def connect(
    ledger: Ledger, corp_id: str, *, corpid: str, secret: str, base_url: str = OFFICIAL, agentid: int = 0,
    archive_secret: str = "", archive_url: str = "", token: str = "", aes_key: str = "",
    window_seconds: int = WINDOW_SECONDS, welcome: str | None = None,
) -> Connection:  # fmt: skip
    """Keep how a company is connected, in place of what was kept before. Nothing is asked of WeCom.

    A callback token and EncodingAESKey that are not given are those of before, or new ones.
    """
    ledger.corp(corp_id)
    before = _before(ledger, corp_id)
    of = made(
        corp_id, corpid=corpid, secret=secret, base_url=base_url, agentid=agentid, archive_secret=archive_secret,
        archive_url=archive_url, token=token or (before.token if before else new_token()),
        aes_key=aes_key or (before.aes_key if before else new_aes_key()), window_seconds=window_seconds,
        welcome=welcome if welcome is not None else before.welcome if before else "",
        created_us=before.created_us if before else now_us(),
    )  # fmt: skip
    _keep(ledger, of)
    return of


def made(
    corp_id: str, *, corpid: str, secret: str, token: str, aes_key: str, base_url: str = OFFICIAL, agentid: int = 0,
    archive_secret: str = "", archive_url: str = "", window_seconds: int = WINDOW_SECONDS, welcome: str = "",
    created_us: int = 0,
) -> Connection:  # fmt: skip
    """A connection as it would be kept; what cannot be one is refused by its field."""
    CallbackCrypto(token, aes_key, corpid)  # refuses what WeCom's form would not take
    return Connection(
        corp_id=corp_id, base_url=_address("base_url", base_url), corpid=_word("corpid", corpid), agentid=agentid,
        secret=_word("secret", secret), archive_secret=archive_secret.strip(),
        archive_url=_address("archive_url", archive_url) if archive_url else "", token=token, aes_key=aes_key,
        window_seconds=window_seconds, welcome=welcome.strip(), created_us=created_us,
    )  # fmt: skip


def set_welcome(ledger: Ledger, corp_id: str, text: str) -> Connection:
    """What newcomers are welcomed with where nothing else is set to do it; empty for nothing."""
    changed = msgspec.structs.replace(connection(ledger, corp_id), welcome=text.strip())
    _keep(ledger, changed)
    return changed


def connections(ledger: Ledger) -> list[Connection]:
    """Every company that is connected and whose secrets can be read."""
    with ledger.read() as rows:
        found = rows.execute(sa.select(wecom_corps).order_by(wecom_corps.c.created_us)).all()
    opened = []
    for row in found:
        with suppress(SecretsSealed):
            opened.append(_opened(ledger, row))
    return opened


def connection(ledger: Ledger, corp_id: str) -> Connection:
    """How a company is connected; `NotConnected` where it is not."""
    with ledger.read() as rows:
        row = rows.execute(sa.select(wecom_corps).where(wecom_corps.c.corp_id == corp_id)).first()
    if row is None:
        raise NotConnected(corp_id)
    return _opened(ledger, row)


def disconnect(ledger: Ledger, corp_id: str) -> None:
    """Forget how a company is connected; what was learned stays."""
    with ledger.write() as rows:
        gone = rows.execute(sa.delete(wecom_corps).where(wecom_corps.c.corp_id == corp_id)).rowcount
    if not gone:
        raise NotConnected(corp_id)


def new_token() -> str:
    """A callback token WeCom's form takes."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(32))


def new_aes_key() -> str:
    """An EncodingAESKey WeCom's form takes. Made of 32 bytes, so that strict decoders take it too."""
    while True:
        key = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        if key.isalnum():
            return key


# ---- the client ---------------------------------------------------------------------------------

_clients: dict[tuple[str, str, str, int, str], WeCom] = {}
_clients_lock = threading.Lock()


def api(of: Connection) -> WeCom:
    """The client of a connection, shared by everybody in this process."""
    return _client(of, of.secret)


def archive_api(of: Connection) -> WeCom | None:
    """The client of its conversation archive, which has a secret of its own; None where there is none."""
    return _client(of, of.archive_secret) if of.archive_secret else None


def _client(of: Connection, secret: str) -> WeCom:
    asked = of.base_url, of.corpid, secret, of.agentid, of.archive_url
    with _clients_lock:
        if asked not in _clients:
            _clients[asked] = WeCom(of.base_url, of.corpid, secret, agentid=of.agentid, archive_url=of.archive_url)
        return _clients[asked]


# ---- the rows -----------------------------------------------------------------------------------


def _before(ledger: Ledger, corp_id: str) -> Connection | None:
    try:
        return connection(ledger, corp_id)
    except (NotConnected, SecretsSealed):
        return None


def _keep(ledger: Ledger, made: Connection) -> None:
    sealed = _seal(
        ledger.settings.data, made.corp_id, _Secrets(made.secret, made.archive_secret, made.token, made.aes_key)
    )
    row = {
        "corp_id": made.corp_id, "base_url": made.base_url, "corpid": made.corpid, "agentid": made.agentid,
        "archive_url": made.archive_url, "window_seconds": made.window_seconds, "welcome": made.welcome,
        "created_us": made.created_us, "sealed": sealed,
    }  # fmt: skip
    with ledger.write() as rows:
        rows.execute(
            dialect.insert(rows, wecom_corps).values(row).on_conflict_do_update(index_elements=["corp_id"], set_=row)
        )


def _opened(ledger: Ledger, row: Any) -> Connection:
    unsealed = _unseal(ledger.settings.data, row.corp_id, bytes(row.sealed))
    return Connection(
        corp_id=row.corp_id, base_url=row.base_url, corpid=row.corpid, agentid=row.agentid,
        secret=unsealed.secret, archive_secret=unsealed.archive_secret, archive_url=row.archive_url,
        token=unsealed.token, aes_key=unsealed.aes_key, window_seconds=row.window_seconds, welcome=row.welcome,
        created_us=row.created_us,
    )  # fmt: skip


def _seal(data: Path, corp_id: str, of: _Secrets) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(_key(data)).encrypt(nonce, msgspec.json.encode(of), corp_id.encode())


def _unseal(data: Path, corp_id: str, sealed: bytes) -> _Secrets:
    if not (data / KEY_FILE).exists():
        raise SecretsSealed(corp_id)
    try:
        plain = AESGCM(_key(data)).decrypt(sealed[:_NONCE], sealed[_NONCE:], corp_id.encode())
    except (InvalidTag, ValueError):
        raise SecretsSealed(corp_id) from None
    return msgspec.json.decode(plain, type=_Secrets)


def _key(data: Path) -> bytes:
    """The key of this data folder, made when first needed; of two who make one at once, one wins."""
    path = data / KEY_FILE
    if not path.exists():
        mine = data / f".{KEY_FILE}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(mine, path)
        mine.unlink()
    return path.read_bytes()


def _address(field: str, url: str) -> str:
    url = url.strip().rstrip("/")
    scheme, _, rest = url.partition("://")
    if scheme not in {"http", "https"} or not rest or len(url) > 2_000 or not url.isprintable() or " " in url:
        raise BadConnection(field, "an address begins with http:// or https://")
    try:
        httpx.URL(url)
    except httpx.InvalidURL as error:
        raise BadConnection(field, str(error)) from None
    return url


def _word(field: str, value: str) -> str:
    value = value.strip()
    if not value or not value.isascii() or not value.isprintable() or " " in value or len(value) > 200:
        raise BadConnection(field, "it is a word of letters and digits")
    return value
