"""Words of their own cost staff a tap each: who gets them, who gets the plain ones, and what the check before says of it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.act.broadcasts.scenes import NOW, TEXT, Shop, id_of, said
from tests.conftest import CORP
from tiefen.act import outbox
from tiefen.act.admitting import admit_due
from tiefen.act.broadcasts import preflight as checking
from tiefen.act.broadcasts import proposing
from tiefen.act.broadcasts.errors import BadPlan
from tiefen.act.broadcasts.keeping import Broadcast
from tiefen.act.broadcasts.plan import ToGroups
from tiefen.act.broadcasts.preflight import Preflight, preflight
from tiefen.kit.clock import DAY_US
from tiefen.ledger.batch import Batch
from tiefen.ledger.facts import MemberJoined
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import wecom_staff

pytestmark = pytest.mark.stores
PLAIN = "朋友，新茶到了"


@pytest.fixture
def shop(ledger: Ledger) -> Shop:
    """People get words of their own up to three taps a day."""
    follows(ledger, personal_taps=3)
    return Shop(ledger)


def follows(ledger: Ledger, **policy: object) -> None:
    usual = {"holdout": 0.0, "person": {"day": None, "month": None}, "staff_tasks": 1000}
    ledger.update_settings(CORP, {"policy": usual | policy})


def look(shop: Shop, of: Broadcast) -> Preflight:
    return preflight(shop.ledger, shop.ledger.settings, CORP, of, NOW)


def load(seen: Preflight) -> dict[str, tuple[int, int, int, int]]:
    """By member of staff: people, taps with words of their own for all, taps as it is, and how many get plain words."""
    return {one.userid: (one.recipients, one.tasks_personal, one.tasks, one.plain) for one in seen.staff}


def sent(shop: Shop, of: Broadcast, at: int = NOW) -> list[str]:
    """It goes out; every text as often as it is said."""
    shop.approve(of, at)
    shop.turn(at)
    while admit_due(shop.ledger, shop.ledger.settings, CORP, at):
        pass
    with shop.ledger.read() as connection:
        return [outbox.content(connection, CORP, row.content_id).text for row in shop.rows(of)]


def taps(shop: Shop, of: Broadcast) -> dict[str, int]:
    """By member of staff: different contents, each a task."""
    rows = {(row.sender, row.content_id) for row in shop.rows(of) if row.state == "admitted"}
    return {userid: sum(sender == userid for sender, _ in rows) for userid in {sender for sender, _ in rows}}


def test_who_has_few_people_speaks_to_each_by_name_and_who_has_many_says_the_same_to_all(shop: Shop) -> None:
    shop.people("黛玉", "宝钗", "探春", "湘云")
    shop.people("悟空", "八戒", staff="xiren")
    draft = shop.draft()

    seen, texts = look(shop, draft), sent(shop, draft)

    assert sorted(texts) == sorted([PLAIN] * 4 + ["悟空，新茶到了", "八戒，新茶到了"])
    assert taps(shop, draft) == {"pinger": 1, "xiren": 2}
    assert load(seen) == {"pinger": (4, 4, 1, 4), "xiren": (2, 2, 2, 0)}
    assert (seen.personal_taps, seen.plain) == (3, 4)
    progress = shop.get(draft).body.progress
    assert progress is not None
    assert (progress.proposed, progress.plain) == (6, 4)


def test_the_same_for_all_is_one_task_for_each_member_of_staff(shop: Shop) -> None:
    shop.people("黛玉", "宝钗")
    shop.people("悟空", staff="xiren")
    draft = shop.draft(words="one")

    seen = look(shop, draft)

    assert sent(shop, draft) == [PLAIN] * 3
    assert taps(shop, draft) == {"pinger": 1, "xiren": 1}
    assert load(seen) == {"pinger": (2, 2, 1, 2), "xiren": (1, 1, 1, 1)}


def test_words_of_their_own_for_everybody_are_possible_whatever_they_ask_of_staff(shop: Shop) -> None:
    shop.people(*(f"客{n}" for n in range(9)))
    draft = shop.draft(words="personal")

    seen = look(shop, draft)

    assert sent(shop, draft) == [f"客{n}，新茶到了" for n in range(9)]
    assert taps(shop, draft) == {"pinger": 9}
    assert load(seen) == {"pinger": (9, 9, 9, 0)}


def test_what_many_share_costs_no_more_taps_than_there_are_texts(shop: Shop) -> None:
    shop.people("黛玉", "宝钗", "探春", "湘云", city="苏州")
    shop.people("迎春", "惜春", "妙玉", city="金陵")
    draft = shop.draft(variants=(said('{{ city | or_else("你那里") }}的雨停了吗'),))

    texts = sent(shop, draft)

    assert {text: texts.count(text) for text in texts} == {"苏州的雨停了吗": 4, "金陵的雨停了吗": 3}


def test_the_name_of_who_says_it_costs_nothing_and_stays(shop: Shop) -> None:
    shop.people("黛玉", "宝钗", "探春", "湘云")
    text = '{{ name | or_else("朋友") }}，我是{{ staff_name | or_else("我") }}'

    assert sent(shop, shop.draft(variants=(said(text),))) == ["朋友，我是平儿"] * 4
    assert (
        sent(shop, shop.draft(variants=(said('{{ staff_name | or_else("我") }}问好'),), words="one"))
        == ["平儿问好"] * 4
    )


def test_what_has_no_plain_words_is_said_to_each_in_their_own(shop: Shop) -> None:
    shop.people("黛玉", "宝钗", "探春", "湘云")
    draft = shop.draft(variants=(said("{{ name }}，新茶到了"),))

    seen = look(shop, draft)

    assert len(set(sent(shop, draft))) == 4
    assert (load(seen), seen.without_plain) == ({"pinger": (4, 4, 4, 0)}, ("name",))
    with pytest.raises(BadPlan, match="fallback for name"):
        shop.approve(shop.draft(variants=(said("{{ name }}，新茶到了"),), words="one"))


def test_who_has_no_name_that_is_known_is_told_the_plain_words_in_any_case(shop: Shop) -> None:
    shop.people("黛玉")
    shop.people("甲", "乙", "丙", "丁")
    shop.people("戊", city="苏州")
    text = '{{ city | or_else("你那里") }}的雨停了吗'

    texts = sent(shop, shop.draft(variants=(said(text),)))

    assert sorted(texts) == sorted(["苏州的雨停了吗"] + ["你那里的雨停了吗"] * 5)


def test_taps_of_the_same_day_count_whatever_they_were_for(shop: Shop) -> None:
    shop.people("黛玉", "宝钗")
    first = shop.draft()
    sent(shop, first)
    second = shop.draft(variants=(said('{{ name | or_else("朋友") }}，今晚直播'),))
    seen = look(shop, second)

    today = sent(shop, second)
    tomorrow = sent(shop, shop.draft(variants=(said('{{ name | or_else("朋友") }}，明天见'),)), NOW + DAY_US)

    assert load(seen) == {"pinger": (2, 2, 1, 2)}
    assert today == ["朋友，今晚直播"] * 2
    assert set(tomorrow) == {"黛玉，明天见", "宝钗，明天见"}


def test_what_waits_for_the_gate_counts_as_taps_too(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposing, "SLICE", 2)
    shop.people("黛玉", "宝钗", "探春", "湘云", "迎春")
    draft = shop.draft()

    shop.approve(draft)
    shop.turn()

    with shop.ledger.read() as connection:
        texts = [outbox.content(connection, CORP, row.content_id).text for row in shop.rows(draft)]
    assert len(set(texts) - {PLAIN}) <= 3
    assert texts.count(PLAIN) >= 2


def test_two_variants_of_one_broadcast_are_counted_together(shop: Shop) -> None:
    shop.people("黛玉", "宝钗", "探春", "湘云")
    draft = shop.draft(variants=(said(TEXT, "A"), said('{{ name | or_else("朋友") }}，尝尝新茶', "B")))

    texts = sent(shop, draft)

    assert set(texts) <= {PLAIN, "朋友，尝尝新茶"}


def test_groups_of_one_owner_are_told_the_same_beyond_the_limit(shop: Shop) -> None:
    for n in range(4):
        shop.group(f"wr{n}", f"诗社{n}")
    shop.group("wr9", "厨房", owner="xiren")
    draft = shop.draft(whom=ToGroups(everyone=True), variants=(said('{{ group_name | or_else("群里") }}的各位好'),))

    assert sorted(sent(shop, draft)) == sorted(["群里的各位好"] * 4 + ["厨房的各位好"])


def test_nobody_is_told_the_same_in_plain_words_after_their_own_nor_the_other_way_round(shop: Shop) -> None:
    shop.people("黛玉")
    sent(shop, shop.draft(words="personal"))
    sent(shop, plainly := shop.draft(words="one"), NOW + DAY_US)
    shop.people("宝钗")
    sent(shop, again := shop.draft(words="personal"), NOW + 2 * DAY_US)
    sent(shop, own := shop.draft(words="one", variants=(said('{{ name | or_else("朋友") }}，早'),)), NOW + 3 * DAY_US)
    sent(shop, after := shop.draft(words="personal", variants=own.plan.variants), NOW + 4 * DAY_US)

    def came_to(of: Broadcast) -> list[str]:
        return [f"{row.state} {row.reason or ''}".strip() for row in shop.rows(of)]

    assert came_to(plainly) == ["refused same_words"]
    assert came_to(again) == ["refused same_words", "admitted"]
    assert came_to(own) == ["admitted", "admitted"]
    assert came_to(after) == ["refused same_words", "refused same_words"]


def test_what_is_known_of_somebody_may_be_told_anew_once_it_changed(shop: Shop) -> None:
    shop.people("黛玉", points=320)
    text = '你有{{ points | or_else("一些") }}积分'
    sent(shop, shop.draft(variants=(said(text),)))
    shop.people("黛玉", points=360, contact=False)
    sent(shop, draft := shop.draft(variants=(said(text),)), NOW + DAY_US)

    assert [row.state for row in shop.rows(draft)] == ["admitted"]


def test_who_read_it_in_their_group_is_not_told_it_in_plain_words_again(shop: Shop) -> None:
    poets, cooks = shop.group("wr1", "诗社"), shop.group("wr2", "厨房")
    shop.people("黛玉", "宝钗")
    joined = [
        MemberJoined(happened_us=NOW - DAY_US, source_id=f"{name} {chat}", group=chat, member=id_of(name))
        for name in ("黛玉", "宝钗")
        for chat in ("wr1", "wr2")
    ]
    shop.ledger.append(Batch(CORP, "scene", joined))
    text = '{{ group_name | or_else("群里") }}的各位好'
    own = shop.draft(whom=ToGroups(groups=(poets,)), variants=(said(text),), words="personal")
    same = shop.draft(whom=ToGroups(groups=(cooks,)), variants=(said(text),), words="one")

    sent(shop, own)
    sent(shop, same, NOW + DAY_US)

    assert [row.state for row in shop.rows(own)] == ["admitted"]
    assert [f"{row.state} {row.reason}" for row in shop.rows(same)] == ["refused same_words"]


def test_of_a_sample_what_was_seen_once_stands_for_those_not_seen(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "MOST_JUDGED", 4)
    follows(shop.ledger, personal_taps=10)
    shop.crowd(40)

    seen = look(shop, shop.draft())

    assert seen.sampled
    assert {load.plain for load in seen.staff} == {4}


def test_staff_who_left_are_nobodys_taps(shop: Shop) -> None:
    shop.people("黛玉")
    left(shop, "pinger")
    draft = shop.draft()

    shop.approve(draft)
    shop.turn()

    assert [row.sender for row in shop.rows(draft)] == [None]


def left(shop: Shop, userid: str) -> None:
    with shop.ledger.write() as connection:
        connection.execute(sa.update(wecom_staff).where(wecom_staff.c.userid == userid).values(gone_us=NOW))
