"""What is said in a group: which kind of talk it is, what is repeated, how crowded it gets, what is complained about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.insight.scenes import BAJIE, BOOKS, DAIYU, POETS, SHASENG, WUKONG, Scene, measure, tables_of, us, window_of
from tiefen.insight.detectors import DETECTORS, Found
from tiefen.insight.features import features
from tiefen.insight.metrics.groups import crowding, crowding_peak, repeated_nearly, repeated_text, sell_give
from tiefen.insight.models.talk import rules
from tiefen.insight.models.talk.grams import counts, plain, plain_all
from tiefen.insight.models.talk.topics import digest, named, topics_of
from tiefen.insight.tables import complaint_topics, complaints, floods, group_talk, talk_examples
from tiefen.kit.share import Share
from tiefen.ledger.lake import WORDS


class Talk(Scene):
    """A scene in which words are kept."""

    def tells(self, who: int, at: str, text: str, group: int = BOOKS, **more: Any) -> str:
        kept = features(text)._asdict()
        id = self.says(who, at, group, **(kept | more))
        fact = self.facts["message_posted"][-1]
        self.facts[WORDS].append({name: fact[name] for name in ("seq", "corp_id", "happened_at", "group", "member", "month")} | {"text": text})  # fmt: skip
        return id

    def talk(self, tmp_path: Path) -> dict[tuple[int, str], dict[str, Any]]:
        return {(row["group"], row["talk"]): row for row in self.table(group_talk.TABLE, tmp_path)}

    def table(self, table: Any, tmp_path: Path) -> list[dict[str, Any]]:
        snapshot = self.snapshot()
        with tables_of(snapshot, tmp_path, keeping=True) as t:
            made = table.of(t, window_of(snapshot), {})
            rows = made if isinstance(made, pa.Table) else t.arrow(made)
        return rows.sort_by([(column, "ascending") for column in table.sorted_by]).to_pylist()


# ---- which kind of talk -------------------------------------------------------------------------------

SAID = {
    "question": ["请问盖碗怎么选", "有没有人知道周末几点集合", "does anyone know how to reset it"],
    "sharing": ["终于收到新书了，比想象中厚，晒一下", "打卡第三天，今天把第一章读完了"],
    "complaint": ["快递太慢了，五天了还没到", "收到就是破的，客服一直没人回", "so disappointed, it arrived broken"],
    "praise": ["这次的茶很不错，回甘好喝，会回购", "店家服务周到，非常满意"],
    "advert": ["兼职日结，在家可做，加微信详聊 ab12388", "代购正品，全场五折，需要的私聊我"],
    "small_talk": ["哈哈哈", "早上好呀大家", "嗯嗯，是这样", "lol thanks"],
}


@pytest.mark.parametrize(("talk", "text"), [(talk, text) for talk, texts in SAID.items() for text in texts])
def test_a_message_is_told_by_its_words(talk: str, text: str, tmp_path: Path) -> None:
    scene = Talk()
    scene.tells(DAIYU, "2026-11-20 09:00", text)

    assert list(scene.talk(tmp_path)) == [(BOOKS, talk)]


def test_what_somebody_else_says_after_a_question_answers_it(tmp_path: Path) -> None:
    scene = Talk()
    scene.tells(DAIYU, "2026-11-20 09:00", "请问龙井用多少度的水？")
    scene.tells(WUKONG, "2026-11-20 09:02", "85度，出汤快一点，别闷")
    scene.tells(BAJIE, "2026-11-22 09:02", "85度，出汤快一点")

    told = scene.talk(tmp_path)

    assert told[BOOKS, "answer"]["messages"] == 1
    assert told[BOOKS, "small_talk"]["messages"] == 1


def test_what_operators_say_counts_whatever_the_words_say(tmp_path: Path) -> None:
    scene = Talk()
    for id, mark in (
        (scene.tells(DAIYU, "2026-11-20 09:00", "这个很好喝"), {"advert": False, "talk": "complaint"}),
        (scene.tells(DAIYU, "2026-11-20 09:01", "兼职日结，加微信 ab12388"), {"advert": False, "talk": None}),
        (scene.tells(DAIYU, "2026-11-20 09:02", "哈哈"), {"advert": True, "talk": "advert"}),
    ):
        scene.rows["advert_mark"].append({"message": id, **mark})

    told = scene.talk(tmp_path)

    assert {talk: row["messages"] for (_, talk), row in told.items()} == {"complaint": 1, "small_talk": 1, "advert": 1}


def test_the_window_before_is_told_apart_and_messages_without_words_are_of_no_kind(tmp_path: Path) -> None:
    scene = Talk()
    scene.tells(DAIYU, "2026-10-20 09:00", "快递太慢了，还没到")
    scene.tells(WUKONG, "2026-11-20 09:00", "快递太慢了，还没到")
    scene.tells(WUKONG, "2026-11-21 09:00", "哈哈")
    scene.says(BAJIE, "2026-11-21 09:01")

    told = scene.talk(tmp_path)[BOOKS, "complaint"]

    assert (told["messages"], told["messages_before"], told["people"]) == (1, 1, 1)
    assert (told["of"], told["of_before"]) == (2, 1)


def test_nothing_said_is_no_table(tmp_path: Path) -> None:
    scene = Talk()
    scene.stays(DAIYU, "2026-11-01")

    tables = (group_talk, floods, complaint_topics, complaints, talk_examples)

    assert [scene.table(one.TABLE, tmp_path) for one in tables] == [[]] * 5


def test_who_complained_is_noted_with_when_as_an_operator_marked_it_or_by_the_words(tmp_path: Path) -> None:
    scene = Talk()
    slow = "快递太慢了，还没到"
    scene.tells(DAIYU, "2026-11-20 09:00", slow)
    scene.tells(BAJIE, "2026-11-20 09:05", "这个很好喝")
    for who, text, talk in ((WUKONG, "这个很好喝", "complaint"), (BAJIE, slow, "small_talk")):
        marked = scene.tells(who, "2026-11-21 09:00", text)
        scene.rows["advert_mark"].append({"message": marked, "advert": False, "talk": talk})

    told = scene.table(complaints.TABLE, tmp_path)

    assert [(row["person"], row["group"], row["happened_us"]) for row in told] == [
        (who, BOOKS, us(f"2026-11-{day} 09:00", scene.zone)) for who, day in sorted(((DAIYU, 20), (WUKONG, 21)))
    ]


def test_a_reason_names_the_words_that_gave_it_away() -> None:
    (reason,) = rules.reasons("客服一直没人回", "complaint")

    assert "没人回" in reason["zh"] or "一直没" in reason["zh"]


def test_texts_taken_together_are_looked_at_like_each_alone() -> None:
    texts = ["A b", "", "\x00x", "见 https://a.b/c?d 12", "😀" * 500, "\ud800"]

    assert plain_all(texts) == [plain(text) for text in texts]
    together = counts(texts)
    assert all(abs(together[n] - counts([text])).sum() == 0 for n, text in enumerate(texts))


# ---- repeats, crowds, the brand -----------------------------------------------------------------------


def test_repeated_is_what_another_message_of_the_group_says(tmp_path: Path) -> None:
    scene = Talk()
    for who, text, group in (
        (DAIYU, "海棠花开了", BOOKS), (WUKONG, "海棠 花开了", BOOKS), (BAJIE, "海棠花谢了", BOOKS),
        (BAJIE, "哈哈", BOOKS), (WUKONG, "哈哈", BOOKS), (BAJIE, "海棠花开了", POETS),
    ):  # fmt: skip
        scene.tells(who, "2026-11-20 09:00", text, group)

    found = measure(repeated_text.METRIC, scene, tmp_path)

    assert found == {BOOKS: Share(2, 3), POETS: Share(0, 1)}


def test_a_text_posted_again_with_a_few_characters_changed_is_nearly_repeated(tmp_path: Path) -> None:
    scene = Talk()
    advert = "家里自己种的柑橘，皮薄汁多，一箱十斤三十九块包邮，要的群友在小程序里下单，明天一早发货"
    for who, text, group in (
        (DAIYU, advert, BOOKS), (WUKONG, advert.replace("三十九", "四十二"), BOOKS),
        (BAJIE, "今天读到第三回，黛玉进府那一段写得真细，大家怎么看", BOOKS), (SHASENG, advert, POETS),
    ):  # fmt: skip
        scene.tells(who, "2026-11-20 09:00", text, group)

    found = measure(repeated_nearly.METRIC, scene, tmp_path)

    assert found == {BOOKS: Share(2, 3), POETS: Share(0, 1)}


def test_a_group_is_crowded_where_more_than_forty_speak_within_twenty_minutes(tmp_path: Path) -> None:
    scene = Talk()
    for who in range(1, 42):
        scene.says(who, f"2026-11-20 09:{who % 20:02}")
    for who in range(1, 41):
        scene.says(who, f"2026-11-20 10:{who % 20:02}")
    scene.says(DAIYU, "2026-11-21 10:00")

    assert measure(crowding.METRIC, scene, tmp_path) == {BOOKS: Share(1, 3)}
    assert measure(crowding_peak.METRIC, scene, tmp_path) == {BOOKS: Share(41, 1)}


def test_selling_is_counted_of_staff_alone(tmp_path: Path) -> None:
    scene = Talk()
    scene.rows["person"].append({"person": SHASENG, "staff": True})
    scene.tells(SHASENG, "2026-11-20 09:00", "【上新】新茶到仓，体验装9.9元，小程序下单")
    scene.tells(SHASENG, "2026-11-20 10:00", "第三泡出汤慢一点就不苦了")
    scene.tells(WUKONG, "2026-11-20 11:00", "今晚截单", by_staff=True)
    scene.tells(DAIYU, "2026-11-20 12:00", "我也下单了")

    assert measure(sell_give.METRIC, scene, tmp_path) == {BOOKS: Share(2, 3)}


# ---- floods -------------------------------------------------------------------------------------------


def test_floods_are_told_with_who_and_how_fast(tmp_path: Path) -> None:
    scene = Talk()
    for second in range(12):
        scene.says(BAJIE, f"2026-11-20 09:00:{second * 4:02}", length=2)
    for who in range(10, 16):
        scene.tells(who, f"2026-11-21 09:0{who % 10}", "点我领红包，新人专享，手慢无，名额有限")
    scene.says(DAIYU, "2026-11-22 09:00")

    told = scene.table(floods.TABLE, tmp_path)

    one = next(row for row in told if row["kind"] == "one_person")
    assert (one["person"], one["messages"], one["peak"], one["people"]) == (BAJIE, 12, 12, 1)
    same = next(row for row in told if row["kind"] == "one_text")
    assert (same["person"], same["messages"], same["texts"], same["people"]) == (None, 6, 1, 6)
    assert {row["kind"] for row in told} <= {"one_person", "one_text", "adverts"}


def test_as_many_over_a_longer_time_or_in_two_groups_are_no_flood(tmp_path: Path) -> None:
    scene = Talk()
    for n in range(30):
        scene.says(BAJIE, f"2026-11-20 09:{n:02}:00", length=2)
    for n in range(9):
        scene.says(WUKONG, f"2026-11-21 09:00:0{n}", BOOKS)
        scene.says(WUKONG, f"2026-11-21 09:00:0{n}", POETS)

    assert scene.table(floods.TABLE, tmp_path) == []


def test_many_at_the_very_same_moment_are_one_flood(tmp_path: Path) -> None:
    scene = Talk()
    for _ in range(2_000):
        scene.says(BAJIE, "2026-11-20 09:00:00", length=2)

    (flood,) = scene.table(floods.TABLE, tmp_path)

    assert (flood["messages"], flood["peak"]) == (2_000, 2_000)


# ---- themes of complaints -----------------------------------------------------------------------------

SLOW = ["快递太慢了，物流五天没动", "物流太慢，快递还没到", "快递没到，物流信息不更新"]
BROKEN = ["包装破了，茶壶碎了", "茶壶收到就是碎的，包装太薄", "包装太差，茶壶磕坏了"]


def _complaints() -> Talk:
    scene = Talk()
    for day in range(1, 25):
        scene.tells(day, f"2026-11-{day:02} 09:00", SLOW[day % 3])
        if day % 2:
            scene.tells(100 + day, f"2026-11-{day:02} 10:00", BROKEN[day % 3], POETS)
    scene.tells(DAIYU, "2026-10-10 09:00", "潇湘馆的快递太慢了")
    return scene


def test_complaints_about_the_same_are_one_theme_named_by_words_of_three_people_or_more(tmp_path: Path) -> None:
    scene = _complaints()
    text = {row["seq"]: row["text"] for row in scene.facts[WORDS]}

    told = scene.table(complaint_topics.TABLE, tmp_path)

    names = [named(row["terms"], (text[seq] for seq in row["example_seqs"])) for row in told]
    slow = sum(row["messages"] for row, name in zip(told, names, strict=True) if "快递" in name or "物流" in name)
    assert slow == 24
    assert sum(row["messages"] for row in told) == 36
    assert any("茶壶" in name or "包装" in name for name in names)
    assert digest("潇湘馆") not in {term for row in told for term in row["terms"]}


def test_a_theme_holds_no_words_and_what_was_erased_names_nothing(tmp_path: Path) -> None:
    told = _complaints().table(complaint_topics.TABLE, tmp_path)

    assert all(isinstance(value, (int, bool, list)) for row in told for value in row.values())
    assert named(told[0]["terms"], []) == []


def test_few_complaints_or_such_without_anything_in_common_have_no_themes() -> None:
    assert topics_of(["太慢了"] * 19, np.arange(19)).terms == ()
    assert topics_of([f"{chr(0x4E00 + 7 * n)}{chr(0x5E00 + 3 * n)}坏" for n in range(60)], np.arange(60)).terms == ()
    assert topics_of(["茶壶坏了，包装破了"] * 60, np.zeros(60, np.int64)).terms == ()


def test_the_same_complaints_have_the_same_themes_again() -> None:
    texts, people = [*SLOW, *BROKEN] * 10, np.arange(60)

    first, again = topics_of(texts, people), topics_of(texts, people)

    assert first.terms == again.terms
    assert np.array_equal(first.of, again.of)


# ---- what stands out ----------------------------------------------------------------------------------


def _found(key: str, **tables: list[dict[str, Any]]) -> list[Found]:
    (detector,) = (d for d in DETECTORS if d.key == key)
    made = {name: pa.Table.from_pylist(rows) for name, rows in tables.items()}
    return list(detector.of(made, window_of(Scene().snapshot())))


@pytest.mark.parametrize(
    ("now", "of", "before", "of_before", "stands_out"),
    [(30, 600, 5, 600, True), (30, 600, 28, 600, False), (7, 50, 0, 500, False), (30, 600, 0, 20, False), (9, 9, 9, 50, True)],
)  # fmt: skip
def test_complaints_rise_where_it_is_not_by_chance(
    now: int, of: int, before: int, of_before: int, stands_out: bool
) -> None:
    row = {"group": BOOKS, "talk": "complaint", "messages": now, "of": of, "people": 3, "messages_before": before, "of_before": of_before}  # fmt: skip

    assert bool(_found("complaints_rising", group_talk=[row])) is stands_out


def test_crowded_and_selling_groups_stand_out() -> None:
    numbers = {"members": (100, 1), "joined": (3, 1), "left": (5, 1), "crowding": (5, 40), "crowding_peak": (77, 1), "sell_give": (9, 12)}  # fmt: skip
    row = {"group": BOOKS} | {
        f"{k}_{side}": float(v) for k, vs in numbers.items() for side, v in zip(("part", "whole"), vs, strict=True)
    }
    calm = row | {"group": POETS, "crowding_part": 0.0, "sell_give_part": 3.0}

    assert [f.entity_id for f in _found("crowded_group", groups=[row, calm])] == [BOOKS]
    assert [f.entity_id for f in _found("selling_too_much", groups=[row, calm])] == [BOOKS]
