"""What was said, from the archive: once each, in groups with contacts alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.wecom.sync.world import CORP, Living, Place, place
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.paging import facts_page
from tiefen.ledger.schema import wecom_syncs
from tiefen.wecom.sync import ArchiveReader, troubles


@pytest.fixture
def here(ledger: Ledger) -> Iterator[Place]:
    with place(ledger) as made:
        yield made


@pytest.fixture
def living(here: Place) -> Living:
    made = Living(here, 5)
    made.begin(people=6, groups=1)
    here.box.clock.step(60)
    here.sync.read_everything()
    return made


def archive(here: Place) -> ArchiveReader:
    assert here.sync.archive is not None
    return here.sync.archive


def test_messages_become_facts_with_their_replies_and_mentions_once(
    here: Place, living: Living, ledger: Ledger
) -> None:
    phones, chat = living.phones, living.chats[0]
    one, other = (person for person in living.people[:2])
    asked = phones.say(one, chat, "请问几点开讲？")
    phones.say(other, chat, "八点", reply_to=asked, mentions=[one])

    taken = archive(here).pull()
    again = archive(here).pull()

    rows = [row for row in facts_page(ledger, CORP).rows if row.kind == "message.posted"]
    assert (taken, again) == (len(rows), 0)
    question = next(row for row in rows if row.source_id == asked)
    answer = next(row for row in rows if row.body.get("reply_to_message") == asked)
    assert question.body["is_question"]
    assert answer.body["reply_to"] == question.body["member"]
    assert list(answer.body["mentions"]) == [question.body["member"]]


def test_what_is_written_to_one_person_stays_between_the_two(here: Place, living: Living, ledger: Ledger) -> None:
    living.phones.add_contact(living.people[0], "xifeng")
    living.phones.say_to(living.people[0], "xifeng", "我的地址是大观园")

    assert archive(here).pull() == 0
    assert ledger.facts(CORP, "message.posted") == 0


def test_a_group_nobody_heard_of_yet_is_asked_for(here: Place, living: Living, ledger: Ledger) -> None:
    chat = living.phones.create_group("pinger", "新群", people=living.people[:2])
    here.box.clock.step(10)
    living.phones.say(living.people[0], chat, "有人吗")

    assert archive(here).pull() == 1
    assert ledger.facts(CORP, "group.created") == 2


def test_more_than_five_days_without_asking_is_a_gap_that_is_told(here: Place, living: Living, ledger: Ledger) -> None:
    archive(here).pull()
    living.phones.say(living.people[0], living.chats[0], "早")
    here.box.clock.step(7 * 86_400)

    assert archive(here).pull() == 0
    (gap,) = (trouble for trouble in troubles(ledger, CORP) if trouble.what == "archive_gap")
    assert gap.facts["to_us"] - gap.facts["from_us"] == pytest.approx(2 * 86_400 * 1e6, rel=0.01)


def test_cut_off_between_words_and_number_nothing_is_posted_twice(here: Place, living: Living, ledger: Ledger) -> None:
    living.phones.say(living.people[0], living.chats[0], "早")
    archive(here).pull()
    with ledger.write() as connection:
        connection.execute(wecom_syncs.delete().where(wecom_syncs.c.what == "archive"))

    archive(here).pull()

    assert ledger.facts(CORP, "message.posted") == 1
