"""The population in a sandbox: its history on the phones, its life with the clock, and what messages do to it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.core.asking import Caller
from tiefen.sandbox import Delivered, NotPossible, Sandbox, Tasked
from tiefen.sandbox.population import AlreadyPopulated, NotPopulated, answers, live, populate
from tiefen.sandbox.population.acts import Act, Doer
from tiefen.sandbox.population.key import costs
from tiefen.sandbox.population.living import Living
from tiefen.sandbox.population.reactions import freshness, kind_of

pytestmark = [pytest.mark.slow, pytest.mark.long]

NOW = datetime(2026, 11, 30, 4, 0, tzinfo=UTC)
DAY = 86_400.0
SMALL: dict[str, Any] = {"groups": 8, "people": 240, "days": 40}


def opened(folder: Path | None = None) -> Sandbox:
    return Sandbox.open(folder, speed=None, start=NOW)


@pytest.fixture(scope="module")
def lived() -> Iterator[Sandbox]:
    """A small history that nobody changes."""
    with opened() as box:
        populate(box, **SMALL)
        yield box


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with opened() as box:
        populate(box, **SMALL)
        yield box


def rows(box: Sandbox, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in box.store.run(sql)]


def everything(box: Sandbox) -> dict[str, list[tuple[Any, ...]]]:
    return {
        "stays": rows(box, "SELECT chat_id, member_id, joined, left_at FROM stays ORDER BY joined, id"),
        "follows": rows(box, "SELECT userid, external_userid, created, state, left_by_person FROM follows ORDER BY id"),
        "messages": rows(box, "SELECT msgid, sender, roomid, at, content, reply_to FROM messages ORDER BY seq"),
        "orders": rows(box, "SELECT order_id, person, fen, refunded, at FROM orders ORDER BY at, order_id"),
    }


# ---- history ----


def test_nothing_happens_after_now_and_all_of_it_in_the_days_asked_for(lived: Sandbox) -> None:
    first, last = rows(lived, "SELECT min(at), max(at) FROM messages")[0]

    assert NOW.timestamp() - 40 * DAY <= first
    assert last <= NOW.timestamp() == lived.clock.now()


def test_whatever_people_wanted_to_do_they_could_do(monkeypatch: pytest.MonkeyPatch) -> None:
    refused: list[str] = []
    do = Doer._say, Doer._join, Doer._add, Doer._create, Doer._buy

    def watched(real: Any) -> Any:
        def act(self: Doer, *args: Any) -> None:
            try:
                real(self, *args)
            except (NotPossible, KeyError) as error:
                refused.append(str(error))

        return act

    for real in do:
        monkeypatch.setattr(Doer, real.__name__, watched(real))
    with opened() as box:
        populate(box, **SMALL)

    assert refused == []


def test_the_sandbox_has_those_contacts_and_members_that_the_key_says(lived: Sandbox) -> None:
    key = answers(lived)
    truth = lived.truth(key["corpid"])
    contacts = {external for _, external in truth.contacts()}

    working = {one["userid"] for one in key["staff"] if one["resigned_on"] is None}
    said = {p["external_userid"] for p in key["people"] if p["staff"] in working and not p["lost_on"]}
    assert len(said - contacts) <= 0.05 * len(said)  # of today's some come later in the day
    for group in key["groups"]:
        assert set(group["circles"]) <= truth.members(group["chat_id"])


def test_answers_and_mentions_reach_the_sandbox(lived: Sandbox) -> None:
    answered = rows(lived, "SELECT count(*) FROM messages WHERE reply_to IS NOT NULL AND roomid != ''")[0][0]
    mentioned = rows(lived, "SELECT count(*) FROM messages WHERE content LIKE '%\"mentions\"%'")[0][0]

    assert answered > 0.2 * rows(lived, "SELECT count(*) FROM messages WHERE roomid != ''")[0][0]
    assert mentioned > 10


def test_people_come_by_the_sources_of_the_key_and_staff_write_things_down(lived: Sandbox) -> None:
    by_state = Counter(row[0] for row in rows(lived, "SELECT state FROM follows"))
    told = {s["name"]: s["contacts"] for s in answers(lived)["sources"] if s["state"]}

    assert sum(told.values()) - sum(by_state[name] for name in told) <= 5  # today's, who come later in the day
    assert all(by_state[name] for name, contacts in told.items() if contacts > 3)
    assert rows(lived, "SELECT count(*) FROM follow_tags")[0][0] > 20
    assert rows(lived, "SELECT count(*) FROM follows WHERE remark != ''")[0][0] > 20


def test_the_staff_member_who_resigned_leaves_customers_to_hand_over(lived: Sandbox) -> None:
    gone = rows(lived, "SELECT userid FROM users WHERE left_at IS NOT NULL")

    assert len(gone) == 1
    assert (
        rows(lived, f"SELECT count(*) FROM follows WHERE userid = '{gone[0][0]}' AND owner_left IS NOT NULL")[0][0] > 0
    )


def test_a_history_cut_short_is_completed_and_is_the_same(tmp_path: Path) -> None:
    def stop(day: int, of: int) -> None:
        if day == 17:
            raise KeyboardInterrupt

    with opened(tmp_path / "cut") as box, pytest.raises(KeyboardInterrupt):
        populate(box, **SMALL, progress=stop)
    with opened(tmp_path / "cut") as box:
        populate(box, **SMALL)
        cut = everything(box)
    with opened(tmp_path / "whole") as box:
        populate(box, **SMALL)
        whole = everything(box)

    assert cut == whole


def test_a_history_is_lived_once(box: Sandbox) -> None:
    before = everything(box)

    populate(box, **SMALL)

    assert everything(box) == before
    with pytest.raises(AlreadyPopulated):
        populate(box, groups=9, people=240, days=40)


def test_costs_are_told_day_by_day_for_those_who_came(lived: Sandbox) -> None:
    spent = Counter[str]()
    for _, source, fen in costs(lived):
        spent[source] += fen

    assert spent == Counter({s["name"]: s["spent_fen"] for s in answers(lived)["sources"] if s["spent_fen"]})


# ---- life with the clock ----


def test_life_goes_on_with_the_clock(box: Sandbox) -> None:
    live(box)

    box.clock.step(3 * DAY)

    said = rows(box, f"SELECT at FROM messages WHERE at > {NOW.timestamp()} ORDER BY at")
    assert len(said) > 60
    assert {int((at - NOW.timestamp()) // DAY) for (at,) in said} == {0, 1, 2}
    assert rows(box, f"SELECT count(*) FROM follows WHERE created > {NOW.timestamp()}")[0][0] > 3


def test_life_is_the_same_whether_the_sandbox_was_closed_in_between_or_not(tmp_path: Path) -> None:
    with opened(tmp_path / "once") as box:
        populate(box, **SMALL)
        live(box)
        box.clock.step(2.5 * DAY)
        once = everything(box)
    with opened(tmp_path / "often") as box:
        populate(box, **SMALL)
    for step in (0.4, 0.3, 0.9, 0.9):
        with opened(tmp_path / "often") as box:
            live(box)
            box.clock.step(step * DAY)
            often = everything(box)

    assert often == once


def test_nobody_lives_where_nobody_was_populated() -> None:
    with opened() as box:
        with pytest.raises(NotPopulated):
            live(box)
        with pytest.raises(NotPopulated):
            answers(box)


# ---- what messages do ----


@pytest.fixture
def town() -> Iterator[tuple[Sandbox, Living]]:
    """More people, whose talk does not matter here."""
    with opened() as box:
        populate(box, groups=4, people=1_000, days=15)
        yield box, live(box)


def tell(box: Sandbox, corpid: str, text: str, to: list[tuple[str, str]], msgid: str, kind: str = "single") -> None:
    """A message reaches people, as when staff confirm it."""
    with box.bulk():
        for userid, external in to:
            told = Delivered(corpid, kind, userid, external, {"text": {"content": text}}, msgid, box.clock.now())
            for hears in box.listeners.delivered:
                hears(told)


def contacts(box: Sandbox) -> list[tuple[str, str]]:
    return sorted(box.truth(box.corps()[0].corpid).contacts(), key=lambda pair: pair[1])


def buyers(box: Sandbox, since: float) -> Counter[str]:
    asked = f"SELECT e.external_userid FROM orders o JOIN externals e ON e.person = o.person WHERE o.at > {since}"
    return Counter(row[0] for row in rows(box, asked))


OFFER = "【福利】龙井限时88元，小程序里下单"


def test_what_an_offer_truly_adds_is_found_by_holding_half_back(town: tuple[Sandbox, Living]) -> None:
    box, living = town
    everybody = contacts(box)
    treated, held_out = everybody[::2], everybody[1::2]
    start = box.clock.now()

    tell(box, living.plan.corpid, OFFER, treated, "m1")
    box.clock.step(3 * DAY)

    bought = buyers(box, start)
    lift = sum(bought[e] for _, e in treated) / len(treated) - sum(bought[e] for _, e in held_out) / len(held_out)
    key = answers(box)
    (message,) = key["messages"]
    true = message["orders_expected"] / message["people"]
    error = 3 * (0.12 / len(treated)) ** 0.5
    assert message["kind"] == "offer"
    assert message["people"] == len(treated)
    assert true == pytest.approx(key["effects"]["offer"]["orders"], rel=0.25)
    assert abs(lift - true) < error
    assert lift > 0


def test_too_much_selling_makes_people_mute_and_delete_and_value_does_not(town: tuple[Sandbox, Living]) -> None:
    box, living = town
    everybody = contacts(box)
    sold_to, cared_for = everybody[::2], everybody[1::2]

    for day in range(8):
        tell(box, living.plan.corpid, OFFER, sold_to, f"sell{day}a")
        tell(box, living.plan.corpid, OFFER, sold_to, f"sell{day}b")
        tell(box, living.plan.corpid, "【今日茶识】水温和出汤怎么配", cared_for, f"value{day}")
        box.clock.step(DAY)

    did = Counter({(row["kind"], row["did"]): row["n"] for row in answers(box, people=False)["did"]})
    left = {row[0] for row in rows(box, "SELECT external_userid FROM follows WHERE left_by_person IS NOT NULL")}
    assert did["offer", "mute"] > 0.2 * len(sold_to)
    assert did["offer", "delete"] > 0.05 * len(sold_to)
    assert did["value", "mute"] < 0.3 * did["offer", "mute"]
    assert sum(e in left for _, e in sold_to) > 2 * sum(e in left for _, e in cared_for)
    assert rows(box, "SELECT count(*) FROM mutes")[0][0] >= did["offer", "mute"] * 0.9


def test_in_a_group_a_message_does_less_than_in_person_and_reaches_those_who_are_there(
    town: tuple[Sandbox, Living],
) -> None:
    box, living = town
    group = answers(box, people=False)["groups"][0]

    tell(box, living.plan.corpid, OFFER, [("qinghe01", group["chat_id"])], "g1", kind="group")

    (message,) = answers(box, people=False)["messages"]
    customers = [m for m in box.truth(living.plan.corpid).members(group["chat_id"]) if m.startswith("wm")]
    assert message["people"] == len(customers)
    assert (
        message["orders_expected"] / message["people"] < 0.6 * answers(box, people=False)["effects"]["offer"]["orders"]
    )


def test_staff_confirm_most_tasks_some_late_and_nobody_at_night(town: tuple[Sandbox, Living]) -> None:
    box, living = town
    waiting = box.store.value("SELECT count(*) FROM due WHERE kind = 'population.act'")

    for number in range(60):
        for userid in ("qinghe01", "qinghe02", "qinghe03"):
            living.reactions.tasked(Tasked(living.plan.corpid, userid, f"t{number}", "single", box.clock.now()))

    asked = "SELECT at, payload FROM due WHERE kind = 'population.act' AND payload LIKE '%\"confirm\"%'"
    at = [row[0] for row in rows(box, asked)]
    assert box.store.value("SELECT count(*) FROM due WHERE kind = 'population.act'") - waiting == len(at)
    assert 0.7 * 180 < len(at) < 180
    assert sum(later > box.clock.now() + 8 * 3_600 for later in at) > 15
    assert all(1 <= (datetime.fromtimestamp(moment, UTC).hour) < 14 for moment in at)  # nine to ten at night in China


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("【福利】今晚龙井限时88元，抢", "offer"),
        ("【今日茶识】水温为什么要紧", "value"),
        ("周六下午线下茶会，欢迎来", "event"),
        ("今天喝的什么茶？", "question"),
        ("降温了，注意身体", "care"),
        ("好的", "other"),
    ],
)
def test_a_message_is_what_its_words_make_it(words: str, kind: str) -> None:
    assert kind_of({"text": {"content": words}}) == kind


def test_titles_of_what_is_attached_count_and_a_welcome_that_sells_is_an_offer() -> None:
    link = {"text": {"content": "看看"}, "attachments": [{"msgtype": "link", "link": {"title": "龙井秒杀"}}]}

    assert kind_of(link) == "offer"
    assert kind_of({"text": {"content": "欢迎你"}}, "welcome") == "welcome"
    assert kind_of({"text": {"content": "欢迎，新人9.9元"}}, "welcome") == "offer"


def test_the_tired_take_nothing_in() -> None:
    assert freshness(0.5, 2.0) == 1.0
    assert freshness(3.0, 2.0) == 0.5
    assert freshness(9.0, 2.0) == 0.0


# ---- the key ----


def test_the_key_is_json_and_knows_everybody(lived: Sandbox) -> None:
    key = json.loads(json.dumps(answers(lived)))

    assert key["groups"]
    assert key["advertisers"] is not None
    assert len(key["people"]) >= 200
    assert all(person["bears"] > 0 for person in key["people"])
    assert answers(lived, people=False)["people"] == []


def test_people_who_have_gone_are_expected_to_buy_nothing(lived: Sandbox) -> None:
    people = answers(lived)["people"]

    assert all(p["orders_ahead"] == 0 for p in people if p["lost_on"])
    assert any(p["fen_ahead"] > 5_000 for p in people)


# ---- the whole way: asked for by the API, done by people ----


def test_an_offer_asked_for_by_the_api_is_confirmed_and_sells(town: tuple[Sandbox, Living]) -> None:
    box, living = town
    api, start = Caller(box, box.keys(living.plan.corpid)), box.clock.now()
    mine = [external for userid, external in contacts(box) if userid == "qinghe01"]

    asked = api.post(
        "externalcontact/add_msg_template", chat_type="single", external_userid=mine, sender="qinghe01", text={"content": OFFER}
    )  # fmt: skip
    box.clock.step(4 * DAY)

    assert asked["errcode"] == 0
    api.token()
    sent = api.post("externalcontact/get_groupmsg_task", msgid=asked["msgid"])["task_list"]
    assert [task["status"] for task in sent] == [2]
    (message,) = answers(box, people=False)["messages"]
    assert message["people"] > 0.9 * len(mine)
    caused = rows(box, f"SELECT count(*) FROM orders WHERE at > {start} AND order_id LIKE 'QHM%'")[0][0]
    noted = rows(box, "SELECT count(*) FROM population_effects WHERE did = 'order'")[0][0]
    assert caused == noted


def test_newcomers_take_the_codes_that_the_brand_has_made(town: tuple[Sandbox, Living]) -> None:
    box, living = town
    api, start = Caller(box, box.keys(living.plan.corpid)), box.clock.now()
    for state in ("门店二维码", "新春海报"):
        made = api.post("externalcontact/add_contact_way", type=1, scene=2, user=["qinghe02"], state=state)
        assert made["errcode"] == 0

    box.clock.step(6 * DAY)

    came = Counter(
        dict(rows(box, f"SELECT state, count(*) FROM follows WHERE created > {start} AND way IS NOT NULL GROUP BY 1"))
    )
    assert came["门店二维码"] > 3
    assert came["新春海报"] > 3
    assert answers(box, people=False)["entrances"] == came


def test_those_who_were_handed_over_go_on_with_their_new_staff(town: tuple[Sandbox, Living]) -> None:
    box, living = town
    api = Caller(box, box.keys(living.plan.corpid))
    userid, external = contacts(box)[0]
    other = "qinghe02" if userid != "qinghe02" else "qinghe03"
    api.post(
        "externalcontact/transfer_customer", handover_userid=userid, takeover_userid=other, external_userid=[external]
    )
    box.clock.step(2 * DAY)
    person = box.store.value("SELECT person FROM externals WHERE external_userid = ?", external)
    number = living.doer.names.numbers[person]

    living.doer.do(
        Act(box.clock.now(), "tell", (number, -1 - [s.userid for s in living.society.staff].index(userid), "在吗"))
    )

    assert rows(box, "SELECT tolist FROM messages ORDER BY seq DESC LIMIT 1")[0][0] == f'["{other}"]'
