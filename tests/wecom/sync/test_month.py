"""A month in which callbacks are lost, doubled and late, and what the ledger knows of it once everything was read."""

from __future__ import annotations

import heapq
import random
from collections import Counter

import pytest
import sqlalchemy as sa

from tests.wecom.sync.world import CORP, Living, Place, contacts_told, place, stays_told, stays_true
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import facts
from tiefen.wecom.events import parse

LOST, DOUBLED, LATE = 0.05, 0.05, 0.10


class Post:
    """Callbacks on their way: some are lost, some come twice, some minutes late."""

    def __init__(self, here: Place, seed: int) -> None:
        self._here, self._dice = here, random.Random(seed)
        self._way: list[tuple[float, int, str]] = []
        self.lost: list[str] = []
        self._number = 0

    def collect(self) -> None:
        now = self._here.box.clock.now()
        for xml in self._here.callbacks():
            fate = self._dice.random()
            if fate < LOST:
                self.lost.append(xml)
                continue
            late = self._dice.uniform(1, 300) if fate < LOST + LATE else 0.2
            self._put(now + late, xml)
            if self._dice.random() < DOUBLED:
                self._put(now + late + self._dice.uniform(0, 20), xml)

    def deliver(self) -> None:
        self.collect()
        now = self._here.box.clock.now()
        arrived = []
        while self._way and self._way[0][0] <= now:
            arrived.append(heapq.heappop(self._way)[2])
        if arrived:
            self._here.take(arrived)

    def _put(self, at: float, xml: str) -> None:
        self._number += 1
        heapq.heappush(self._way, (at, self._number, xml))


def live(here: Place, living: Living, post: Post, *, days: int, acts_a_day: int) -> None:
    """Days in which people act, callbacks trickle in, and every night everything is read."""
    box = here.box
    for day in range(days):
        for _ in range(acts_a_day):
            box.clock.step(living.dice.randrange(3, 2 * 86_400 // acts_a_day))
            living.act()
            post.deliver()
            if living.dice.random() < 0.3:
                here.sync.pull()
        if day % 7 == 3:
            here.sync.read_everything()
    box.clock.step(600)
    post.deliver()
    here.sync.pull()
    box.clock.step(120)
    here.sync.read_everything()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_after_a_month_stays_and_contacts_are_what_they_really_were(ledger: Ledger, seed: int) -> None:
    with place(ledger) as here:
        living, post = Living(here, seed), Post(here, seed)
        living.begin()
        here.box.clock.step(10)
        here.callbacks()
        here.sync.read_everything()

        live(here, living, post, days=30, acts_a_day=8)

        told, true = stays_told(ledger), stays_true(here)
        assert contacts_told(ledger) == here.box.truth(here.keys.corpid).contacts()
        unseen = _stays_nobody_told_of(here, post)
        begun = [stay for stay in true if (stay[0], stay[1], stay[2]) not in unseen]
        # Every stay that was told of begins at its second, and no other does.
        assert Counter(stay[:3] for stay in begun) - Counter(stay[:3] for stay in told) == Counter()
        assert {stay[:3] for stay in told if stay[3] is None} == {stay[:3] for stay in true if stay[3] is None}
        ends = {stay[:3]: stay[3] for stay in told}
        silent = _ends_nobody_told_of(post)
        for chat, member, since, left in begun:
            if left is None or (chat, member, left) not in silent:
                assert ends[chat, member, since] == left
            else:
                end = ends[chat, member, since]
                assert end is not None and end >= left - 1
        # What is beyond that are ends of stays whose beginning nobody told of.
        extra = [stay for stay in told if stay[:3] not in {one[:3] for one in begun}]
        assert len(extra) <= len(unseen)
        assert post.lost
        assert not _doubled(ledger)


def _stays_nobody_told_of(here: Place, post: Post) -> set[tuple[str, str, int]]:
    """Stays whose beginning was lost on the way."""
    lost = [parse(xml.encode(), 0) for xml in post.lost]
    comings = {
        (event.get("ChatId"), member, event.at_us // 1_000_000)
        for event in lost
        if event.get("UpdateDetail") == "add_member"
        for member in event.members
    }
    created = {
        (chat, member, since)
        for chat, member, since, left in stays_true(here)
        if left is not None and _seeded_with(here, chat, since)
    }
    return comings | created


def _seeded_with(here: Place, chat: str, since: int) -> bool:
    with here.box.store.lock:
        return int(here.box.store.value("SELECT created FROM groups WHERE chat_id = ?", chat)) == since


def _ends_nobody_told_of(post: Post) -> set[tuple[str, str, int]]:
    lost = [parse(xml.encode(), 0) for xml in post.lost]
    return {
        (event.get("ChatId"), member, event.at_us // 1_000_000)
        for event in lost
        if event.get("UpdateDetail") == "del_member"
        for member in event.members
    }


def _doubled(ledger: Ledger) -> list[tuple[str, ...]]:
    """Facts about the same people of the same kind at the same second."""
    asked = sa.select(facts.c.kind, facts.c.body, facts.c.happened_us).where(
        facts.c.corp_id == CORP, facts.c.kind.in_(("member.joined", "member.left", "contact.added", "contact.lost"))
    )
    with ledger.read() as connection:
        rows = connection.execute(asked).all()
    counted = Counter((row.kind, row.body, str(row.happened_us // 1_000_000)) for row in rows)
    return [one for one, times in counted.items() if times > 1]
