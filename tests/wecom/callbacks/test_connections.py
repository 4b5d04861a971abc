"""Who is connected to WeCom, and how their secrets are kept."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.conftest import CORP
from tiefen.kit.callback_crypto import BadSecrets
from tiefen.kit.settings import Settings
from tiefen.ledger.backup import backup, restore
from tiefen.ledger.errors import CorpNotFound
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import wecom_corps
from tiefen.wecom.connections import (
    KEY_FILE,
    BadConnection,
    Connection,
    NotConnected,
    SecretsSealed,
    api,
    connect,
    connection,
    connections,
    disconnect,
    set_welcome,
)

SECRET = "a-secret-nobody-may-read"


def connected(ledger: Ledger, **more: object) -> Connection:
    return connect(ledger, CORP, base_url="http://127.0.0.1:9", corpid="ww1", secret=SECRET, **more)  # type: ignore[arg-type]


@pytest.mark.stores
def test_a_connection_is_found_again_as_it_was_made(ledger: Ledger) -> None:
    made = connected(ledger, agentid=7, archive_secret="archive", archive_url="http://127.0.0.1:9/archive")

    assert connection(ledger, CORP) == made
    assert connections(ledger) == [made]


def test_a_token_and_a_key_are_made_that_wecom_would_take(ledger: Ledger) -> None:
    made = connected(ledger)

    assert len(made.token) == 32 and made.token.isalnum()
    assert len(made.aes_key) == 43 and made.aes_key.isalnum()
    assert made.crypto.open(made.crypto.seal("hello", timestamp="1", nonce="2")) == "hello"


def test_connecting_again_keeps_token_key_and_welcome_unless_others_are_given(ledger: Ledger) -> None:
    first = connected(ledger, welcome="你好")

    again = connect(ledger, CORP, corpid="ww1", secret="another")
    other = connect(ledger, CORP, corpid="ww1", secret="another", token="T0ken")

    assert (again.token, again.aes_key, again.welcome) == (first.token, first.aes_key, "你好")
    assert again.created_us == first.created_us
    assert (other.token, other.aes_key) == ("T0ken", first.aes_key)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("base_url", "ftp://wecom"),
        ("base_url", "wecom"),
        ("base_url", "http://a\x15b"),
        ("base_url", "http://[::1"),
        ("corpid", ""),
        ("corpid", "w w\n"),
        ("secret", "密"),
    ],
)
def test_what_cannot_be_a_connection_is_refused_by_its_field(ledger: Ledger, field: str, value: str) -> None:
    given = {"base_url": "https://wecom", "corpid": "ww1", "secret": SECRET} | {field: value}

    with pytest.raises(BadConnection, match=field):
        connect(ledger, CORP, **given)  # type: ignore[arg-type]


def test_a_token_wecom_would_not_take_is_refused_and_nothing_is_kept(ledger: Ledger) -> None:
    with pytest.raises(BadSecrets):
        connected(ledger, token="not a token!")

    assert connections(ledger) == []


def test_only_a_company_that_exists_can_be_connected(ledger: Ledger) -> None:
    with pytest.raises(CorpNotFound):
        connect(ledger, "nobody", corpid="ww1", secret=SECRET)


def test_secrets_are_neither_in_the_rows_nor_in_what_is_printed(ledger: Ledger) -> None:
    made = connected(ledger)

    with ledger.read() as rows:
        row = rows.execute(sa.select(wecom_corps)).one()
    assert SECRET.encode() not in bytes(row.sealed)
    assert SECRET not in str(row) and made.token not in str(row)
    assert SECRET not in repr(made) and made.token not in repr(made) and made.aes_key not in repr(made)
    assert SECRET not in repr(api(made))


def test_the_key_is_for_its_owner_alone(ledger: Ledger, settings: Settings) -> None:
    connected(ledger)

    assert stat.S_IMODE((settings.data / KEY_FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize("key", [None, b"", b"x" * 32])
def test_without_the_right_key_a_connection_must_be_made_anew(
    ledger: Ledger, settings: Settings, key: bytes | None
) -> None:
    connected(ledger)
    (settings.data / KEY_FILE).unlink()
    if key is not None:
        (settings.data / KEY_FILE).write_bytes(key)

    with pytest.raises(SecretsSealed, match="connect it again"):
        connection(ledger, CORP)
    assert connections(ledger) == []


def test_a_sealed_row_is_of_no_use_to_another_company(ledger: Ledger) -> None:
    connected(ledger)
    ledger.ensure_corp("other")
    with ledger.write() as rows:
        rows.execute(sa.update(wecom_corps).values(corp_id="other"))

    with pytest.raises(SecretsSealed):
        connection(ledger, "other")


def test_after_a_disconnect_nothing_is_known_and_a_second_one_says_so(ledger: Ledger) -> None:
    connected(ledger)

    disconnect(ledger, CORP)

    with pytest.raises(NotConnected):
        connection(ledger, CORP)
    with pytest.raises(NotConnected):
        disconnect(ledger, CORP)


def test_everybody_gets_the_same_client_until_the_secret_changes(ledger: Ledger) -> None:
    first = connected(ledger)
    welcoming = set_welcome(ledger, CORP, "你好")
    changed = connect(ledger, CORP, base_url="http://127.0.0.1:9", corpid="ww1", secret="another")

    assert api(first) is api(welcoming)
    assert api(changed) is not api(first)


def test_a_removed_company_is_not_connected_any_more(ledger: Ledger) -> None:
    ledger.ensure_corp("other")
    connected(ledger)

    ledger.remove_corp(CORP)

    assert connections(ledger) == []


def test_a_backup_holds_no_secret_and_says_so_when_it_is_restored(
    ledger: Ledger, tmp_path: Path, settings: Settings
) -> None:
    connected(ledger)
    backup(ledger, tmp_path / "all.tar.gz")

    restore(tmp_path / "all.tar.gz", elsewhere := Settings(data=tmp_path / "elsewhere"))

    with Ledger.open(elsewhere) as restored:
        with pytest.raises(SecretsSealed):
            connection(restored, CORP)
        (elsewhere.data / KEY_FILE).write_bytes((settings.data / KEY_FILE).read_bytes())
        assert connection(restored, CORP).secret == SECRET
