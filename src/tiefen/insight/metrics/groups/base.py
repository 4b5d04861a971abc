"""What several numbers about groups stand on. Computed once in a reading.

Messages of bots do not count anywhere. A number that needs messages is given for groups of which messages were ever
heard, up to the end of the window: the silence of the others is not zero, it is unknown.
"""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.models.replies.guessing import guessed_links
from tiefen.insight.window import Window
from tiefen.kit.clock import DAY_US, SECOND_US

LINK_DAYS = 90
"""How far back replies and mentions make two people acquainted."""
JOIN_DAYS = 90
"""How far back joins are judged for retention."""
ANSWERED_US = DAY_US
"""A reply or mention this long after still answers."""
NEXT_US = 600 * SECOND_US
"""Where nobody is addressed, whoever speaks next within this time is taken to answer."""


def speech(t: Tables, w: Window) -> ir.Table:
    """(group, person, day, messages, answers, first_us, last_us): who spoke where on which day, since the beginning.
    `answers` are replies to somebody else."""

    def make(posted: ir.Table) -> ir.Table:
        said = posted.filter(~posted.by_bot)
        replies = (said.reply_to != said.member).fill_null(False).cast("int64")
        return said.group_by("group", "day", person=said.member).agg(
            messages=said.count(),
            answers=replies.sum(),
            first_us=said.happened_us.min(),
            last_us=said.happened_us.max(),
        )

    return t.by_month("speech", "message_posted", w, make)


def first_words(t: Tables, w: Window) -> ir.Table:
    """(group, person, happened_us): the first message of everybody in every group."""
    if t.keeping:
        return speech(t, w).group_by("group", "person").agg(happened_us=ibis._.first_us.min())
    messages = t.until(t["message_posted"], w)
    messages = messages.filter(~messages.by_bot)
    return messages.group_by("group", person=messages.member).agg(happened_us=messages.happened_us.min())


def heard_groups(t: Tables, w: Window) -> ir.Table:
    """(group): of which messages are known; where only bots were ever heard, nothing is known of the talk of people."""
    if t.keeping:
        return t.kept(f"heard_groups_{w.end:%Y%m%d}", lambda: speech(t, w).select("group").distinct())
    messages = t.until(t["message_posted"], w)
    return messages.filter(~messages.by_bot).select("group").distinct()


def said(t: Tables, w: Window) -> ir.Table:
    """The messages of a window, without those of bots."""
    if t.keeping and w.days <= LINK_DAYS:
        lately = _said_lately(t, w)
        return lately.filter(lately.day >= w.start)
    return _said(t, w)


def _said(t: Tables, w: Window) -> ir.Table:
    messages = t.within(t["message_posted"], w)
    return messages.filter(~messages.by_bot).select(
        "seq", "group", "happened_us", "day", "is_question", "reply_to", "mentions", "text_hash", "length",
        "advert_score", "source_id", person=messages.member,
    )  # fmt: skip


def _said_lately(t: Tables, w: Window) -> ir.Table:
    return t.kept(f"said_{w.end:%Y%m%d}", lambda: _said(t, w.last(LINK_DAYS)))


def links(t: Tables, w: Window) -> ir.Table:
    """(seq, group, a, b, happened_us): in message `seq`, a answered b or mentioned them; over the last `LINK_DAYS` days of
    the window. Whoever addresses themselves is left out."""

    def make() -> ir.Table:
        return addressed(t, said(t, w.last(LINK_DAYS))).select("seq", "group", "a", "b", "happened_us")

    return t.kept(f"links_{w.end:%Y%m%d}", make)


def addressed(t: Tables, some: ir.Table) -> ir.Table:
    """(seq, group, a, b, happened_us, day) of messages like those of `said`: whom they say that they address."""
    common = ("seq", "group", "happened_us", "day")
    replies = some.filter(some.reply_to.notnull()).select(*common, a=some.person, b=some.reply_to)
    named = some.filter(some.mentions.length() > 0).select(*common, a=some.person, handle=some.mentions.unnest())
    known = named.left_join(t["person_of"], "handle")
    mentions = known.select(*common, "a", b=ibis.coalesce(known.person, known.handle))
    both = replies.union(mentions)
    return both.filter(both.a != both.b).distinct()


def edges(t: Tables, w: Window) -> ir.Table:
    """(group, a, b, weight): how often a addressed b in the last `LINK_DAYS` days."""

    def make() -> ir.Table:
        some = links(t, w)
        return some.group_by("group", "a", "b").agg(weight=some.count())

    return t.kept(f"edges_{w.end:%Y%m%d}", make)


