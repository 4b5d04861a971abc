"""Words chosen for some people: pure, from what is known of them and of what staff have to tap today."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from tiefen.act import words
from tiefen.act.message import Message
from tiefen.act.words import Part, Worded, Words

HELLO = Message(text='{{ name | or_else("朋友") }}好')
STAFF = ("pinger", "xiren", None)


def choose(
    whose: Mapping[int, str | None], names: Mapping[int, str], how: Words = "auto", most: int = 3, done: int = 0
) -> Worded:
    """Words for people by the member of staff who is to say them; everybody has `done` taps already."""
    senders = {unit: userid for unit, userid in whose.items() if userid is not None}
    taps = {userid: {("other", str(n), "contact") for n in range(done)} for userid in set(senders.values())}
    values = {unit: {"name": name} if name else {} for unit, name in names.items()}
    return words.choose(
        [Part(HELLO, sorted(whose))], how, values, senders, taps, most, campaign_id="spring", channel="contact"
    )


@given(
    st.dictionaries(st.integers(1, 99), st.tuples(st.sampled_from(STAFF), st.sampled_from(["", "甲", "乙", "丙", "丁"]))),
    st.integers(0, 5), st.integers(0, 5),
)  # fmt: skip
def test_nobody_taps_more_than_the_limit_for_words_of_their_own(
    people: dict[int, tuple[str | None, str]], most: int, done: int
) -> None:
    told = choose(
        {unit: userid for unit, (userid, _) in people.items()}, {unit: name for unit, (_, name) in people.items()},
        most=most, done=done,
    )  # fmt: skip

    assert sorted(one.unit for one in told.said) == sorted(people)
    for userid in ("pinger", "xiren"):
        mine = [one for one in told.said if people[one.unit][0] == userid]
        own = {one.content_id for one in mine}
        assert len(own) <= max(most - done, 1)
        assert len({one.plain for one in mine if one.own_id != HELLO_TO_ALL}) <= 1
        assert {one.sender for one in mine if one.plain_id is not None} <= {userid}


HELLO_TO_ALL = Message(text="朋友好").content_id


def test_an_own_text_knows_which_plain_words_it_takes_the_place_of() -> None:
    (own,) = choose({1: "pinger"}, {1: "黛玉"}).said
    (plain,) = choose({1: "pinger"}, {1: "黛玉"}, "one").said
    (nameless,) = choose({1: "pinger"}, {1: ""}).said

    assert (own.message.text, own.plain_id, own.plain) == ("黛玉好", HELLO_TO_ALL, False)
    assert (plain.content_id, plain.plain_id, plain.plain) == (HELLO_TO_ALL, None, True)
    assert (nameless.content_id, nameless.plain_id, nameless.plain, nameless.sender) == (
        HELLO_TO_ALL,
        None,
        False,
        None,
    )


def test_whom_nobody_on_staff_knows_is_not_counted() -> None:
    told = choose(dict.fromkeys(range(9)), {unit: f"客{unit}" for unit in range(9)})

    assert {one.message.text for one in told.said} == {f"客{unit}好" for unit in range(9)}
    assert {one.sender for one in told.said} == {None}
