"""Stays out of events that come late, doubled or never, and of lists in between: what is promised, against any history."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from tiefen.kit.clock import SECOND_US
from tiefen.ledger.stays import Mark, Stay, stays_of
from tiefen.wecom.mirror import presence

S = SECOND_US


@dataclass(frozen=True)
class History:
    """When somebody came and went by turns; what became of each event; when lists were read, and how late they were."""

    acts: tuple[int, ...]
    delays: tuple[int | None, ...]
    """Seconds until the event arrives; None for never."""
    doubled: tuple[bool, ...]
    lists: tuple[tuple[int, int], ...]

    def joined_at(self, at: int) -> int | None:
        """When who is in the group at that second came; None for who is not."""
        past = [act for act in self.acts if act <= at]
        return past[-1] if len(past) % 2 else None

    def stays(self) -> list[tuple[int, int | None]]:
        acts = [*self.acts, None] if len(self.acts) % 2 else [*self.acts]
        return list(zip(acts[::2], acts[1::2], strict=True))  # type: ignore[arg-type]

    def known_from(self, came: int) -> int:
        """When the first told of this coming."""
        delay = self.delays[self.acts.index(came)]
        arrives = [] if delay is None else [came + delay]
        return min(arrives + [at for at, lag in self.lists if self.joined_at(at - lag) == came] + [self.end])

    @property
    def end(self) -> int:
        arrivals = [at + (delay or 0) for at, delay in zip(self.acts, self.delays, strict=True)]
        return max([1_000, *arrivals, *(at for at, _ in self.lists)]) + 100


@st.composite
def histories(draw: st.DrawFn, least: int) -> History:
    gaps = draw(st.lists(st.integers(least, 400), max_size=8))
    acts, at = [], 1_000
    for gap in gaps:
        at += gap
        acts.append(at)
    many = len(acts)
    delays = draw(st.lists(st.one_of(st.none(), st.integers(0, 300)), min_size=many, max_size=many))
    doubled = draw(st.lists(st.booleans(), min_size=many, max_size=many))
    lists = draw(st.lists(st.tuples(st.integers(990, at + 100), st.integers(0, 2)), max_size=6))
    return History(tuple(acts), tuple(delays), tuple(doubled), tuple(sorted(lists)))


def lived(history: History) -> tuple[list[Mark], list[Stay]]:
    """What is laid down when all of it was taken, and a last list a while after the last event."""
    steps: list[tuple[float, int, str, int]] = []
    for n, (at, delay, twice) in enumerate(zip(history.acts, history.delays, history.doubled, strict=True)):
        for more in (0, 7) if twice else (0,):
            if delay is not None:
                steps.append((at + delay + more, n, "left" if n % 2 else "joined", at))
    steps += [(at + 0.5, 0, "list", at - lag) for at, lag in (*history.lists, (history.end, 0))]
    known: list[Mark] = []
    for now, _, what, at in sorted(steps):
        if what == "list":
            since = history.joined_at(at)
            seen = int(now * S)
            told = presence.unlisted(known, seen) if since is None else presence.listed(known, since * S, seen)
        else:
            told = presence.left(known, at * S) if what == "left" else presence.joined(known, at * S)
        known += [one.mark() for one in told]
    return known, stays_of(known)


def seconds(stay: Stay) -> tuple[int, int | None]:
    # Half a second of rounding: what had to be put before a coming in the same second is a microsecond before it.
    return round(stay.joined_us / S), None if stay.left_us is None else round(stay.left_us / S)


@settings(max_examples=200, deadline=None)
@given(history=histories(least=10))
def test_stays_are_what_happened_as_far_as_anybody_told(history: History) -> None:
    _, found = lived(history)
    ours = [seconds(stay) for stay in found]

    looks = [*history.lists, (history.end, 0)]
    shown = {history.joined_at(at - lag) for at, lag in looks}
    told = {act for act, delay in zip(history.acts, history.delays, strict=True) if delay is not None}
    begun = [(came, went) for came, went in history.stays() if came in told or came in shown]
    for came, went in begun:
        (end,) = (end for since, end in ours if since == came)
        if went is None or went in told:
            assert end == went
        else:
            # Nobody told when: before a list without them that came once they were known, and before they came again.
            known_from = history.known_from(came)
            without = [at for at, lag in looks if at - lag >= went and at >= known_from]
            again = [other for other, _ in begun if other > came]
            assert end is not None and went - 1 <= end <= min(without + again) + 1
    only_ended = {went for came, went in history.stays() if (came, went) not in begun and went in told}
    assert only_ended <= {end for _, end in ours}
    assert len(begun) <= len(ours) <= len(begun) + len(only_ended)


@settings(max_examples=200, deadline=None)
@given(history=histories(least=0))
def test_after_a_list_whoever_is_in_it_is_in_the_group_and_nobody_else(history: History) -> None:
    _, found = lived(history)

    inside = bool(found) and found[-1].left_us is None
    assert inside == (history.joined_at(history.end) is not None)


@settings(max_examples=200, deadline=None)
@given(history=histories(least=10))
def test_the_same_list_again_tells_nothing(history: History) -> None:
    known, _ = lived(history)
    since = history.joined_at(history.end)

    seen = (history.end + 5) * S
    again = presence.unlisted(known, seen) if since is None else presence.listed(known, since * S, seen)

    assert again == []


def test_what_a_list_of_a_group_never_seen_before_tells_is_not_inferred() -> None:
    assert presence.listed([], 5 * S, 100 * S, first=True) == [presence.Told("joined", 5 * S)]
    assert presence.listed([], 5 * S, 100 * S) == [presence.Told("joined", 5 * S, inferred=True)]


def test_who_joined_after_the_list_was_read_has_not_left() -> None:
    assert presence.unlisted([Mark("joined", 99 * S)], 100 * S) == []
    assert presence.unlisted([Mark("joined", 90 * S)], 100 * S) == [presence.Told("left", 100 * S, inferred=True)]
