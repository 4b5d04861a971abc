"""Whoever is kept in a segment is whoever would be found in it: over facts, lateness, merges and time."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.conftest import CORP
from tests.ledger.scenes import BAJIE, CAST, DAIYU, SHASENG, WUKONG, joined, person_of, said
from tiefen.decide.segments import keeping, store
from tiefen.decide.segments.errors import SegmentChanged, SegmentCycle, SegmentInUse, SegmentNotFound
from tiefen.decide.segments.rule import judged, needs_of, rule_of
from tiefen.decide.segments.scene import Scene, beside
from tiefen.insight.engine import opened
from tiefen.kit.clock import DAY_US
from tiefen.kit.settings import Settings
from tiefen.ledger import following
from tiefen.ledger.batch import Batch, GroupCard, Link, Profile
from tiefen.ledger.facts import GroupDismissed, GroupKindSaid, Id, OrderPaid, SegmentEntered, SegmentLeft, TagPut
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import followers
from tiefen.ledger.schema.segments import profile_news, segment_due, segment_members, segments

NOW = 1_795_680_000_000_000
SPOKE = {"kind": "did", "act": "message.posted", "days": 7}


def made(ledger: Ledger, rule: dict[str, Any], name: str = "活跃") -> str:
    with ledger.write() as connection:
        return store.create(connection, CORP, name, rule_of(rule), NOW).segment_id


def members(ledger: Ledger, segment_id: str) -> set[int]:
    with ledger.read() as connection:
        return set(
            connection.scalars(sa.select(segment_members.c.person).where(segment_members.c.segment_id == segment_id))
        )


def keep(ledger: Ledger, settings: Settings, now_us: int = NOW) -> None:
    while keeping.turn(ledger, settings, CORP, now_us):
        pass


def told(ledger: Ledger) -> list[tuple[str, int]]:
    with ledger.write() as connection:
        news = following.news(connection, CORP, "test", (SegmentEntered.kind, SegmentLeft.kind))
        following.moved(connection, CORP, "test", news.through)
    return [(fact.kind, fact.body.person) for fact in news.facts]


def rebuilt(ledger: Ledger, settings: Settings, some: list[str], now_us: int) -> list[set[int]]:
    """Whom the rules hold, asked of everybody at once."""
    with ledger.read() as connection:
        rules = [store.whole(connection, CORP, store.get(connection, CORP, one).rule, (one,)) for one in some]
        known = beside(connection, CORP, None, {need for rule in rules for need in needs_of(rule)})
    with opened(ledger.snapshot(CORP), settings) as t:
        scene = Scene(t, now_us, known)
        told = [judged(rule, scene) for rule in rules]
    return [set(one.person[one.holds].tolist()) for one in told]


def speaks(by: Id, days_ago: float, n: int, now_us: int = NOW) -> Any:
    return said(n, by=by, at=now_us - int(days_ago * DAY_US))


@pytest.mark.stores
def test_who_was_there_when_a_segment_is_made_has_not_come_and_who_follows_the_rule_later_has(
    ledger: Ledger, settings: Settings
) -> None:  # fmt: skip
    ledger.append(Batch(CORP, "x", [speaks(DAIYU, 1, 1), speaks(WUKONG, 30, 2)]))
    told(ledger)
    segment = made(ledger, SPOKE)
    keep(ledger, settings)
    assert members(ledger, segment) == {person_of(ledger, DAIYU)}

    ledger.append(Batch(CORP, "x", [speaks(WUKONG, 0, 3)]))
    keep(ledger, settings)

    assert members(ledger, segment) == {person_of(ledger, DAIYU), person_of(ledger, WUKONG)}
    assert told(ledger) == [("segment.entered", person_of(ledger, WUKONG))]
    with ledger.read() as connection:
        assert store.get(connection, CORP, segment).size == 2


def test_time_alone_takes_people_out_and_that_is_a_fact(ledger: Ledger, settings: Settings) -> None:
    ledger.append(Batch(CORP, "x", [speaks(DAIYU, 6, 1)]))
    segment = made(ledger, SPOKE)
    keep(ledger, settings)
    told(ledger)

    keep(ledger, settings, NOW + DAY_US - 1)
    assert members(ledger, segment) == {person_of(ledger, DAIYU)}
    keep(ledger, settings, NOW + DAY_US)

    assert members(ledger, segment) == set()
    assert told(ledger) == [("segment.left", person_of(ledger, DAIYU))]


def test_a_clock_that_goes_back_makes_nobody_come_or_go_twice(ledger: Ledger, settings: Settings) -> None:
    ledger.append(Batch(CORP, "x", [speaks(DAIYU, 6, 1), speaks(WUKONG, 1, 2)]))
    segment = made(ledger, SPOKE)
    keep(ledger, settings)
    later = NOW + DAY_US
    keep(ledger, settings, later)
    assert members(ledger, segment) == {person_of(ledger, WUKONG)}
    told(ledger)

    ledger.append(Batch(CORP, "x", [speaks(DAIYU, 20, 3), speaks(SHASENG, 0, 4)]))
    keep(ledger, settings, later - DAY_US // 2)
    keep(ledger, settings, later)

    assert members(ledger, segment) == {person_of(ledger, WUKONG), person_of(ledger, SHASENG)}
    assert told(ledger) == [("segment.entered", person_of(ledger, SHASENG))]


def test_a_clock_that_ran_far_ahead_is_put_right_by_a_look_at_everybody(ledger: Ledger, settings: Settings) -> None:
    ledger.append(Batch(CORP, "x", [speaks(DAIYU, 6, 1), speaks(WUKONG, 1, 2)]))
    segment = made(ledger, SPOKE)
    keep(ledger, settings)
    keep(ledger, settings, NOW + 400 * DAY_US)
    assert members(ledger, segment) == set()

    keep(ledger, settings, NOW + 1)

    assert members(ledger, segment) == rebuilt(ledger, settings, [segment], NOW + 1)[0]
    assert len(members(ledger, segment)) == 2


EVERYBODY = {"kind": "any", "rules": [SPOKE, {"kind": "not", "rule": SPOKE}]}
NOBODY = {"kind": "all", "rules": [SPOKE, {"kind": "not", "rule": SPOKE}]}


def test_a_rule_that_holds_for_everybody_or_for_nobody_is_kept_like_any_other(
    ledger: Ledger, settings: Settings
) -> None:  # fmt: skip
    ledger.append(Batch(CORP, "x", [speaks(DAIYU, 1, 1), speaks(WUKONG, 30, 2)]))
    every, none = made(ledger, EVERYBODY, "所有人"), made(ledger, NOBODY, "没有人")
    keep(ledger, settings)
    told(ledger)
    ledger.append(Batch(CORP, "x", [speaks(BAJIE, 0, 3)]))

    keep(ledger, settings)
    keep(ledger, settings, NOW + 10 * DAY_US)

    assert members(ledger, every) == {person_of(ledger, one) for one in (DAIYU, WUKONG, BAJIE)}
    assert members(ledger, none) == set()
    assert told(ledger) == [("segment.entered", person_of(ledger, BAJIE))]
    with ledger.read() as connection:
        assert [store.get(connection, CORP, one).size for one in (every, none)] == [3, 0]


def test_a_turn_again_tells_nothing_again(ledger: Ledger, settings: Settings) -> None:
    made(ledger, SPOKE)
    keep(ledger, settings)
    ledger.append(Batch(CORP, "x", [speaks(DAIYU, 0, 1)]))
    told(ledger)
    keep(ledger, settings)
    assert len(told(ledger)) == 1

    keep(ledger, settings)

    assert told(ledger) == []


def test_a_crash_before_the_end_of_a_turn_changes_nothing_and_the_next_turn_does_it_all(
    ledger: Ledger, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    segment = made(ledger, SPOKE)
    keep(ledger, settings)
    told(ledger)
    ledger.append(Batch(CORP, "x", [speaks(DAIYU, 0, 1)]))

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(keeping, "_move", dies)
        with pytest.raises(KeyboardInterrupt):
            keeping.turn(ledger, settings, CORP, NOW)
    assert members(ledger, segment) == set()
    assert told(ledger) == []
    keep(ledger, settings)

    assert members(ledger, segment) == {person_of(ledger, DAIYU)}
    assert len(told(ledger)) == 1


def test_whoever_comes_up_is_looked_at_even_where_nothing_they_did_is_in_the_rule(
    ledger: Ledger, settings: Settings
) -> None:
    segment = made(ledger, {"kind": "did_not", "act": "order.paid", "days": 30})
    keep(ledger, settings)

    ledger.append(Batch(CORP, "x", [speaks(DAIYU, 0, 1)]))
    keep(ledger, settings)

    assert members(ledger, segment) == {person_of(ledger, DAIYU)}


def test_a_merge_puts_the_survivor_in_and_nobody_is_told_that_anybody_left(ledger: Ledger, settings: Settings) -> None:
    ledger.append(Batch(CORP, "x", [joined(1, by=DAIYU, at=NOW - DAY_US), speaks(WUKONG, 1, 2)]))
    segment = made(ledger, SPOKE)
    keep(ledger, settings)
    kept, gone = person_of(ledger, DAIYU), person_of(ledger, WUKONG)
    assert members(ledger, segment) == {gone}
    told(ledger)

    ledger.merge(CORP, kept, gone)
    keep(ledger, settings)

    assert members(ledger, segment) == {kept}
    assert told(ledger) == []


def test_what_is_learned_of_somebody_and_an_erasure_are_seen_though_they_are_no_facts(
    ledger: Ledger, settings: Settings
) -> None:
    segment = made(ledger, {"kind": "attribute", "key": "city", "op": "is", "values": ["北京"]})
    keep(ledger, settings)
    ledger.append(Batch(CORP, "x", profiles=[Profile(DAIYU, attributes={"city": "北京"})]))
    keep(ledger, settings)
    assert members(ledger, segment) == {person_of(ledger, DAIYU)}

    ledger.erase(CORP, person_of(ledger, DAIYU), "test")
    keep(ledger, settings)

    assert members(ledger, segment) == set()
    with ledger.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(profile_news)).scalar() == 0


def test_another_kind_of_a_group_takes_its_members_in_and_out_and_its_name_does_where_nobody_said_one(
    ledger: Ledger, settings: Settings
) -> None:
    ledger.append(Batch(CORP, "x", [joined(1, by=DAIYU, at=NOW - DAY_US), joined(2, by=WUKONG, group="茶", at=NOW)]))
    segment = made(ledger, {"kind": "in_group", "kinds": ["growth"]})
    keep(ledger, settings)
    found = [members(ledger, segment)]

    for step in (
        Batch(CORP, "x", groups=[GroupCard("诗社", "读书打卡群")]),
        Batch(CORP, "x", [GroupKindSaid(happened_us=NOW, source_id="1", group="诗社", group_kind="flash")]),
        Batch(CORP, "x", [GroupKindSaid(happened_us=NOW, source_id="2", group="茶", group_kind="growth")]),
        Batch(CORP, "x", [GroupKindSaid(happened_us=NOW, source_id="3", group="诗社")]),
        Batch(CORP, "x", groups=[GroupCard("诗社", "海棠诗社")]),
    ):
        ledger.append(step)
        keep(ledger, settings)
        found.append(members(ledger, segment))

    daiyu, wukong = person_of(ledger, DAIYU), person_of(ledger, WUKONG)
    assert found == [set(), {daiyu}, set(), {wukong}, {daiyu, wukong}, {wukong}]


def test_a_changed_rule_is_built_anew_and_a_build_of_the_old_one_comes_to_nothing(
    ledger: Ledger, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    ledger.append(Batch(CORP, "x", [speaks(DAIYU, 1, 1), speaks(WUKONG, 10, 2)]))
    segment = made(ledger, SPOKE)
    asked = judged

    def changes_meanwhile(*given: Any) -> Any:
        monkeypatch.setattr(keeping, "judged", asked)
        with ledger.write() as connection:
            store.change(connection, CORP, segment, 1, NOW, rule=rule_of(SPOKE | {"days": 30}))
        return asked(*given)

    monkeypatch.setattr(keeping, "judged", changes_meanwhile)
    assert keeping.turn(ledger, settings, CORP, NOW) is True
    assert members(ledger, segment) == set()
    keep(ledger, settings)

    assert members(ledger, segment) == {person_of(ledger, DAIYU), person_of(ledger, WUKONG)}


def test_a_segment_made_of_another_follows_its_change_and_a_circle_is_refused(
    ledger: Ledger, settings: Settings
) -> None:
    ledger.append(Batch(CORP, "x", [speaks(DAIYU, 10, 1)]))
    inner = made(ledger, SPOKE)
    outer = made(ledger, {"kind": "not", "rule": {"kind": "in_segment", "segment": inner}}, "沉默")
    keep(ledger, settings)
    assert members(ledger, outer) == {person_of(ledger, DAIYU)}

    with ledger.write() as connection:
        store.change(connection, CORP, inner, 1, NOW, rule=rule_of(SPOKE | {"days": 30}))
        with pytest.raises(SegmentCycle):
            store.change(connection, CORP, inner, 2, NOW, rule=rule_of({"kind": "in_segment", "segment": outer}))
        with pytest.raises(SegmentInUse):
            store.change(connection, CORP, inner, 2, NOW, state="archived")
        with pytest.raises(SegmentChanged):
            store.change(connection, CORP, inner, 1, NOW, name="x")
        with pytest.raises(SegmentNotFound):
            store.create(connection, CORP, "x", rule_of({"kind": "in_segment", "segment": "nothing"}), NOW)
    keep(ledger, settings)

    assert members(ledger, outer) == set()


def test_a_rule_that_cannot_be_read_any_more_holds_nobody_up_and_says_so(ledger: Ledger, settings: Settings) -> None:
    broken, sound = made(ledger, SPOKE), made(ledger, SPOKE, "好的")
    with ledger.write() as connection:
        row = sa.update(segments).where(segments.c.segment_id == broken)
        connection.execute(row.values(rule='{"kind":"of another version"}'))
    ledger.append(Batch(CORP, "x", [speaks(DAIYU, 1, 1)]))
    keep(ledger, settings)

    assert members(ledger, sound) == {person_of(ledger, DAIYU)}
    with ledger.read() as connection:
        assert store.get(connection, CORP, broken).trouble is not None


def test_who_is_erased_is_not_named_in_rules_either(ledger: Ledger, settings: Settings) -> None:
    ledger.append(Batch(CORP, "x", profiles=[Profile(DAIYU, name="林黛玉潇湘妃子")]))
    segment = made(
        ledger, {"kind": "attribute", "key": "name", "op": "is", "values": ["林黛玉潇湘妃子"]}, "林黛玉潇湘妃子"
    )

    ledger.erase(CORP, person_of(ledger, DAIYU), "test")

    with ledger.read() as connection:
        found = store.get(connection, CORP, segment)
    assert "潇湘妃子" not in f"{found.rule} {found.name}"
    keep(ledger, settings)
    assert members(ledger, segment) == set()


def test_nobody_follows_where_no_segment_is_left(ledger: Ledger, settings: Settings) -> None:
    segment = made(ledger, SPOKE)
    keep(ledger, settings)
    with ledger.write() as connection:
        store.change(connection, CORP, segment, 1, NOW, state="archived")
    keep(ledger, settings)

    with ledger.read() as connection:
        assert connection.execute(sa.select(followers)).all() == []


_RULES: tuple[dict[str, Any], ...] = (
    SPOKE | {"times": 2},
    {"kind": "did_not", "act": "anything", "days": 2},
    {"kind": "did_money", "fen": 200, "days": 3},
    {"kind": "first_did", "act": "member.joined", "days": 2},
    {"kind": "in_group", "stayed": 2},
    {"kind": "in_group", "kinds": ["growth", "flash"]},
    {"kind": "in_group", "kinds": ["custom"], "ever": True},
    {
        "kind": "any",
        "rules": [{"kind": "tagged", "tags": ["x"]}, {"kind": "last_did", "act": "message.posted", "days": 2}],
    },
    {"kind": "all", "rules": [SPOKE, {"kind": "not", "rule": {"kind": "attribute", "key": "city", "op": "known"}}]},
)
_whose = st.sampled_from(CAST)
_ago = st.sampled_from((0, 0, 1, 2, 2.5, 6, 8))
_steps = st.one_of(
    st.tuples(st.just("say"), _whose, _ago),
    st.tuples(st.just("join"), _whose, _ago),
    st.tuples(st.just("pay"), _whose, _ago),
    st.tuples(st.just("tag"), _whose, _ago),
    st.tuples(st.just("dismiss"), _whose, st.just(0)),
    st.tuples(st.just("note"), _whose, st.just(0)),
    st.tuples(st.just("kind"), _whose, st.just(0)),
    st.tuples(st.just("unsay"), _whose, st.just(0)),
    st.tuples(st.just("name"), _whose, st.just(0)),
    st.tuples(st.just("link"), _whose, st.just(0)),
    st.tuples(st.just("wait"), _whose, st.sampled_from((0.5, 1, 1, 3))),
    st.tuples(st.just("flush"), _whose, st.just(0)),
)


@pytest.mark.slow
@pytest.mark.long
@given(
    steps=st.lists(st.lists(_steps, min_size=1, max_size=4), min_size=2, max_size=5),
    rules=st.sets(st.sampled_from(range(len(_RULES))), min_size=2, max_size=4),
)
@hypothesis_settings(
    deadline=None,
    max_examples=12,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
def test_kept_is_rebuilt(
    ledger: Ledger, settings: Settings, steps: list[list[tuple[str, Id, float]]], rules: set[int]
) -> None:
    _kept_is_rebuilt(ledger, settings, steps, [_RULES[n] for n in sorted(rules)])


def test_kept_is_rebuilt_in_one_long_story(ledger: Ledger, settings: Settings) -> None:
    """The same for a few rules and one story that has everything in it; the random ones are marked long."""
    story: list[list[tuple[str, Id, float]]] = [
        [("say", DAIYU, 0), ("join", WUKONG, 1), ("pay", BAJIE, 2), ("note", DAIYU, 0)],
        [("say", DAIYU, 6), ("tag", SHASENG, 0), ("pay", BAJIE, 0), ("wait", DAIYU, 1), ("flush", DAIYU, 0)],
        [("name", DAIYU, 0)],
        [("kind", DAIYU, 0)],
        [("unsay", DAIYU, 0), ("say", WUKONG, 0)],
        [("name", DAIYU, 0)],
        [("link", DAIYU, 0), ("dismiss", WUKONG, 0), ("say", WUKONG, 2.5)],
        [("wait", DAIYU, 1), ("note", WUKONG, 0)],
        [("wait", DAIYU, 3)],
    ]
    _kept_is_rebuilt(ledger, settings, story, [_RULES[n] for n in (0, 4, 5, 6, 7)])


def _kept_is_rebuilt(
    ledger: Ledger, settings: Settings, steps: list[list[tuple[str, Id, float]]], rules: list[dict[str, Any]]
) -> None:  # fmt: skip
    with ledger.write() as connection:  # of an example before
        for one in store.all_of(connection, CORP):
            store.change(connection, CORP, one.segment_id, one.version, NOW, state="archived")
    now, number = NOW, ledger.last_seq() * 100
    made_of = [made(ledger, rule, f"s{n}") for n, rule in enumerate(rules)]
    keep(ledger, settings, now)
    for some in steps:
        for what, whose, much in some:
            number += 1
            now = now + int(much * DAY_US) if what == "wait" else now
            _do(ledger, what, whose, now - int(much * DAY_US), number)
        keep(ledger, settings, now)
        for segment, rule, found in zip(made_of, rules, rebuilt(ledger, settings, made_of, now), strict=True):
            assert members(ledger, segment) == found, rule
            with ledger.read() as connection:
                assert store.get(connection, CORP, segment).size == len(members(ledger, segment))
                late = sa.select(segment_due).where(segment_due.c.segment_id == segment, segment_due.c.due_us <= now)
                assert connection.execute(late).all() == []


def _do(ledger: Ledger, what: str, whose: Id, at: int, n: int) -> None:
    match what:
        case "say":
            ledger.append(Batch(CORP, "x", [said(n, by=whose, at=at)]))
        case "join":
            ledger.append(Batch(CORP, "x", [joined(n, by=whose, at=at)]))
        case "pay":
            ledger.append(
                Batch(
                    CORP,
                    "x",
                    [OrderPaid(happened_us=at, source_id=f"p{n}", person=whose, order=f"o{n}", amount_fen=100)],
                )
            )
        case "tag":
            ledger.append(Batch(CORP, "x", [TagPut(happened_us=at, source_id=f"t{n}", person=whose, tag="x")]))
        case "dismiss":
            ledger.append(Batch(CORP, "x", [GroupDismissed(happened_us=at, source_id=f"d{n}", group="诗社")]))
        case "note":
            ledger.append(Batch(CORP, "x", profiles=[Profile(whose, attributes={"city": "北京"})]))
        case "kind" | "unsay":
            kind = ("flash", "custom", "welfare")[n % 3] if what == "kind" else None
            fact = GroupKindSaid(happened_us=at, source_id=f"k{n}", group="诗社", group_kind=kind)
            ledger.append(Batch(CORP, "x", [fact]))
        case "name":
            ledger.append(Batch(CORP, "x", groups=[GroupCard("诗社", ("读书打卡群", "海棠诗社", "快闪群")[n % 3])]))
        case "link":
            phone = Id("phone", f"138{n % 10**8:08d}")
            ledger.append(Batch(CORP, "x", [said(n, by=phone, at=at)], links=[Link(phone, whose, at)]))
        case "flush":
            ledger.flush()
