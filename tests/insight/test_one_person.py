"""Records without a common id: what is compared, what is proposed, and what is left alone."""

from __future__ import annotations

import numpy as np
import pytest

from tiefen.insight.models.one_person import PEOPLE_FIELDS, PEOPLE_RULES, Field, Found, proposed, record_of, table_of
from tiefen.insight.models.one_person.records import phone_parts

CITIES = ("姑苏", "金陵", "扬州", "长安", "维扬", "应天")
SURNAMES, GIVEN = "贾王薛史林秦李邢尤刘", "宝玉黛钗探春惜迎湘云凤袭晴鹃平紫芳麝司莺"


@pytest.fixture(scope="module")
def town() -> tuple[Found, int]:
    """600 people; of the first 60 there is a second record: a masked number, a nickname's slip or no birthday."""
    lots = np.random.default_rng(1)
    rows = []
    people = []
    for number in range(600):
        name = lots.choice(list(SURNAMES)) + "".join(lots.choice(list(GIVEN), 2))
        phone = f"13{lots.integers(10)}{lots.integers(10**8):08}"
        people.append(
            (
                name,
                phone,
                f"19{lots.integers(60, 99)}-{lots.integers(1, 12):02}-{lots.integers(1, 28):02}",
                lots.choice(CITIES),
            )
        )
        name, phone, birthday, city = people[-1]
        rows.append(record_of(number, name, {"birthday": birthday, "city": city}, [("phone", phone)]))
    for number, (name, phone, birthday, city) in enumerate(people[:60]):
        slip = name if number % 3 else name[:-1] + "儿"
        known = {"手机": f"{phone[:3]}****{phone[-4:]}", "城市": f"{city}市"} | (
            {"生日": birthday} if number % 2 else {}
        )
        rows.append(record_of(1000 + number, slip, known, []))
    return proposed(table_of(rows), PEOPLE_FIELDS, PEOPLE_RULES), 60


def test_second_records_are_found_and_strangers_are_not(town: tuple[Found, int]) -> None:
    found, twice = town

    pairs = {
        tuple(sorted(pair)) for pair in zip(found.pairs["a"].to_pylist(), found.pairs["b"].to_pylist(), strict=True)
    }
    right = sum(b == a + 1000 for a, b in pairs)
    assert right >= 0.9 * twice
    assert right / len(pairs) >= 0.9


def test_the_evidence_of_the_fields_is_told_and_what_is_unknown_is_left_out(town: tuple[Found, int]) -> None:
    found, _ = town

    for row in found.pairs.to_pylist():
        a, b = sorted((row["a"], row["b"]))
        if b == a + 1000:
            assert row["w_phone_tail"] > 3
            assert (row["w_birthday"] is None) == (a % 2 == 0)


def test_everybody_is_in_one_pair_at_most(town: tuple[Found, int]) -> None:
    named = town[0].pairs["a"].to_pylist() + town[0].pairs["b"].to_pylist()

    assert len(named) == len(set(named))


def test_a_handful_of_records_teaches_nothing() -> None:
    assert proposed(table_of([record_of(1, "黛玉", {}, [])]), PEOPLE_FIELDS, PEOPLE_RULES).why == "too_few_records"


def test_records_that_have_nothing_in_common_are_left_alone() -> None:
    rows = [record_of(n, f"人{n}号{n * 7}", {}, []) for n in range(40)]

    found = proposed(table_of(rows), PEOPLE_FIELDS, PEOPLE_RULES)

    assert (found.why, found.pairs.num_rows) == ("nothing_to_compare", 0)


def test_all_alike_is_no_evidence() -> None:
    rows = [record_of(n, "用户", {"city": "金陵"}, []) for n in range(50)]

    assert (
        proposed(table_of(rows), (*PEOPLE_FIELDS[:1], Field("city", "exact")), (("name", "city"),)).pairs.num_rows == 0
    )


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("+86 139 1234 5678", ("139", "5678")), ("139****5678", ("139", "5678")), ("尾号5678", (None, "5678")),
        ("5678", (None, "5678")), ("1391234", (None, "1234")), ("打听", (None, None)), (None, (None, None)),
    ],
)  # fmt: skip
def test_of_a_number_what_is_legible_is_kept(written: str | None, parts: tuple[str | None, str | None]) -> None:
    assert phone_parts(written) == parts


def test_names_are_compared_without_their_decoration() -> None:
    record = record_of(1, "🌸 林黛玉 (潇湘馆) ~", {"gender": "女", "email": "Daiyu@Example.com"}, [])

    assert (record["name"], record["sex"], record["email"]) == ("林黛玉", "f", "daiyu@example.com")
    assert record_of(2, "138 0000", {"birthday": "1990年3月"}, [])["name"] is None
