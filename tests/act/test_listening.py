"""Budgets follow what is told of people, and the gate keeps them."""

from __future__ import annotations

import msgspec
import pytest
import sqlalchemy as sa

from tests.act.scenes import NOON, Firm
from tests.conftest import CORP
from tiefen.act import known, listening
from tiefen.decide.attention import Attention
from tiefen.kit.clock import DAY_US
from tiefen.kit.settings import Settings
from tiefen.ledger.facts import ContactLost, Id, LinkClicked, MemberLeft, MessagePosted, OrderPaid, TouchMoved
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema.touches import attention

pytestmark = pytest.mark.stores


@pytest.fixture
def firm(ledger: Ledger) -> Firm:
    firm = Firm(ledger)
    listens(firm)
    return firm


def listens(firm: Firm, now_us: int = NOON) -> dict[int, Attention]:
    """The turn, to its end; by person what was learned."""
    while listening.turn(firm.ledger, Settings(data=firm.ledger.settings.data), CORP, now_us):
        pass
    with firm.ledger.read() as connection:
        rows = connection.execute(sa.select(attention.c.person, attention.c.why)).all()
    return {row.person: msgspec.json.decode(row.why, type=Attention) for row in rows}


def reached(name: str, at_us: int, *, state: str = "delivered", channel: str = "wecom.broadcast") -> TouchMoved:
    return TouchMoved(
        happened_us=at_us, source_id=f"{name}:{at_us}:{state}", touch=f"{name}:{at_us}", state=state,
        person=Id("external_userid", name), channel=channel,
    )  # fmt: skip


def clicked(name: str, at_us: int) -> LinkClicked:
    return LinkClicked(happened_us=at_us, source_id=f"{name}:{at_us}", person=Id("external_userid", name), link="a")


def lost(name: str, at_us: int, by: str = "person") -> ContactLost:
    return ContactLost(happened_us=at_us, source_id=f"{name}:{at_us}", person=Id("external_userid", name), by=by)


def test_answers_silence_and_leaving_move_the_budget(firm: Firm) -> None:
    daiyu, baochai, tanchun = firm.people("黛玉", "宝钗", "探春")
    firm.tells(*(reached(name, NOON - 5 * DAY_US) for name in ("黛玉", "宝钗", "探春")))
    firm.tells(clicked("黛玉", NOON - 4 * DAY_US), lost("探春", NOON - 4 * DAY_US))

    found = listens(firm)

    assert found[tanchun].budget < found[baochai].budget < 3.0 < found[daiyu].budget


def test_what_is_not_a_message_to_somebody_costs_nothing(firm: Firm) -> None:
    (daiyu,) = firm.people("黛玉")
    firm.tells(
        reached("黛玉", NOON - 5 * DAY_US, state="sent"), reached("黛玉", NOON - 6 * DAY_US, channel="wecom.welcome")
    )

    assert daiyu not in listens(firm)


def test_that_somebody_stayed_silent_is_learned_when_three_days_have_passed(firm: Firm) -> None:
    (daiyu,) = firm.people("黛玉")
    firm.tells(reached("黛玉", NOON - DAY_US))
    assert listens(firm)[daiyu].ignored == 0

    assert listens(firm, NOON + DAY_US)[daiyu].ignored == 0
    assert listens(firm, NOON + 2 * DAY_US + 1)[daiyu].ignored == 1


def wrote(
    name: str, group: str, at_us: int, *, to: str = "", mentions: str = "", by_staff: bool = False
) -> MessagePosted:
    staff = [Id("staff_userid", one) if one else None for one in (to, mentions)]
    return MessagePosted(
        happened_us=at_us, source_id=f"{name}:{at_us}", group=group, by_staff=by_staff,
        member=Id("staff_userid" if by_staff else "external_userid", name), reply_to=staff[0],
        mentions=tuple(one for one in staff[1:] if one is not None),
    )  # fmt: skip


def test_who_writes_to_staff_after_a_message_has_answered_it(firm: Firm) -> None:
    daiyu, baochai, tanchun, xiangyun = firm.people("黛玉", "宝钗", "探春", "湘云")
    firm.group("诗社", "黛玉", "宝钗", "探春", "湘云")
    firm.tells(*(reached(name, NOON - 5 * DAY_US) for name in ("黛玉", "宝钗", "探春", "湘云")))
    firm.tells(wrote("xifeng", "诗社", NOON - 5 * DAY_US + 1, by_staff=True))
    firm.tells(
        wrote("黛玉", "诗社", NOON - 4 * DAY_US, to="xifeng"), wrote("宝钗", "诗社", NOON - 3 * DAY_US, mentions="xifeng"),
        wrote("探春", "诗社", NOON - 4 * DAY_US), wrote("湘云", "诗社", NOON - DAY_US, to="xifeng"),
    )  # fmt: skip

    found = listens(firm)

    assert [found[one].answered for one in (daiyu, baochai, tanchun, xiangyun)] == [1, 1, 0, 0]
    assert found[xiangyun].budget < 3.0 < found[daiyu].budget


