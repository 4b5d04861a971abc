"""What people are over all their groups; what draws them; whether those who came first are better members."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.insight.scenes import BAJIE, BAKERS, BOOKS, DAIYU, SHASENG, WUKONG, Scene, tables_of, window_of
from tiefen.insight.models.seeds import FIRST
from tiefen.insight.reading_table import ReadingTable
from tiefen.insight.roles import IN_GROUPS, ROLES
from tiefen.insight.tables import group_people, person_interests, person_roles, seed_members

END = date(2026, 11, 26)


def rows_of(scene: Scene, tmp_path: Path, *tables: ReadingTable) -> list[dict[str, Any]]:
    """The rows of the last of some tables, each made with those before it."""
    snapshot = scene.snapshot()
    made: dict[str, pa.Table] = {}
    with tables_of(snapshot, tmp_path, keeping=True) as t:
        for table in tables:
            answer = table.of(t, window_of(snapshot), made)
            made[table.name] = answer if isinstance(answer, pa.Table) else t.arrow(answer)
    return made[tables[-1].name].to_pylist()


def on(days_ago: int, hour: int = 9, minute: int = 0) -> str:
    return f"{END - timedelta(days=days_ago)} {hour:02}:{minute:02}"


# ---- roles ------------------------------------------------------------------------------------------


def roles_of(scene: Scene, tmp_path: Path) -> dict[int, dict[str, Any]]:
    return {row["person"]: row for row in rows_of(scene, tmp_path, group_people.TABLE, person_roles.TABLE)}


def a_would_be_leader(*, brings: bool = True, before: int = 0) -> Scene:
    """Daiyu answers four people and is answered by four; Wukong leads, answered by all, for long."""
    scene = Scene()
    others = range(20, 32)
    for who in (DAIYU, WUKONG, *others):
        scene.stays(who, "2026-06-01", invited_by=DAIYU if brings and who == 20 else None)
    for who in others:
        for days in (5, 10, 40):
            scene.says(who, on(days), reply_to=WUKONG)
            scene.says(WUKONG, on(days, 10), reply_to=who)
    for who in range(20, 24):
        scene.says(who, on(6, 11, who), reply_to=DAIYU)
        scene.says(DAIYU, on(6, 12, who), reply_to=who)
    for who in range(20, 20 + before):
        scene.says(who, on(45, 13, who), reply_to=DAIYU)
    return scene


def test_who_is_answered_more_than_before_helps_and_brings_others_is_a_would_be_leader(tmp_path: Path) -> None:
    roles = roles_of(a_would_be_leader(), tmp_path)

    daiyu = roles[DAIYU]
    assert daiyu["role"] == "advocate"
    assert {name: daiyu[name] for name in ("answered_by", "answered_by_before", "helped", "brought")} == {
        "answered_by": 4, "answered_by_before": 0, "helped": 4, "brought": 1,
    }  # fmt: skip
    assert roles[WUKONG]["role"] == "leader"


@pytest.mark.parametrize(
    "scene", [a_would_be_leader(brings=False), a_would_be_leader(before=5)], ids=["alone", "fading"]
)
def test_who_brings_nobody_or_is_answered_less_than_before_is_none(scene: Scene, tmp_path: Path) -> None:
    assert roles_of(scene, tmp_path)[DAIYU]["role"] not in {"advocate", "leader"}


def test_who_mostly_posts_adverts_is_an_advertiser_and_who_does_so_among_much_else_is_not(tmp_path: Path) -> None:
    scene = Scene()
    for days in range(3):
        scene.says(DAIYU, on(days), advert_score=0.99, length=40, text_hash=days)
        scene.says(WUKONG, on(days), advert_score=0.99, length=40, text_hash=10 + days)
        scene.says(BAJIE, on(days), advert_score=0.0, length=40, text_hash=99)
        scene.says(SHASENG, on(days), advert_score=0.99, length=40, text_hash=50 + days, source_id=f"m{days}")
        scene.rows["advert_mark"].append({"message": f"m{days}", "advert": False})
    for minute in range(10):
        scene.says(WUKONG, on(4, 10, minute), advert_score=0.0, length=4, text_hash=200 + minute)

    roles = roles_of(scene, tmp_path)

    assert (roles[DAIYU]["role"], roles[DAIYU]["adverts"], roles[DAIYU]["said"]) == ("advertiser", 3, 3)
    assert roles[BAJIE]["role"] == "advertiser"
    assert roles[WUKONG]["role"] != "advertiser"
    assert roles[SHASENG]["role"] != "advertiser" and roles[SHASENG]["adverts"] == 0


def test_somebody_silent_in_one_group_and_speaking_in_another_speaks(tmp_path: Path) -> None:
    scene = Scene()
    scene.stays(DAIYU, "2026-01-01", group=BOOKS)
    scene.stays(DAIYU, "2026-01-01", group=BAKERS)
    scene.stays(WUKONG, "2026-01-01", group=BAKERS)
    scene.says(DAIYU, on(3), group=BAKERS)

    roles = roles_of(scene, tmp_path)

    assert (roles[DAIYU]["role"], roles[WUKONG]["role"]) == ("regular", "lurker")
    assert set(IN_GROUPS) < set(ROLES) and len(set(ROLES)) == len(ROLES)


# ---- interests --------------------------------------------------------------------------------------


def drawn_to(scene: Scene, tmp_path: Path) -> dict[int, list[dict[str, Any]]]:
    each: dict[int, list[dict[str, Any]]] = {}
    for row in sorted(rows_of(scene, tmp_path, person_interests.TABLE), key=lambda row: (row["person"], row["rank"])):
        each.setdefault(row["person"], []).append(row)
    return each


def test_signs_of_one_interest_are_counted_by_kind_and_fade_by_their_half_lives(tmp_path: Path) -> None:
    scene = Scene()
    scene.fact("tag.put", on(180), person=DAIYU, tag="Tea")
    scene.fact("page.viewed", on(30), person=DAIYU, page=" tea?from=group ")
    scene.fact(
        "order.paid",
        on(90),
        person=DAIYU,
        order="o1",
        amount_fen=100,
        lines=[{"sku": "tea", "qty": 1, "amount_fen": 100}],
    )

    (tea,) = drawn_to(scene, tmp_path)[DAIYU]

    assert {key: tea[key] for key in ("tagged", "bought", "looked", "followed", "spoke")} == {
        "tagged": 1, "bought": 1, "looked": 1, "followed": 0, "spoke": 0,
    }  # fmt: skip
    assert tea["score"] == pytest.approx(2.0 / 2 + 3.0 / 2 + 1.0 / 2)
    assert (tea["share"], tea["rank"], tea["need"]) == (1.0, 1, False)
    assert tea["last_on"] == END - timedelta(days=30)


def test_a_tag_that_was_taken_off_is_no_sign_and_one_that_was_put_again_is(tmp_path: Path) -> None:
    scene = Scene()
    for who in (DAIYU, WUKONG):
        scene.fact("tag.put", on(9), person=who, tag="poetry")
        scene.fact("tag.removed", on(8), person=who, tag="poetry")
    scene.fact("tag.put", on(7), person=WUKONG, tag="poetry")

    found = drawn_to(scene, tmp_path)

    assert DAIYU not in found
    assert [row["interest"] for row in found[WUKONG]] == ["poetry"]


def test_looked_at_again_of_late_and_never_bought_is_a_need(tmp_path: Path) -> None:
    scene = Scene()
    for ago in (3, 5):
        scene.fact("page.viewed", on(ago), person=DAIYU, page="/pots")
        scene.fact("page.viewed", on(ago + 60), person=DAIYU, page="/cups")
        scene.fact("link.clicked", on(ago), person=WUKONG, link="pots")
    scene.fact(
        "order.paid", on(2), person=WUKONG, order="o1", amount_fen=9, lines=[{"sku": "pots", "qty": 1, "amount_fen": 9}]
    )

    found = drawn_to(scene, tmp_path)

    assert {row["interest"]: row["need"] for row in found[DAIYU]} == {"/pots": True, "/cups": False}
    assert [row["need"] for row in found[WUKONG]] == [False]


def test_the_front_page_and_no_name_are_no_interests_and_ten_are_kept(tmp_path: Path) -> None:
    scene = Scene()
    for page in ("/", "/?x=1", "", " ", *(f"/p{i}" for i in range(15))):
        scene.fact("page.viewed", on(1), person=DAIYU, page=page)
    scene.fact("page.viewed", on(0), person=DAIYU, page="/fresh")

    mine = drawn_to(scene, tmp_path)[DAIYU]

    assert [row["rank"] for row in mine] == list(range(1, 11))
    assert mine[0]["interest"] == "/fresh"
    assert sum(row["share"] for row in mine) < 1


# ---- seed members -----------------------------------------------------------------------------------


def a_group(scene: Scene, group: int, *, later: int = 30, known: bool = True, together: bool = False) -> None:
    """Its first members stay and speak; those who came later do neither, but one of them bought."""
    begin = datetime(2026, 6, 1)
    for number in range(FIRST + later):
        who, seed = group * 1_000 + number, number < FIRST
        joined = begin + timedelta(days=0 if together else number)
        left = None if seed else str((joined + timedelta(days=10)).date())
        scene.stays(who, joined, left, group=group, known=known, invited_by=group * 1_000 if number == 3 else None)
        if seed:
            scene.says(who, joined + timedelta(days=2), group=group)
    buyer = group * 1_000 + FIRST + 1
    scene.fact("order.paid", begin + timedelta(days=FIRST + 5), person=buyer, order=f"o{group}", amount_fen=1, lines=[])


def test_seed_members_are_judged_by_the_same_time_after_joining_as_the_rest(tmp_path: Path) -> None:
    scene = Scene()
    a_group(scene, BOOKS)
    scene.stays(WUKONG, on(5), group=BOOKS)

    rows = {(row["group"], row["seed"]): row for row in rows_of(scene, tmp_path, seed_members.TABLE)}

    seeds, rest = rows[BOOKS, True], rows[BOOKS, False]
    assert (seeds["members"], seeds["stayed"], seeds["spoke"], seeds["spoke_of"]) == (FIRST, FIRST, FIRST, FIRST)
    assert (rest["members"], rest["stayed"], rest["spoke"], rest["bought"], rest["bought_of"]) == (30, 0, 0, 1, 30)
    assert (seeds["brought"], rest["brought"]) == (1, 0)
    assert {name: value for name, value in rows[None, True].items() if name != "group"} == {
        name: value for name, value in seeds.items() if name != "group"
    }


def test_where_nobody_can_tell_who_came_first_nothing_is_said(tmp_path: Path) -> None:
    scene = Scene()
    a_group(scene, 301, known=False)
    a_group(scene, 302, together=True)
    a_group(scene, 303, later=5)

    assert rows_of(scene, tmp_path, seed_members.TABLE) == []


def test_what_is_not_told_is_of_nobody(tmp_path: Path) -> None:
    scene = Scene()
    for number in range(2 * FIRST):
        scene.stays(1_000 + number, datetime(2026, 6, 1) + timedelta(days=number))

    rows = rows_of(scene, tmp_path, seed_members.TABLE)

    assert {(row["spoke_of"], row["bought_of"]) for row in rows} == {(0, 0)}
