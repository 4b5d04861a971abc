"""The four outcomes of a group over several windows that end one after the other: growth, retention, survival, volume.

They hardly correlate (Cunha et al. 2019), so each is a number of its own, and there is no sum of them. Each is told twice where
that can be: grade A from memberships alone, grade B from messages. What memberships cannot tell (how much is said) has no grade A.
Of several windows at once, so that a trend costs no more than a number.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metrics.groups import base
from tiefen.insight.window import Window
from tiefen.kit.clock import start_of

Series = Callable[[Tables, Window, int], ir.Table]
"""(tables, the last window, how many) → (group, ago, part, whole, moved); `ago` 0 is the last window, 1 the one before.
`moved` is what chance is reckoned from where part and whole do not tell it: comings and goings, squares of days."""


def only(series: Series, t: Tables, w: Window) -> ir.Table:
    """(group, part, whole) of the last window."""
    some = series(t, w, 1)
    return base.shares(some.filter(some.ago == 0))


def member_growth(t: Tables, w: Window, windows: int) -> ir.Table:
    """Members who came less those who went, of those who were there when the window began."""
    parts = []
    for ago, window in _windows(w, windows):
        stay = _presence(t, window)
        some = stay.group_by("group").agg(
            part=stay.after.sum() - stay.before.sum(), whole=stay.before.sum(),
            moved=(stay.after + stay.before - 2 * stay.before * stay.after).sum(),
        )  # fmt: skip
        parts.append(_of(some.filter(some.whole > 0), ago))
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def member_retention(t: Tables, w: Window, windows: int) -> ir.Table:
    """Of those who were members when the window began, who still were when it ended."""
    parts = []
    for ago, window in _windows(w, windows):
        stay = _presence(t, window)
        some = stay.group_by("group").agg(part=(stay.before * stay.after).sum(), whole=stay.before.sum())
        parts.append(_of(some.filter(some.whole > 0), ago))
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def member_survival(t: Tables, w: Window, windows: int) -> ir.Table:
    """Members at the end of the window, of the most there were at the end of any of the last thirteen."""

    def make() -> ir.Table:
        ends = [w.end - timedelta(days=w.days) * n for n in range(windows + _LOOKED_BACK)]
        return ibis.union(*(_members(t, end, n) for n, end in enumerate(ends)))

    counts = t.kept(f"members_at_{w.end:%Y%m%d}_{w.days}_{windows}", make)
    parts = []
    for ago in range(windows):
        some = counts.filter(counts.ago >= ago, counts.ago <= ago + _LOOKED_BACK)
        now = (some.ago == ago).ifelse(some.n, 0)
        parts.append(_of(some.group_by("group").agg(part=now.max(), whole=some.n.max()), ago))
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def speaker_growth(t: Tables, w: Window, windows: int) -> ir.Table:
    """People who spoke within the window less those who did in the one before, of the latter."""
    some = _speakers(t, w, windows + 1)
    counts = some.group_by("group", "ago").agg(n=some.count())
    before = counts.select("group", ago=counts.ago - 1, whole=counts.n).filter(ibis._.ago >= 0)
    both = before.left_join(counts, ["group", "ago"])
    now = both.n.fill_null(0)
    return both.select("group", "ago", part=now - both.whole, whole=both.whole, moved=now + both.whole)


def speaker_retention(t: Tables, w: Window, windows: int) -> ir.Table:
    """Of those who spoke in the window before, who spoke in this one."""
    some = _speakers(t, w, windows + 1)
    before = some.select("group", "person", ago=some.ago - 1).filter(ibis._.ago >= 0)
    again = some.mutate(again=ibis.literal(1))
    both = before.left_join(again, ["group", "person", "ago"])
    found = both.group_by("group", "ago").agg(part=both.again.count(), whole=both.count())
    return found.mutate(moved=ibis.null("int64"))


def talk_survival(t: Tables, w: Window, windows: int) -> ir.Table:
    """Days of the window on which anybody spoke, of its days; from the group's first words on."""
    days = _days(t, w)
    counted = days.group_by("group", "ago").agg(part=days.count(), moved=ibis.null("int64"))
    return _every_window(t, w, windows, counted, float(w.days))


