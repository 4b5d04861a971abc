"""The house around the API: settings, keys, backups, who did what, headers, the console's files, whether it is alive."""

from __future__ import annotations

import asyncio
import io
import tarfile
from pathlib import Path

import pytest

from tests.web.scenes import HERE, Brand, all_pages, got, opened, refused
from tiefen import __version__
from tiefen.web import app as application

COMPANY = {"name": "大观园", "time_zone": "Asia/Shanghai", "currency": "CNY", "language": "zh"}


# ---- settings ---------------------------------------------------------------------------------------


def test_another_time_zone_moves_the_days_so_everything_is_read_anew(brand: Brand) -> None:
    client = brand.browser()

    got(client.put("/api/settings", json=COMPANY | {"time_zone": "America/New_York"}))

    assert brand.worker.asked == ["main"]
    assert got(client.get("/api/settings"))["time_zone"] == "America/New_York"
    assert brand.ledger.snapshot("main").time_zone == "America/New_York"


def test_the_name_of_the_company_is_shown_everywhere_from_then_on(brand: Brand) -> None:
    client = brand.browser()

    got(client.put("/api/settings", json=COMPANY | {"name": " 大观园 ", "language": "en"}))

    me = got(client.get("/api/me"))
    assert me["corp"]["name"] == "大观园"
    assert me["account"]["language"] == me["corp"]["language"] == "en"


@pytest.mark.parametrize("place", ["Mars/Olympus", "../../etc/passwd", "", "/etc/localtime", "Asia", "\n"])
def test_a_time_zone_that_is_none_is_refused(seen: Brand, place: str) -> None:
    refused(seen.machine().put("/api/settings", json=COMPANY | {"time_zone": place}), 400, "unknown_time_zone")


@pytest.mark.parametrize(
    "wrong", [{"currency": "yuan"}, {"name": ""}, {"name": "x" * 201}, {"language": "fr"}, {"name": 5}]
)
def test_settings_that_cannot_be_are_not_understood(seen: Brand, wrong: dict[str, object]) -> None:
    refused(seen.machine().put("/api/settings", json=COMPANY | wrong), 422, "not_understood")


# ---- keys -------------------------------------------------------------------------------------------


def test_a_write_key_lets_events_in_until_it_is_revoked(brand: Brand) -> None:
    client = brand.browser()
    event = {"type": "track", "event": "Signed Up", "userId": "u1", "messageId": "k1"}
    made = got(client.post("/api/write-keys", json={"name": "website"}))
    key = made["write_key"]

    assert brand.client().post("/v1/track", json=event, auth=(key, "")).status_code == 200
    got(client.delete(f"/api/write-keys/{key}"))

    listed = {one["write_key"]: one for one in got(client.get("/api/write-keys"))["items"]}
    assert listed[key]["revoked"] is True
    refused(client.delete(f"/api/write-keys/{key}"), 404, "not_found")
    with opened(brand.settings.data) as fresh:  # one that remembers no keys
        assert fresh.client().post("/v1/track", json=event, auth=(key, "")).status_code == 401


def test_a_write_key_says_when_it_was_last_used(brand: Brand) -> None:
    client = brand.browser()
    key = got(client.post("/api/write-keys", json={"name": "website"}))["write_key"]
    event = {"type": "track", "event": "Signed Up", "userId": "u1", "messageId": "k1"}
    brand.client().post("/v1/track", json=event, auth=(key, ""))

    [mine] = [one for one in got(client.get("/api/write-keys"))["items"] if one["write_key"] == key]

    assert mine["last_used_at"] is not None


def test_a_strict_key_answers_400_where_an_event_is_refused(brand: Brand) -> None:
    key = got(brand.browser().post("/api/write-keys", json={"name": "shop", "strict": True}))["write_key"]

    answer = brand.client().post("/v1/track", json={"event": "no user"}, auth=(key, ""))

    assert answer.status_code == 400


# ---- backup and audit -------------------------------------------------------------------------------


def test_a_backup_is_made_and_downloaded(brand: Brand) -> None:
    client = brand.browser()

    made = got(client.post("/api/backup"))
    answer = client.get(f"/api/backup/{made['file']}")

    assert made["facts"] == brand.ledger.facts()
    assert answer.headers["content-type"] == "application/gzip"
    with tarfile.open(fileobj=io.BytesIO(answer.content)) as packed:
        assert len(packed.getnames()) > 1


