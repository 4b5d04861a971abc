"""Which of the brand's own entrances somebody takes: a code or link for their source if there is one, or a new one they see."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tiefen.sandbox import Sandbox
    from tiefen.sandbox.phones import Phones

CURIOUS = 6
"""One in so many takes an entrance that is not their source's: the poster of a new campaign."""


class Entrance(NamedTuple):
    id: str
    kind: str
    """`way` or `link`."""
    state: str


def of(box: Sandbox, corpid: str, state: str, number: int) -> Entrance | None:
    """What a newcomer with that source takes, or None: they come as people always did."""
    ways = box.store.all(
        "SELECT config_id, state FROM ways WHERE corpid = ? AND NOT is_temp AND unionid = '' ORDER BY created, config_id",
        corpid,
    )
    for way in ways:
        if way["state"] == state:
            return Entrance(way["config_id"], "way", state)
    if number % CURIOUS:
        return None
    links = box.store.all(
        "SELECT link_id, name FROM links WHERE corpid = ? AND deleted IS NULL ORDER BY created, link_id", corpid
    )
    some = [Entrance(way["config_id"], "way", way["state"]) for way in ways]
    some += [Entrance(link["link_id"], "link", link["name"]) for link in links]
    return some[number // CURIOUS % len(some)] if some else None


def enter(phones: Phones, person: str, entrance: Entrance) -> None:
    """Go through it; links carry their name as the channel."""
    if entrance.kind == "way":
        phones.scan_way(person, entrance.id)
    else:
        phones.scan_link(person, entrance.id, channel=entrance.state)