def talk_volume(t: Tables, w: Window, windows: int) -> ir.Table:
    """Messages of the window, of its days."""
    days = _days(t, w)
    counted = days.group_by("group", "ago").agg(part=days.messages.sum(), moved=(days.messages * days.messages).sum())
    return _every_window(t, w, windows, counted, float(w.days))


_LOOKED_BACK = 12


def _windows(w: Window, windows: int) -> list[tuple[int, Window]]:
    found = [(0, w)]
    for ago in range(1, windows):
        found.append((ago, found[-1][1].before()))
    return found


def _of(some: ir.Table, ago: int) -> ir.Table:
    moved = some.moved if "moved" in some.columns else ibis.null("int64")
    return some.select("group", ago=ibis.literal(ago, "int64"), part=some.part, whole=some.whole, moved=moved)


def _presence(t: Tables, w: Window) -> ir.Table:
    """(group, person, before, after): 1 for who was there when the window began, and when it ended."""
    stay = t["stay"]
    began = start_of(w.start, t.time_zone)
    ended = t.end(w)
    some = stay.filter(stay.joined_us < ended, stay.left_us.isnull() | (stay.left_us >= began))
    before = (some.joined_us < began).cast("int64")
    after = (some.left_us.isnull() | (some.left_us >= ended)).cast("int64")
    return some.group_by("group", "person").agg(before=before.max(), after=after.max())


def _members(t: Tables, end: date, ago: int) -> ir.Table:
    """(group, ago, n): members at the end of a day."""
    stay = t["stay"]
    at = t.end(Window(end, end))
    here = stay.filter(stay.joined_us < at, stay.left_us.isnull() | (stay.left_us >= at))
    some = here.group_by("group").agg(n=here.person.nunique())
    return some.select("group", ago=ibis.literal(ago, "int64"), n=some.n)


def _speakers(t: Tables, w: Window, windows: int) -> ir.Table:
    """(group, person, ago): who spoke in which window."""
    speech = base.speech(t, w)
    found = _placed(speech.select("group", "person", "day"), w, windows)
    return found.select("group", "person", "ago").distinct()


def _days(t: Tables, w: Window) -> ir.Table:
    """(group, day, messages, ago): days with talk, in the windows they fall in."""
    speech = base.speech(t, w)
    days = speech.group_by("group", "day").agg(messages=speech.messages.sum())
    return _placed(days, w, _MOST_WINDOWS)


def _placed(days: ir.Table, w: Window, windows: int) -> ir.Table:
    """With the window each day falls in; days before the first are left out."""
    starts = [window.start for _, window in _windows(w, windows)]
    days = days.filter(days.day >= ibis.literal(starts[-1]))
    ago = ibis.literal(0, "int64")
    for start in starts[:-1]:
        ago = ago + (days.day < ibis.literal(start)).cast("int64")
    return days.mutate(ago=ago)


_MOST_WINDOWS = 13


def _every_window(t: Tables, w: Window, windows: int, counted: ir.Table, whole: float) -> ir.Table:
    """A row for each window since a group's first words; nothing was said in those that do not occur."""
    first = base.first_words(t, w)
    first = first.group_by("group").agg(first_us=first.happened_us.min())
    parts = []
    for ago, window in _windows(w, windows):
        over = start_of(window.after(), t.time_zone)
        parts.append(first.filter(first.first_us < over).select("group", ago=ibis.literal(ago, "int64")))
    every = ibis.union(*parts) if len(parts) > 1 else parts[0]
    both = every.left_join(counted, ["group", "ago"])
    return both.select(
        "group", "ago", part=both.part.fill_null(0), whole=ibis.literal(whole), moved=both.moved.fill_null(0)
    )
