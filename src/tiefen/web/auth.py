"""Who is who at the console: accounts, sessions, one-time login links, tokens for machines.

Passwords are kept as argon2id; of sessions, links and tokens only digests are kept, so that whoever reads the database can
use none of them.
"""

from __future__ import annotations

import hmac
import threading
import time
from dataclasses import dataclass
from functools import cache

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection

from tiefen.kit.clock import DAY_US, SECOND_US, now_us
from tiefen.kit.ids import digest, new_id, new_secret
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import accounts, api_tokens, audit, login_links, sessions
from tiefen.web.errors import AlreadySetUp, TooManyTries, WeakPassword, WrongCredentials

COOKIE = "tiefen_session"
SESSION_DAYS = 14
LINK_US = DAY_US
LEAST_PASSWORD = 10
TRIES, TRIES_SECONDS = 8, 300
_SEEN_EVERY_US = 60 * SECOND_US

_hasher = PasswordHasher()


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody signed in, or a machine with a token."""

    corp_id: str
    role: str
    csrf: str
    account_id: str | None = None
    name: str = ""
    email: str = ""
    language: str = "zh"
    session: str = ""
    """The digest of the session; empty for a token."""

    @property
    def label(self) -> str:
        return self.email or self.name or "login link"


class Tries:
    """Failed logins by e-mail, counted for `TRIES_SECONDS`; enough of them make everybody wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failed: dict[str, list[float]] = {}

    def check(self, email: str) -> None:
        with self._lock:
            recent = self._recent(email)
            if len(recent) >= TRIES:
                raise TooManyTries(max(1, int(recent[0] + TRIES_SECONDS - time.monotonic())))

    def failed(self, email: str) -> None:
        with self._lock:
            if len(self._failed) > 10_000:
                self._failed.clear()
            self._failed[email] = [*self._recent(email), time.monotonic()]

    def succeeded(self, email: str) -> None:
        with self._lock:
            self._failed.pop(email, None)

    def _recent(self, email: str) -> list[float]:
        since = time.monotonic() - TRIES_SECONDS
        return [at for at in self._failed.get(email, []) if at > since]


def anybody(ledger: Ledger) -> bool:
    """Whether an account exists."""
    with ledger.read() as connection:
        return connection.execute(sa.select(accounts.c.account_id).limit(1)).first() is not None


def set_up(ledger: Ledger, corp_id: str, name: str, email: str, password: str, language: str) -> str:
    """Make the owner, the first account there is; returns a session secret."""
    email = email.strip().lower()
    if len(password) < LEAST_PASSWORD or password.strip().lower() == email:
        raise WeakPassword(LEAST_PASSWORD)
    kept = _hasher.hash(password)
    with ledger.write() as connection:
        if connection.execute(sa.select(accounts.c.account_id).limit(1)).first() is not None:
            raise AlreadySetUp
        account_id = new_id()
        connection.execute(
            sa.insert(accounts).values(
                account_id=account_id, corp_id=corp_id, name=name.strip(), email=email, password=kept, role="owner",
                language=language, created_us=now_us(),
            )
        )  # fmt: skip
        return _begin(connection, corp_id, account_id)


def log_in(ledger: Ledger, tries: Tries, email: str, password: str) -> str:
    """A session secret for who knows the password."""
    email = email.strip().lower()
    tries.check(email)
    with ledger.read() as connection:
        row = connection.execute(sa.select(accounts).where(accounts.c.email == email)).first()
    try:
        _hasher.verify(row.password if row else _nobody(), password)
    except (VerificationError, InvalidHashError):
        row = None
    if row is None:
        tries.failed(email)
        raise WrongCredentials
    tries.succeeded(email)
    with ledger.write() as connection:
        return _begin(connection, row.corp_id, row.account_id)


@cache
def _nobody() -> str:
    """Checked against when there is no such account, so that both answers take as long."""
    return _hasher.hash(new_secret())


