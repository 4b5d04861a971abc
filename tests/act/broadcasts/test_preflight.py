"""Before it goes out: who would get it and who would not and why, and what it asks of staff."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.act.broadcasts.scenes import NOW, Shop, id_of, said
from tests.conftest import CORP
from tiefen.act import outbox
from tiefen.act.broadcasts import preflight as checking
from tiefen.act.broadcasts.errors import BadPlan
from tiefen.act.broadcasts.keeping import Broadcast
from tiefen.act.broadcasts.plan import ToGroups, ToPersons, When
from tiefen.act.broadcasts.preflight import Preflight, preflight
from tiefen.act.broadcasts.trying import as_example, try_on
from tiefen.kit.clock import DAY_US
from tiefen.ledger.batch import Batch
from tiefen.ledger.facts import MemberJoined
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import wecom_contacts
from tiefen.ledger.schema.touches import proposals

pytestmark = pytest.mark.stores
HOUR = DAY_US // 24


@pytest.fixture
def shop(ledger: Ledger) -> Shop:
    ledger.update_settings(CORP, {"policy": {"holdout": 0.0}})
    return Shop(ledger)


def look(shop: Shop, of: Broadcast) -> Preflight:
    return preflight(shop.ledger, shop.ledger.settings, CORP, of, NOW)


def test_it_says_who_would_get_it_and_proposes_nothing(shop: Shop) -> None:
    shop.people("黛玉", "悟空")
    draft = shop.draft()

    seen = look(shop, draft)

    assert (seen.audience, seen.judged, seen.go, seen.held_out) == (2, 2, 2, 0)
    assert seen.arms == (("A", 2),)
    assert {sample.message.text for sample in seen.samples if sample.message} == {"黛玉，新茶到了", "悟空，新茶到了"}
    with shop.ledger.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(proposals)).scalar_one() == 0


def test_an_audience_of_nobody_is_seen_before_it_is_approved(shop: Shop) -> None:
    seen = look(shop, shop.draft(whom=ToPersons(segments=("nobody",))))

    assert (seen.audience, seen.judged, seen.go, seen.samples) == (0, 0, 0, ())


def test_it_says_who_would_not_and_why(shop: Shop) -> None:
    shop.people("黛玉", city="苏州")
    shop.people("悟空")
    (lost,) = shop.people("八戒", city="高老庄")
    with shop.ledger.write() as connection:
        gone = wecom_contacts.c.external_userid == id_of("八戒").value
        connection.execute(sa.update(wecom_contacts).where(gone).values(lost_us=NOW - HOUR))
    draft = shop.draft(variants=(said("{{ city }}的雨停了吗"),), whom=ToPersons(everyone=True, persons=(lost,)))

    seen = look(shop, draft)

    assert seen.go == 1
    assert {(why.reason, why.times) for why in seen.refused} == {("missing_variable", 1), ("lost_contact", 1)}
    assert all(why.zh and why.en for why in seen.refused)
    assert seen.missing == (("city", 1),)


def test_words_for_each_alone_are_a_task_each_and_the_same_words_one(shop: Shop) -> None:
    shop.people("黛玉", "悟空", "八戒")
    shop.people("沙僧", staff="xiren")

    own, same = look(shop, shop.draft()), look(shop, shop.draft(variants=(said("新茶到了"),)))

    assert {(load.name, load.recipients, load.tasks) for load in own.staff} == {("平儿", 3, 3), ("袭人", 1, 1)}
    assert {(load.name, load.recipients, load.tasks) for load in same.staff} == {("平儿", 3, 1), ("袭人", 1, 1)}
    assert (own.texts, same.texts) == (4, 1)


def test_at_night_it_waits_for_the_morning(shop: Shop) -> None:
    shop.people("黛玉")
    night = shop.draft(when=When(kind="at", at_us=NOW + 11 * HOUR))  # 23:00

    seen = look(shop, night)

    assert (seen.go, [(why.reason, why.times) for why in seen.postponed]) == (0, [("quiet_hours", 1)])
    assert seen.postponed[0].until_us == NOW + 20 * HOUR + HOUR // 2  # 8:30


def test_groups_are_seen_by_their_members_and_cost_each_a_part_of_their_attention(shop: Shop) -> None:
    poets = shop.group("wr1", "海棠诗社")
    shop.people("黛玉", "悟空")
    joined = [
        MemberJoined(happened_us=NOW - DAY_US, source_id=name, group="wr1", member=id_of(name))
        for name in ("黛玉", "悟空")
    ]
    shop.ledger.append(Batch(CORP, "scene", joined))

    seen = look(shop, shop.draft(whom=ToGroups(groups=(poets,)), variants=(said("明天读书会"),)))

    assert (seen.go, seen.seen_by, seen.attention) == (1, 2, 0.2)


def test_a_large_audience_is_judged_by_a_sample(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "MOST_JUDGED", 50)
    shop.crowd(200)

    seen = look(shop, shop.draft())

    assert (seen.audience, seen.judged, seen.sampled) == (200, 50, True)


def test_what_may_not_be_said_stops_it_and_is_told_by_variant(shop: Shop) -> None:
    shop.people("黛玉")
    seen = look(shop, shop.draft(variants=(said("好茶", "A"), said("国家级好茶", "B"))))

    assert seen.stops
    assert [(name, [one.check.key for one in found]) for name, found in seen.findings] == [
        ("A", []), ("B", ["absolute_words"]),
    ]  # fmt: skip


def test_a_text_like_one_of_this_week_is_told(shop: Shop) -> None:
    shop.people("黛玉")
    text = "园子里的桂花开了，这批桂花乌龙只焙了一炉，想留一罐的话回我一声"
    shop.approve(shop.draft(variants=(said(text),)))
    shop.turn()

    seen = look(shop, shop.draft(variants=(said(text + "呀"),)))

    assert [one.check.key for _, found in seen.findings for one in found] == ["said_lately"]


def test_half_a_draft_cannot_be_looked_at(shop: Shop) -> None:
    with pytest.raises(BadPlan):
        look(shop, shop.draft(variants=()))


def test_trying_it_proposes_one_message_to_one_person_with_examples_for_what_is_not_known(shop: Shop) -> None:
    (daiyu,) = shop.people("黛玉")
    draft = shop.draft(variants=(said("{{ name }}，{{ city }}的雨停了吗"),))

    proposal = try_on(shop.ledger, shop.ledger.settings, CORP, draft, daiyu, "A", NOW)

    (row,) = shop.rows(draft)
    with shop.ledger.read() as connection:
        text = outbox.content(connection, CORP, row.content_id).text
    assert (row.proposal_id, row.step, row.purpose, text) == (proposal, "test", "service", "黛玉，苏州的雨停了吗")
    assert as_example(draft, "A").text == "黛玉，苏州的雨停了吗"
    with pytest.raises(BadPlan):
        as_example(draft, "B")
