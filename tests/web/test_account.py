"""The way in: the first visit, passwords, sessions, links, tokens, roles, and writes that come from elsewhere."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from tests.web.scenes import EMAIL, HERE, PASSWORD, TOKEN, Brand, another_company, demote, got, refused
from tiefen.kit.clock import now_us
from tiefen.ledger.schema import accounts, login_links, sessions
from tiefen.web.auth import TRIES, make_login_link

OWNER = {"name": "宝钗", "email": "Baochai@Example.com", "password": PASSWORD, "language": "zh"}


def follow(client: TestClient, link: str) -> str:
    """Open a login link; returns where it leads."""
    answer = client.get(link.removeprefix(HERE))
    assert answer.status_code == 303
    return answer.headers["location"]


# ---- the first visit --------------------------------------------------------------------------------


def test_on_the_first_day_everybody_is_told_that_it_is_the_first_visit(empty: Brand) -> None:
    assert got(empty.client().get("/api/me")) == {"state": "first_visit", "demo": False}


def test_the_first_visitor_makes_the_owner_and_is_signed_in(empty: Brand) -> None:
    client = empty.client()

    client.post("/api/setup", json=OWNER)

    me = got(client.get("/api/me"))
    assert me["state"] == "signed_in"
    assert me["account"] == {"name": "宝钗", "email": "baochai@example.com", "role": "owner", "language": "zh"}
    assert me["corp"]["name"] == "我的品牌"


def test_who_reads_english_owns_a_company_with_an_english_name(empty: Brand) -> None:
    client = empty.client()

    client.post("/api/setup", json=OWNER | {"language": "en"})

    assert got(client.get("/api/me"))["corp"]["name"] == "My brand"


def test_there_is_one_first_visit(empty: Brand) -> None:
    empty.client().post("/api/setup", json=OWNER)

    answer = empty.client().post("/api/setup", json=OWNER | {"email": "second@example.com"})

    refused(answer, 409, "already_set_up")
    assert got(empty.client().get("/api/me"))["state"] == "signed_out"


@pytest.mark.parametrize("password", ["short", "", "baochai@example.com", " BAOCHAI@example.com "])
def test_a_password_that_is_easily_guessed_is_refused(empty: Brand, password: str) -> None:
    refused(empty.client().post("/api/setup", json=OWNER | {"password": password}), 400, "weak_password")


@pytest.mark.parametrize("wrong", [{"email": "nobody"}, {"name": " "}, {"language": "fr"}, {"email": "a\0@b.c"}])
def test_an_owner_needs_a_name_and_an_address(empty: Brand, wrong: dict[str, str]) -> None:
    refused(empty.client().post("/api/setup", json=OWNER | wrong), 422, "not_understood")


def test_passwords_are_kept_as_argon2id_and_secrets_as_digests(empty: Brand) -> None:
    client = empty.client()
    client.post("/api/setup", json=OWNER)

    with empty.ledger.read() as connection:
        password = connection.execute(sa.select(accounts.c.password)).scalar_one()
        session = connection.execute(sa.select(sessions.c.digest)).scalar_one()

    assert password.startswith("$argon2id$")
    assert PASSWORD not in password
    assert session != client.cookies["tiefen_session"]


# ---- in and out -------------------------------------------------------------------------------------


def test_the_cookie_is_for_this_site_and_out_of_reach_of_scripts(brand: Brand) -> None:
    answer = brand.client().post("/api/login", json={"email": EMAIL, "password": PASSWORD})

    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_the_address_may_be_typed_in_capitals(brand: Brand) -> None:
    assert got(brand.browser(f" {EMAIL.upper()} ").get("/api/me"))["account"]["email"] == EMAIL


@pytest.mark.parametrize(("email", "password"), [(EMAIL, "wrong-password"), ("nobody@example.com", PASSWORD)])
def test_a_wrong_password_and_a_wrong_address_are_answered_alike(brand: Brand, email: str, password: str) -> None:
    answer = brand.client().post("/api/login", json={"email": email, "password": password})

    assert refused(answer, 401, "wrong_credentials") == {}


def test_logging_out_ends_the_session_for_whoever_has_its_cookie(brand: Brand) -> None:
    browser = brand.browser()
    thief = brand.client()
    thief.cookies.set("tiefen_session", browser.cookies["tiefen_session"])

    got(browser.post("/api/logout"))

    refused(thief.get("/api/overview"), 401, "not_signed_in")
    assert got(browser.get("/api/me"))["state"] == "signed_out"


def test_a_session_ends_by_itself(brand: Brand) -> None:
    browser = brand.browser()
    with brand.ledger.write() as connection:
        connection.execute(sa.update(sessions).values(expires_us=now_us() - 1))

    answer = browser.get("/api/overview")

    refused(answer, 401, "not_signed_in")


def test_after_too_many_tries_even_the_right_password_has_to_wait(brand: Brand) -> None:
    client = brand.client()
    for _ in range(TRIES):
        refused(
            client.post("/api/login", json={"email": EMAIL, "password": "wrong-password"}), 401, "wrong_credentials"
        )

    answer = client.post("/api/login", json={"email": EMAIL.upper(), "password": PASSWORD})

    assert refused(answer, 429, "too_many_tries")["seconds"] > 0
    assert int(answer.headers["retry-after"]) > 0


def test_somebody_elses_wrong_tries_keep_nobody_else_out(brand: Brand) -> None:
    for _ in range(TRIES + 1):
        brand.client().post("/api/login", json={"email": "xifeng@example.com", "password": "wrong-password"})

    assert got(brand.browser().get("/api/me"))["state"] == "signed_in"


# ---- login links ------------------------------------------------------------------------------------


def test_a_login_link_signs_in_whoever_opens_it_first_and_nobody_after(brand: Brand) -> None:
    link = make_login_link(brand.ledger, "main", HERE)
    first, second = brand.client(), brand.client()

    assert follow(first, link) == "/"
    assert follow(second, link) == "/?link=used"

    assert got(first.get("/api/me"))["account"] is None
    assert got(second.get("/api/me"))["state"] == "signed_out"


def test_a_login_link_of_yesterday_opens_nothing(brand: Brand) -> None:
    link = make_login_link(brand.ledger, "main", HERE)
    with brand.ledger.write() as connection:
        connection.execute(sa.update(login_links).values(expires_us=now_us() - 1))

    assert follow(brand.client(), link) == "/?link=used"


def test_a_guessed_login_link_opens_nothing(seen: Brand) -> None:
    assert follow(seen.client(), "/login/guessed") == "/?link=used"


# ---- writes -----------------------------------------------------------------------------------------


def test_a_write_without_the_sessions_csrf_token_is_refused(brand: Brand) -> None:
    browser = brand.browser()
    for token in ("", "wrong", "错"):
        answer = browser.post("/api/reading", headers={"X-CSRF-Token": token.encode()})

        refused(answer, 403, "forged_request")
    assert brand.worker.asked == []


def test_the_csrf_token_of_another_session_does_not_count(brand: Brand) -> None:
    mine, other = brand.browser(), brand.browser()

    answer = mine.post("/api/reading", headers={"X-CSRF-Token": other.headers["X-CSRF-Token"]})

    refused(answer, 403, "forged_request")


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:9999", "null", "http://evil@127.0.0.1"])
def test_a_write_from_another_page_is_refused_whatever_it_carries(brand: Brand, origin: str) -> None:
    answer = brand.browser().post("/api/reading", headers={"Origin": origin})

    refused(answer, 403, "forged_request")


def test_the_login_itself_cannot_be_sent_from_another_page(brand: Brand) -> None:
    answer = brand.client().post(
        "/api/login", json={"email": EMAIL, "password": PASSWORD}, headers={"Origin": "https://evil.example"}
    )

    refused(answer, 403, "forged_request")
    assert "set-cookie" not in answer.headers


def test_a_write_from_the_console_itself_goes_through(brand: Brand) -> None:
    got(brand.browser().post("/api/reading", headers={"Origin": HERE}), 202)

    assert brand.worker.asked == ["main"]


# ---- machines ---------------------------------------------------------------------------------------


def test_a_machine_with_a_token_needs_no_cookie_and_no_csrf_token(brand: Brand) -> None:
    got(brand.machine().post("/api/reading"), 202)


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", "错"])
def test_a_wrong_token_is_nobody(seen: Brand, token: str) -> None:
    answer = seen.client().get("/api/overview", headers={"Authorization": f"Bearer {token}".encode()})

    refused(answer, 401, "not_signed_in")


def test_a_token_is_shown_once_and_ends_when_it_is_revoked(brand: Brand) -> None:
    browser = brand.browser()
    made = got(browser.post("/api/tokens", json={"name": "数据平台"}))
    machine = brand.machine(made["token"])
    got(machine.get("/api/overview"))

    listed = got(browser.get("/api/tokens"))["items"]
    mine = next(token for token in listed if token["name"] == "数据平台")
    got(browser.delete(f"/api/tokens/{mine['token_id']}"))

    assert made["token"] not in str(listed)
    assert mine["last_used_at"] is not None
    refused(machine.get("/api/overview"), 401, "not_signed_in")
    refused(browser.delete(f"/api/tokens/{mine['token_id']}"), 404, "not_found")


# ---- roles and companies ----------------------------------------------------------------------------

ONLY_OWNERS = [
    ("GET", "/api/tokens", None), ("POST", "/api/tokens", {"name": "x"}), ("DELETE", "/api/tokens/x", None),
    ("GET", "/api/write-keys", None), ("POST", "/api/write-keys", {"name": "x"}), ("DELETE", "/api/write-keys/x", None),
    ("PUT", "/api/settings", {"name": "x", "time_zone": "UTC", "currency": "CNY"}), ("POST", "/api/backup", None),
    ("GET", "/api/backup/tiefen-20261126-120000.tar.gz", None), ("GET", "/api/audit", None), ("DELETE", "/api/demo", None),
    ("POST", "/api/persons/5/erase", {"confirm": "x"}), ("GET", "/api/persons/5/export", None),
    ("POST", "/api/persons/5/merge", {"with": 6}), ("POST", "/api/persons/5/split", {"handles": [5]}),
]  # fmt: skip


def test_an_operator_looks_at_everything_and_changes_nothing_that_cannot_be_taken_back(brand: Brand) -> None:
    demote(brand.ledger)
    operator = brand.browser()

    for method, path, body in ONLY_OWNERS:
        refused(operator.request(method, path, json=body), 403, "not_allowed")

    got(operator.get("/api/overview"))
    got(operator.post("/api/reading"), 202)


def test_who_is_not_signed_in_sees_nothing(seen: Brand) -> None:
    stranger = seen.client()
    paths = [path for path, does in got(stranger.get("/api/openapi.json"))["paths"].items() if "get" in does]

    for path in paths:
        answer = stranger.get(path.replace("{group}", "1").replace("{person}", "1").replace("{import_id}", "1"))

        if path not in {"/api/me", "/healthz"}:
            refused(answer, 401, "not_signed_in")


def test_another_companys_things_are_not_there(brand: Brand) -> None:
    mine = brand.machine()
    group = got(mine.get("/api/groups?limit=1"))["items"][0]["group"]
    person = got(mine.get("/api/persons?limit=1"))["items"][0]["person"]
    import_id = got(mine.get("/api/imports"))["items"][0]["import_id"]
    key = got(mine.post("/api/write-keys", json={"name": "shop"}))["write_key"]
    token = got(mine.get("/api/tokens"))["items"][0]["token_id"]
    other = brand.machine(another_company(brand.ledger))

    for method, path, body in [
        ("GET", f"/api/groups/{group}", None), ("GET", f"/api/groups/{group}/messages", None),
        ("GET", f"/api/persons/{person}", None), ("GET", f"/api/persons/{person}/timeline", None),
        ("GET", f"/api/persons/{person}/export", None), ("POST", f"/api/persons/{person}/erase", {"confirm": "x"}),
        ("POST", f"/api/persons/{person}/merge", {"with": person + 1}),
        ("POST", f"/api/persons/{person}/split", {"handles": [person]}), ("GET", f"/api/imports/{import_id}", None),
        ("PUT", f"/api/imports/{import_id}/mapping", {"format": "costs"}),
        ("POST", f"/api/imports/{import_id}/start", None), ("POST", f"/api/imports/{import_id}/cancel", None),
        ("GET", f"/api/imports/{import_id}/rejects", None), ("GET", f"/api/imports/{import_id}/rejects.csv", None),
        ("POST", f"/api/imports/{import_id}/replay", None), ("DELETE", f"/api/write-keys/{key}", None),
        ("DELETE", f"/api/tokens/{token}", None),
    ]:  # fmt: skip
        refused(other.request(method, path, json=body), 404, "not_found")


def test_another_companys_lists_are_empty(brand: Brand) -> None:
    other = brand.machine(another_company(brand.ledger))
    mine = got(brand.machine().get("/api/persons?limit=1"))["items"][0]["person"]

    for path in (
        "groups",
        "persons",
        "sources",
        "findings",
        "imports",
        "rejected-events",
        f"facts?person={mine}",
        "facts",
    ):
        assert got(other.get(f"/api/{path}"))["items"] == []
    assert got(other.get("/api/overlap"))["pairs"] == []
    assert got(other.get("/api/overview"))["reading"] is None


def test_two_people_of_different_companies_cannot_become_one(brand: Brand) -> None:
    brand.ledger.ensure_corp("other")
    brand.track({"type": "identify", "userId": "妙玉", "messageId": "n1"}, corp_id="other")
    mine = got(brand.machine().get("/api/persons?limit=1"))["items"][0]["person"]
    stranger = brand.ledger.snapshot("other").rows["person"]["person"].to_pylist()[0]

    answer = brand.machine().post(f"/api/persons/{mine}/merge", json={"with": stranger})

    refused(answer, 404, "not_found")


def test_somebody_signed_in_may_look_at_another_of_their_companies(brand: Brand) -> None:
    brand.ledger.ensure_corp("demo", name="演示", demo=True)
    browser = brand.browser()

    got(browser.post("/api/corp/switch", json={"corp_id": "demo"}))

    assert got(browser.get("/api/me"))["corp"]["corp_id"] == "demo"
    assert got(browser.get("/api/groups"))["total"] == 0
    refused(browser.post("/api/corp/switch", json={"corp_id": "nowhere"}), 404, "corp_not_found")


# ---- the demo ---------------------------------------------------------------------------------------


def test_who_removes_the_demo_looks_at_their_own_company_from_then_on(brand: Brand) -> None:
    brand.ledger.ensure_corp("demo", name="演示", demo=True)
    brand.track({"type": "identify", "userId": "妙玉", "traits": {"name": "妙玉"}, "messageId": "n1"}, corp_id="demo")
    visitor = brand.client()
    follow(visitor, make_login_link(brand.ledger, "demo", HERE))
    visitor.headers["X-CSRF-Token"] = got(visitor.get("/api/me"))["csrf"]

    assert got(visitor.delete("/api/demo")) == {"removed": ["demo"]}

    me = got(visitor.get("/api/me"))
    assert me["corp"]["corp_id"] == "main"
    assert [corp["corp_id"] for corp in me["corps"]] == ["main"]
    refused(visitor.delete("/api/demo"), 404, "not_found")
