"""A broadcast from its draft until it is with the gate: whom it is for, what is proposed, and what a change does."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import numpy as np
import pytest
import sqlalchemy as sa

from tests.act.broadcasts.scenes import NOW, TEXT, Shop, said
from tests.conftest import CORP
from tiefen.act import outbox
from tiefen.act.broadcasts import keeping, proposing
from tiefen.act.broadcasts.arms import experiment_of
from tiefen.act.broadcasts.errors import (
    BadPlan,
    CampaignChanged,
    CampaignNotFound,
    CopyMustStop,
    NotInThisState,
    TooLateToUndo,
)
from tiefen.act.broadcasts.plan import Goal, Plan, ToGroups, ToPersons, Variant, When
from tiefen.act.message import Message
from tiefen.act.templates import BadTemplate
from tiefen.decide import experiments
from tiefen.kit.clock import DAY_US, SECOND_US
from tiefen.ledger import identity
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import facts, people, wecom_staff
from tiefen.ledger.schema.segments import audience_members, segment_members
from tiefen.ledger.schema.touches import proposals

pytestmark = pytest.mark.stores
HOUR = 3600 * SECOND_US


@pytest.fixture
def shop(ledger: Ledger) -> Shop:
    return Shop(ledger)


def texts(shop: Shop, of: keeping.Broadcast) -> list[str]:
    with shop.ledger.read() as connection:
        return [outbox.content(connection, CORP, row.content_id).text for row in shop.rows(of) if row.content_id]


# ---- from draft to the gate ---------------------------------------------------------------------


def test_an_approved_broadcast_is_proposed_to_everybody_with_their_own_words(shop: Shop) -> None:
    shop.people("黛玉", "悟空")
    draft = shop.draft()

    approved = shop.approve(draft)
    shop.turn()

    assert (draft.state, approved.state, shop.get(draft).state) == ("draft", "approved", "sending")
    assert set(texts(shop, draft)) == {"黛玉，新茶到了", "悟空，新茶到了"}
    assert {(row.state, row.arm, row.sender, row.expires_us - row.due_us) for row in shop.rows(draft)} == {
        ("proposed", "A", "pinger", 72 * HOUR)
    }


def test_of_two_who_approve_at_the_same_instant_one_does_and_the_other_is_told(shop: Shop) -> None:
    (daiyu,) = shop.people("黛玉")
    draft, ready = shop.draft(), threading.Barrier(2)

    def approve(_: int) -> str:
        ready.wait()
        try:
            return shop.approve(draft).state
        except CampaignChanged:
            return "changed"

    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(approve, range(2)))
    shop.turn()

    assert sorted(both) == ["approved", "changed"]
    assert [row.person for row in shop.rows(draft)] == [daiyu]


def test_it_waits_for_its_time(shop: Shop) -> None:
    shop.people("黛玉")
    draft = shop.draft(when=When(kind="at", at_us=NOW + HOUR))

    approved = shop.approve(draft)
    shop.turn()
    early = shop.rows(draft)
    shop.turn(NOW + HOUR)

    assert approved.state == "scheduled"
    assert (len(early), len(shop.rows(draft))) == (0, 1)


def test_a_large_audience_is_proposed_slice_by_slice_and_each_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposing, "SLICE", 100)
    crowd = shop.crowd(250)
    draft = shop.draft()

    shop.approve(draft)
    turns = shop.turn()

    assert turns == 1 + 3 + 1  # it begins, three slices, nothing more
    assert [row.person for row in shop.rows(draft)] == sorted(crowd)
    progress = shop.get(draft).body.progress
    assert progress is not None and (progress.audience, progress.done, progress.proposed) == (250, 250, 250)


def test_a_crash_within_a_slice_leaves_nothing_of_it_and_the_next_turn_does_it_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.crowd(30)
    draft = shop.approve(shop.draft(holdout=0.2))
    proposing.begin(shop.ledger, shop.ledger.settings, CORP, draft, NOW)

    def broken(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched, pytest.raises(RuntimeError):
        patched.setattr(proposing, "refuse", broken)
        proposing.turn(shop.ledger, shop.ledger.settings, CORP, NOW)
    after = shop.rows(draft)
    shop.turn()
    with shop.ledger.read() as connection:
        assigned = connection.scalars(sa.select(facts.c.source_id).where(facts.c.kind == "arm.assigned")).all()

    assert list(after) == []
    progress = shop.get(draft).body.progress
    assert progress is not None and progress.proposed + progress.held_out == 30
    assert len(shop.rows(draft)) == progress.proposed
    assert len(set(assigned)) == len(assigned) == 30


def test_two_workers_with_the_same_slice_propose_it_once(shop: Shop) -> None:
    shop.crowd(20)
    approved = shop.approve(shop.draft())
    proposing.begin(shop.ledger, shop.ledger.settings, CORP, approved, NOW)
    seen = shop.get(approved)

    for _ in range(2):
        proposing.propose_slice(shop.ledger, shop.ledger.settings, CORP, seen, NOW)

    progress = shop.get(approved).body.progress
    assert progress is not None and progress.done == 20
    assert len(shop.rows(approved)) == 20


# ---- whom it is for -----------------------------------------------------------------------------


def test_who_comes_into_the_segment_after_it_began_is_not_told(shop: Shop) -> None:
    daiyu, wukong = shop.people("黛玉", "悟空")
    _enter(shop, "tea", daiyu)
    draft = shop.approve(shop.draft(whom=ToPersons(segments=("tea",))))

    proposing.begin(shop.ledger, shop.ledger.settings, CORP, draft, NOW)
    _enter(shop, "tea", wukong)
    shop.turn()

    assert [row.person for row in shop.rows(draft)] == [daiyu]


def test_segments_audiences_and_people_by_hand_are_joined_and_some_left_out(shop: Shop) -> None:
    daiyu, wukong, bajie, shaseng = shop.people("黛玉", "悟空", "八戒", "沙僧")
    _enter(shop, "tea", daiyu, wukong)
    _enter(shop, "complained", wukong)
    with shop.ledger.write() as connection:
        connection.execute(sa.insert(audience_members).values(corp_id=CORP, audience_id="a1", person=bajie))
    draft = shop.draft(
        whom=ToPersons(segments=("tea",), audiences=("a1",), persons=(shaseng, daiyu), without_segments=("complained",))
    )

    shop.approve(draft)
    shop.turn()

    assert [row.person for row in shop.rows(draft)] == sorted([daiyu, bajie, shaseng])


def test_somebody_merged_is_told_once_as_who_they_are_now_and_staff_and_the_erased_never(shop: Shop) -> None:
    daiyu, pinpin, staff, gone = shop.people("黛玉", "颦颦", "平儿", "走了")
    _enter(shop, "tea", daiyu, pinpin, staff, gone)
    with shop.ledger.write() as connection:
        identity.merge(connection, daiyu, pinpin)
        connection.execute(sa.update(people).where(people.c.person_id == staff).values(staff=True))
        connection.execute(sa.update(people).where(people.c.person_id == gone).values(erased_us=NOW))
    draft = shop.draft(whom=ToPersons(segments=("tea",)))

    shop.approve(draft)
    shop.turn()

    assert [row.person for row in shop.rows(draft)] == [daiyu]


def test_groups_are_told_through_their_owners_and_by_their_names(shop: Shop) -> None:
    poets, bakers = shop.group("wr1", "海棠诗社"), shop.group("wr2", "烘焙群", owner="xiren")
    draft = shop.draft(
        whom=ToGroups(groups=(poets, bakers)),
        variants=(said('{{ group_name }}，{{ staff_name | or_else("我") }}来了'),),
    )

    shop.approve(draft)
    shop.turn()

    assert texts(shop, draft) == ["海棠诗社，平儿来了", "烘焙群，袭人来了"]
    assert [(row.group, row.person, row.channel, row.sender) for row in shop.rows(draft)] == [
        (poets, None, "group", "pinger"), (bakers, None, "group", "xiren"),
    ]  # fmt: skip


def test_nobody_who_left_is_named_as_the_one_who_speaks_to_their_group(shop: Shop) -> None:
    poets, bakers = shop.group("wr1", "海棠诗社"), shop.group("wr2", "烘焙群", owner="xiren")
    with shop.ledger.write() as connection:
        connection.execute(sa.update(wecom_staff).where(wecom_staff.c.userid == "xiren").values(gone_us=NOW - 1))
    draft = shop.draft(whom=ToGroups(groups=(poets, bakers)), variants=(said('{{ staff_name | or_else("我") }}来了'),))

    shop.approve(draft)
    shop.turn()

    assert texts(shop, draft) == ["平儿来了", "我来了"]
    assert [(row.group, row.sender) for row in shop.rows(draft)] == [(poets, "pinger"), (bakers, None)]


def test_nobody_at_all_is_done_at_once(shop: Shop) -> None:
    draft = shop.draft(whom=ToPersons(segments=("nobody",)))

    shop.approve(draft)
    shop.turn()
    shop.turn()

    assert shop.get(draft).state == "done"


# ---- what is said -------------------------------------------------------------------------------


def test_who_cannot_be_filled_in_is_refused_with_the_reason_and_counted(shop: Shop) -> None:
    (daiyu,) = shop.people("黛玉", city="苏州")
    (wukong,) = shop.people("悟空")
    draft = shop.draft(variants=(said("{{ city }}的雨停了吗"),))

    shop.approve(draft)
    shop.turn()

    assert [(row.person, row.state, row.reason) for row in shop.rows(draft)] == [
        (daiyu, "proposed", None), (wukong, "refused", "missing_variable"),
    ]  # fmt: skip
    with shop.ledger.read() as connection:
        counted = outbox.counts(connection, CORP, [draft.campaign_id])[draft.campaign_id]
        told = connection.execute(sa.select(facts.c.body).where(facts.c.kind == "touch.moved")).scalars().all()
    assert counted == {("run1", "proposed", ""): 1, ("run1", "refused", "missing_variable"): 1}
    assert len(told) == 1 and "missing_variable" in told[0]


def test_the_variables_of_a_person_are_what_is_known_of_them(shop: Shop) -> None:
    shop.people("黛玉", city="苏州", points=360, remark="林姑娘")
    text = "{{ name }} {{ nickname }} {{ city }} {{ points }} {{ days_known }} {{ staff_name }}"
    draft = shop.draft(variants=(said(text),))

    shop.approve(draft)
    shop.turn()

    assert texts(shop, draft) == ["黛玉 林姑娘 苏州 360 100 平儿"]
    assert shop.rows(draft)[0].sender == "pinger"  # whoever is named in the text is who says it


def test_variants_share_the_audience_by_their_parts_and_who_is_held_out_gets_none(shop: Shop) -> None:
    shop.crowd(600)
    draft = shop.draft(variants=(said("甲", "A", 3), said("乙", "B", 1)), holdout=0.2)

    shop.approve(draft)
    shop.turn()

    rows = shop.rows(draft)
    a, b = (sum(row.arm == arm for row in rows) for arm in "AB")
    assert 80 <= 600 - len(rows) <= 160
    assert 2.2 < a / b < 4.2


def test_every_arm_is_kept_as_a_fact_once_also_of_the_held_out(shop: Shop) -> None:
    crowd = shop.crowd(60)
    draft = shop.draft(variants=(said("甲", "A"), said("乙", "B")), holdout=0.2)
    shop.approve(draft)
    shop.turn()

    drawn = experiments.arms(experiment_of(draft.campaign_id, draft.plan), np.array(crowd))
    with shop.ledger.read() as connection:
        asked = sa.select(facts.c.source_id, facts.c.body).where(facts.c.kind == "arm.assigned")
        kept = {source: msgspec.json.decode(body)["arm"] for source, body in connection.execute(asked)}
    rows = {row.person: row.arm for row in shop.rows(draft)}

    assert kept == {f"{draft.campaign_id}:p{person}": arm for person, arm in zip(crowd, drawn, strict=True)}
    assert rows == {person: arm for person, arm in zip(crowd, drawn, strict=True) if arm != "holdout"}


def test_each_is_told_at_the_hour_they_are_most_active_at(shop: Shop) -> None:
    from tests.act.broadcasts.scenes import id_of
    from tiefen.ledger.batch import Batch
    from tiefen.ledger.facts.visits import LinkClicked

    daiyu, wukong = shop.people("黛玉", "悟空")
    clicks = [
        LinkClicked(happened_us=NOW - day * DAY_US + 7 * HOUR, source_id=f"c{day}", person=id_of("黛玉"), link="tea")
        for day in range(1, 5)
    ]
    shop.ledger.append(Batch(CORP, "scene", clicks))
    draft = shop.draft(when=When(kind="best", at_us=NOW))

    shop.approve(draft)
    shop.turn()

    assert {row.person: row.due_us - NOW for row in shop.rows(draft)} == {daiyu: 7 * HOUR, wukong: 7 * HOUR}


# ---- changing, undoing, cancelling --------------------------------------------------------------


def test_of_two_who_edit_at_once_the_second_is_told(shop: Shop) -> None:
    draft = shop.draft()
    _save(shop, draft, "第一个人改的")

    with pytest.raises(CampaignChanged) as told:
        _save(shop, draft, "第二个人改的")

    assert told.value.version == 2
    assert shop.get(draft).name == "第一个人改的"


def test_an_approved_one_that_is_edited_is_a_draft_again_and_does_not_go_out(shop: Shop) -> None:
    shop.people("黛玉")
    approved = shop.approve(shop.draft())

    edited = _save(shop, approved, "改过的")
    shop.turn()

    assert (edited.state, edited.version) == ("draft", 3)
    assert list(shop.rows(approved)) == []


def test_what_has_begun_cannot_be_edited(shop: Shop) -> None:
    shop.people("黛玉")
    draft = shop.approve(shop.draft())
    shop.turn()

    with pytest.raises(NotInThisState):
        _save(shop, shop.get(draft), "太晚了")


def test_undo_takes_everything_back_and_another_approval_proposes_anew(shop: Shop) -> None:
    shop.people("黛玉", "悟空")
    draft = shop.approve(shop.draft())
    shop.turn()

    with shop.ledger.together() as together:
        undone = keeping.undo(together, CORP, draft.campaign_id, shop.get(draft).version, NOW)
    shop.approve(undone)
    shop.turn()

    assert undone.state == "draft"
    assert sorted((row.step, row.state, row.reason) for row in shop.rows(draft)) == [
        ("run1", "refused", "campaign_stopped"), ("run1", "refused", "campaign_stopped"),
        ("run2", "proposed", None), ("run2", "proposed", None),
    ]  # fmt: skip
    with shop.ledger.read() as connection:
        counted = outbox.counts(connection, CORP, [draft.campaign_id])[draft.campaign_id]
    assert counted == {("run1", "refused", "campaign_stopped"): 2, ("run2", "proposed", ""): 2}


def test_what_is_with_staff_cannot_be_undone_but_the_rest_cancelled(shop: Shop) -> None:
    shop.people("黛玉", "悟空")
    draft = shop.approve(shop.draft())
    shop.turn()
    _move(shop, draft, shop.rows(draft)[0].proposal_id, "tasked", "t1")
    version = shop.get(draft).version

    with pytest.raises(TooLateToUndo), shop.ledger.together() as together:
        keeping.undo(together, CORP, draft.campaign_id, version, NOW)
    with shop.ledger.together() as together:
        cancelled, tasks = keeping.cancel(together, CORP, draft.campaign_id, version, NOW)

    assert (cancelled.state, tasks) == ("cancelled", ["t1"])
    assert [row.state for row in shop.rows(draft)] == ["tasked", "refused"]


def test_it_is_done_when_everybody_has_an_end(shop: Shop) -> None:
    shop.people("黛玉", "悟空")
    draft = shop.approve(shop.draft())
    shop.turn()
    first, second = (row.proposal_id for row in shop.rows(draft))

    _move(shop, draft, first, "delivered")
    shop.turn()
    half = shop.get(draft).state
    _move(shop, draft, second, "failed")
    shop.turn()

    assert (half, shop.get(draft).state) == ("sending", "done")


def test_a_text_that_may_not_be_said_is_refused_at_approval(shop: Shop) -> None:
    with pytest.raises(CopyMustStop) as no:
        shop.approve(shop.draft(variants=(said("国家级好茶，转发到朋友圈领红包"),)))

    assert no.value.found == "absolute_words, induced_sharing"


@pytest.mark.parametrize(
    ("field", "plan"),
    [
        ("variants", {"variants": ()}),
        ("variants", {"variants": (said("甲"), said("乙"))}),
        ("variants", {"variants": tuple(said("甲", name) for name in "ABCDE")}),
        ("variants", {"variants": (said("甲", "holdout"),)}),
        ("variants", {"variants": (said("甲", "A", 0),)}),
        ("whom", {"whom": ToPersons()}),
        ("whom", {"whom": ToGroups()}),
        ("whom", {"whom": ToPersons(persons=tuple(range(10_001)))}),
        ("holdout", {"holdout": 0.9}),
        ("goal", {"goal": Goal(days=0)}),
        ("lasts_hours", {"lasts_hours": 0}),
        ("when", {"when": When(kind="at")}),
    ],
)
def test_a_plan_that_cannot_be_is_refused_by_its_field(shop: Shop, field: str, plan: dict[str, Any]) -> None:
    with pytest.raises(BadPlan) as no:
        shop.approve(shop.draft(**plan))
    assert no.value.field == field


def test_code_in_a_text_is_refused_already_in_a_draft(shop: Shop) -> None:
    with pytest.raises(BadTemplate):
        shop.draft(variants=(Variant(name="A", message=Message(text="{% for x in y %}")),))


def test_what_there_is_not_is_said(shop: Shop) -> None:
    with pytest.raises(CampaignNotFound), shop.ledger.read() as connection:
        keeping.get(connection, CORP, "nothing")


def _enter(shop: Shop, segment: str, *persons: int) -> None:
    rows = [{"corp_id": CORP, "segment_id": segment, "person": person, "entered_us": NOW} for person in persons]
    with shop.ledger.write() as connection:
        connection.execute(sa.insert(segment_members), rows)


def _save(shop: Shop, of: keeping.Broadcast, name: str) -> keeping.Broadcast:
    with shop.ledger.write() as connection:
        return keeping.save(
            connection, CORP, of.campaign_id, of.version, name=name, purpose="give",
            plan=Plan(whom=ToPersons(everyone=True), variants=(said(TEXT),)), now_us=NOW,
        )  # fmt: skip


def _move(shop: Shop, of: keeping.Broadcast, proposal_id: str, state: str, task: str | None = None) -> None:
    """What gate and channel do to a proposal."""
    with shop.ledger.write() as connection:
        connection.execute(
            sa.update(proposals).where(proposals.c.proposal_id == proposal_id).values(state=state, task_id=task)
        )
        outbox.count(
            connection, CORP, {(of.campaign_id, "run1", "proposed", ""): -1, (of.campaign_id, "run1", state, ""): 1}
        )