def make_login_link(ledger: Ledger, corp_id: str, base_url: str) -> str:
    """An address that signs in whoever opens it first, within a day."""
    secret = new_secret()
    with ledger.write() as connection:
        connection.execute(
            sa.insert(login_links).values(digest=digest(secret), corp_id=corp_id, expires_us=now_us() + LINK_US)
        )
    return f"{base_url}/login/{secret}"


def follow_link(ledger: Ledger, secret: str) -> str | None:
    """A session secret for a link that was not used yet; None otherwise."""
    now = now_us()
    with ledger.write() as connection:
        used = connection.execute(
            sa.update(login_links)
            .where(
                login_links.c.digest == digest(secret), login_links.c.used_us.is_(None), login_links.c.expires_us > now
            )
            .values(used_us=now)
            .returning(login_links.c.corp_id)
        ).scalar()
        return None if used is None else _begin(connection, used, None)


def _begin(connection: Connection, corp_id: str, account_id: str | None) -> str:
    secret, now = new_secret(), now_us()
    connection.execute(sa.delete(sessions).where(sessions.c.expires_us < now))
    connection.execute(
        sa.insert(sessions).values(
            digest=digest(secret), account_id=account_id, corp_id=corp_id, csrf=new_secret(),
            expires_us=now + SESSION_DAYS * DAY_US,
        )
    )  # fmt: skip
    return secret


def log_out(ledger: Ledger, who: Who) -> None:
    with ledger.write() as connection:
        connection.execute(sa.delete(sessions).where(sessions.c.digest == who.session))


def switch_corp(ledger: Ledger, who: Who, corp_id: str) -> None:
    """Look at another company from now on."""
    ledger.corp(corp_id)
    with ledger.write() as connection:
        connection.execute(sa.update(sessions).where(sessions.c.digest == who.session).values(corp_id=corp_id))


def by_cookie(ledger: Ledger, secret: str) -> Who | None:
    if not secret:
        return None
    asked = (
        sa.select(sessions, accounts.c.name, accounts.c.email, accounts.c.role, accounts.c.language)
        .join(accounts, accounts.c.account_id == sessions.c.account_id, isouter=True)
        .where(sessions.c.digest == digest(secret), sessions.c.expires_us > now_us())
    )
    with ledger.read() as connection:
        row = connection.execute(asked).first()
    if row is None:
        return None
    return Who(
        row.corp_id, row.role or "owner", row.csrf, row.account_id, row.name or "", row.email or "",
        row.language or "zh", row.digest,
    )  # fmt: skip


def by_token(ledger: Ledger, secret: str) -> Who | None:
    """The company and rights of a machine's token."""
    key = digest(secret)
    with ledger.read() as connection:
        row = connection.execute(
            sa.select(api_tokens).where(api_tokens.c.digest == key, api_tokens.c.revoked_us.is_(None))
        ).first()
    if row is None:
        return None
    if (row.last_used_us or 0) < now_us() - _SEEN_EVERY_US:
        with ledger.write() as connection:
            connection.execute(sa.update(api_tokens).where(api_tokens.c.digest == key).values(last_used_us=now_us()))
    return Who(row.corp_id, "owner", "", name=f"token {row.name}")


def same(one: str, other: str) -> bool:
    """Equal, told in constant time."""
    return bool(other) and hmac.compare_digest(one.encode(errors="replace"), other.encode())


def note(ledger: Ledger, corp_id: str, who: str, did: str, what: str) -> None:
    """Keep in the audit trail who did what."""
    with ledger.write() as connection:
        connection.execute(sa.insert(audit).values(corp_id=corp_id, who=who, did=did, what=what[:300], at_us=now_us()))


def leave_corp(ledger: Ledger, corp_id: str, other: str) -> None:
    """Everybody who looks at a company looks at another from now on; its accounts go there too."""
    with ledger.write() as connection:
        for table in (sessions, accounts):
            connection.execute(sa.update(table).where(table.c.corp_id == corp_id).values(corp_id=other))