def test_who_writes_in_a_group_that_was_told_something_has_answered(firm: Firm) -> None:
    daiyu, baochai, tanchun = firm.people("黛玉", "宝钗", "探春")
    group, other = firm.group("诗社", "黛玉", "宝钗"), firm.group("厨房", "探春")
    firm.proposes(firm.say(group, group=True, due=NOON - 5 * DAY_US), now_us=NOON - 5 * DAY_US)
    firm.gate(NOON - 5 * DAY_US)
    firm.tells(*(reached(name, NOON - 5 * DAY_US) for name in ("黛玉", "宝钗", "探春")))
    firm.tells(
        wrote("黛玉", "诗社", NOON - 4 * DAY_US),
        wrote("宝钗", "诗社", NOON - DAY_US),
        wrote("探春", "厨房", NOON - 4 * DAY_US),
    )

    found = listens(firm)

    assert other
    assert [found[one].answered for one in (daiyu, baochai, tanchun)] == [1, 0, 0]


def test_who_bought_or_clicked_has_answered(firm: Firm) -> None:
    daiyu, baochai = firm.people("黛玉", "宝钗")
    firm.tells(*(reached(name, NOON - 5 * DAY_US) for name in ("黛玉", "宝钗")), clicked("宝钗", NOON - 4 * DAY_US))
    firm.tells(
        OrderPaid(
            happened_us=NOON - 3 * DAY_US, source_id="o", person=Id("external_userid", "黛玉"), order="o", amount_fen=9
        )
    )

    found = listens(firm)

    assert [found[one].answered for one in (daiyu, baochai)] == [1, 1]


def test_what_a_message_was_for_is_known_to_what_is_learned(firm: Firm) -> None:
    people = firm.people("黛玉", "宝钗")
    then = NOON - 5 * DAY_US
    for one, name, purpose in zip(people, ("黛玉", "宝钗"), ("care", "sell"), strict=True):
        firm.proposes(firm.say(one, id=f"{name}:{then}", purpose=purpose, due=then), now_us=then)
    firm.tells(*(reached(name, then) for name in ("黛玉", "宝钗")))

    found = listens(firm, NOON + DAY_US)

    assert [found[one].ignored for one in people] == [1, 1]
    assert found[people[1]].budget < found[people[0]].budget < 3.0
    with firm.ledger.read() as connection:
        wears = known.learned_weariness(connection, CORP).wears
    assert {purpose: wear.told for purpose, wear in wears.items()} == {"care": 1, "sell": 1}


def test_staff_who_delete_somebody_are_not_taken_for_them(firm: Firm) -> None:
    (daiyu,) = firm.people("黛玉")
    firm.tells(reached("黛玉", NOON - 5 * DAY_US), lost("黛玉", NOON - 4 * DAY_US, by="staff"))

    assert listens(firm)[daiyu].left == 0


def test_who_leaves_a_group_after_a_message_has_left(firm: Firm) -> None:
    (daiyu,) = firm.people("黛玉")
    firm.group("诗社", "黛玉")
    firm.tells(
        reached("黛玉", NOON - 5 * DAY_US),
        MemberLeft(
            happened_us=NOON - 4 * DAY_US, source_id="l", group="诗社", member=Id("external_userid", "黛玉"), how="left"
        ),
    )  # fmt: skip

    assert listens(firm)[daiyu].left == 1


def test_what_was_learned_of_two_who_are_one_is_learned_anew(firm: Firm) -> None:
    daiyu, linmei = firm.people("黛玉", "林妹妹")
    firm.tells(reached("黛玉", NOON - 5 * DAY_US), reached("林妹妹", NOON - 6 * DAY_US))
    assert listens(firm)[daiyu].ignored == 1
    firm.ledger.merge(CORP, daiyu, linmei)

    assert listens(firm, NOON + DAY_US)[daiyu].ignored == 2


def test_a_message_costs_more_where_messages_drive_people_away(firm: Firm) -> None:
    names = [f"客{n}" for n in range(400)]
    everybody = firm.people(*names)
    firm.tells(*(reached(name, NOON - 5 * DAY_US) for name in names[:300]))
    firm.tells(*(lost(name, NOON - 4 * DAY_US) for name in names[:100]))

    found = listens(firm, NOON + 2 * DAY_US)

    staying = found[everybody[200]]
    assert staying.leave_after is not None
    assert staying.leave_anyway is not None
    assert staying.leave_after > staying.leave_anyway
    assert staying.weariness_fen > 0
    assert staying.value_fen == 5_000


def test_the_gate_keeps_a_budget_that_was_learned(firm: Firm) -> None:
    (daiyu,) = firm.people("黛玉")
    firm.tells(reached("黛玉", NOON - 5 * DAY_US), lost("黛玉", NOON - 5 * DAY_US + 1))
    assert listens(firm)[daiyu].budget < 1.0
    firm.proposes(firm.say(daiyu, id="a"), firm.say(daiyu, id="b", due=NOON + 1))
    firm.gate()

    assert firm.gate(NOON + 1) == {"a": "admitted", "b": "proposed over_budget"}