def ties(t: Tables, w: Window) -> ir.Table:
    """(group, a, b, weight, guessed): `edges`, and what is guessed where a group never says whom it addresses.

    For pictures. Three guesses in five are right, which is enough to see circles and too little for a number.
    """

    def make() -> ir.Table:
        told = edges(t, w).mutate(guessed=ibis.literal(False))
        lately = w.last(LINK_DAYS)
        guessed = guessed_links(t, lately, said(t, lately))
        if guessed is None:
            return told
        counted = guessed.group_by("group", "a", "b").agg(weight=guessed.count())
        return told.union(counted.mutate(guessed=ibis.literal(True)))

    return t.kept(f"ties_{w.end:%Y%m%d}", make)


def turns(t: Tables, w: Window) -> ir.Table:
    """(seq, group, person, happened_us, is_question, next_us): messages of the window, and when somebody else spoke next."""

    def make() -> ir.Table:
        some = said(t, w).select("seq", "group", "person", "happened_us", "is_question")
        inside = ibis.window(group_by="group", order_by=["happened_us", "seq"])
        changed = some.mutate(begins=(some.person != some.person.lag().over(inside)).fill_null(True))
        starts = changed.begins.ifelse(changed.happened_us, ibis.null("int64"))
        later = ibis.window(group_by="group", order_by=["happened_us", "seq"], following=(1, None))
        return changed.mutate(next_us=starts.min().over(later)).drop("begins")

    return t.kept(f"turns_{w.start:%Y%m%d}_{w.end:%Y%m%d}", make)


def answered(t: Tables, w: Window, asked: ir.Table) -> ir.Table:
    """(group, person, happened_us, answered_us) of rows of `turns`: when the first answer came, or null.

    An answer is a reply to the asker or a mention of them by somebody else within a day; failing that, what somebody else
    says next within ten minutes.
    """
    calls = asked.select("group", "person", "happened_us", "next_us", call=ibis.literal(True))
    some = links(t, w) if t.keeping else addressed(t, said(t, w))  # for a single question, of its window alone
    replies = some.select(
        "group", "happened_us", person=some.b, next_us=ibis.null("int64"), call=ibis.literal(False)
    ).select("group", "person", "happened_us", "next_us", "call")
    both = calls.union(replies)
    inside = ibis.window(group_by=["group", "person"], order_by=["happened_us"], following=(1, None))
    reply_us = (~both.call).ifelse(both.happened_us, ibis.null("int64"))
    both = both.mutate(reply_us=reply_us.min().over(inside)).filter(ibis._.call)
    by_link = (both.reply_us - both.happened_us <= ANSWERED_US).ifelse(both.reply_us, ibis.null("int64"))
    by_turn = (both.next_us - both.happened_us <= NEXT_US).ifelse(both.next_us, ibis.null("int64"))
    return both.select("group", "person", "happened_us", answered_us=ibis.least(by_link, by_turn))


def present(t: Tables, w: Window) -> ir.Table:
    """(group, person): who is a member when the window is over."""

    def make() -> ir.Table:
        stay = t["stay"]
        end = t.end(w)
        here = stay.filter(stay.joined_us < end, stay.left_us.isnull() | (stay.left_us >= end))
        return here.select("group", "person").distinct()

    return t.kept(f"present_{w.end:%Y%m%d}", make)


def joins(t: Tables, w: Window, days: int) -> ir.Table:
    """The stays of those whose coming was told to us, in the last `JOIN_DAYS` days and at least `days` days ago."""
    stay, end = t["stay"], t.end(w)
    came = stay.filter(stay.join_known, stay.joined_us >= end - JOIN_DAYS * DAY_US)
    return came.filter(came.joined_us < end - days * DAY_US)


def stayed_groups(t: Tables, w: Window) -> ir.Table:
    """(group): of which any membership is known."""
    stay = t["stay"]
    return stay.filter(stay.joined_at < t.ends(w)).select("group").distinct()


def watched_groups(t: Tables, w: Window) -> ir.Table:
    """(group): where comings and goings are told to us; in others, memberships are guessed from who speaks."""
    stay = t["stay"]
    return stay.filter(stay.joined_at < t.ends(w), stay.join_known | stay.left_known).select("group").distinct()


def counted(groups: ir.Table, some: ir.Table) -> ir.Table:
    """(group, part, 1) for all of `groups`; those that do not occur in `some` (group, part) have zero."""
    joined = groups.left_join(some, "group")
    return joined.select("group", part=joined.part.fill_null(0).cast("float64"), whole=ibis.literal(1.0))


def shares(some: ir.Table) -> ir.Table:
    """(group, part, whole) as floats."""
    return some.select("group", part=some.part.cast("float64"), whole=some.whole.cast("float64"))