@pytest.mark.parametrize(
    "name", ["../store.db", "..%2Fstore.db", "store.db", "tiefen-20260101-000000.tar.gz", "%2e%2e"]
)
def test_only_backups_can_be_downloaded(seen: Brand, name: str) -> None:
    answer = seen.machine().get(f"/api/backup/{name}")

    assert b"SQLite" not in answer.content
    assert answer.status_code == 404 or answer.headers["content-type"].startswith("text/html")


def test_who_did_what_is_kept_newest_first_and_page_by_page(brand: Brand) -> None:
    client = brand.browser()
    for n in range(5):
        got(client.post("/api/tokens", json={"name": f"t{n}"}))

    entries = all_pages(client, "/api/audit", limit=2)

    assert [entry["what"] for entry in entries[:5]] == [f"t{n}" for n in reversed(range(5))]
    assert {entry["who"] for entry in entries[:5]} == {"baochai@example.com"}


# ---- the house --------------------------------------------------------------------------------------


def test_whether_it_is_alive_is_told_to_everybody(seen: Brand) -> None:
    answer = seen.client().get("/healthz")

    assert answer.json() == {"status": "ok", "version": __version__, "facts": seen.ledger.facts()}


@pytest.mark.parametrize("path", ["/", "/api/me", "/api/nothing", "/healthz", "/groups/5"])
def test_every_answer_keeps_other_pages_out(seen: Brand, path: str) -> None:
    headers = seen.client().get(path).headers

    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/me"])
def test_who_goes_away_before_the_answer_is_no_error(seen: Brand, path: str) -> None:
    async def gone() -> dict[str, object]:
        return {"type": "http.disconnect"}

    async def nobody_listens(_: object) -> None:
        return None

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http", "path": path,
        "raw_path": path.encode(), "query_string": b"", "headers": [(b"host", b"testserver")], "root_path": "",
        "client": ("127.0.0.1", 1), "server": ("testserver", 80),
    }  # fmt: skip

    asyncio.run(seen.app(scope, gone, nobody_listens))


@pytest.mark.parametrize("path", ["/api/nothing", "/api/", "/api/groups/5/nothing", "/v1/nothing"])
def test_an_address_of_the_api_that_is_none_says_so_in_json(seen: Brand, path: str) -> None:
    refused(seen.machine().get(path), 404, "not_found")


def test_a_method_that_an_address_does_not_know_is_refused(seen: Brand) -> None:
    refused(seen.machine().delete("/api/groups"), 405, "method_not_allowed")


@pytest.mark.parametrize(
    "path", ["/", "/groups", "/groups/5?tab=people", "/settings/keys", "/../../etc/passwd", "/%00"]
)
def test_every_other_address_is_the_consoles(seen: Brand, path: str, built: str) -> None:
    answer = seen.client().get(path)

    assert answer.status_code == 200
    assert built in answer.text


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A console that was built: its first page and one file beside it."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>the console</title>", "utf-8")
    (tmp_path / "assets" / "main-abc.js").write_text("1", "utf-8")
    (tmp_path.parent / "secret.txt").write_text("outside", "utf-8")
    monkeypatch.setattr(application, "CONSOLE", tmp_path)
    return "the console"


def test_files_that_are_named_after_what_is_in_them_are_kept_for_good(seen: Brand, built: str) -> None:
    client = seen.client()

    assert "immutable" in client.get("/assets/main-abc.js").headers["cache-control"]
    assert client.get("/").headers["cache-control"] == "no-cache"


def test_a_missing_file_is_not_answered_with_the_first_page(seen: Brand, built: str) -> None:
    refused(seen.client().get("/assets/gone.js"), 404, "not_found")


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "//secret.txt"]
)
def test_no_address_leads_out_of_the_consoles_folder(seen: Brand, built: str, path: str) -> None:
    assert "outside" not in seen.client().get(path).text


def test_a_console_that_was_not_built_says_how_to_build_it(
    seen: Brand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "CONSOLE", tmp_path / "nothing")

    assert "scripts/up" in seen.client().get("/").text


def test_large_answers_are_packed(seen: Brand) -> None:
    answer = seen.machine().get("/api/persons?limit=200", headers={"Accept-Encoding": "gzip"})

    assert answer.headers["content-encoding"] == "gzip"


def test_the_tracking_doors_are_open_to_other_pages(seen: Brand) -> None:
    answer = seen.client().options("/v1/track", headers={"Origin": "https://shop.example"})

    assert answer.headers["access-control-allow-origin"] == "*"
    assert HERE not in answer.headers.values()
