"""兴趣与需要 — what somebody is drawn to, by what they did: each sign fades with a half-life of its own.

A tag that staff put, a good that was bought, a page that was looked at, a link that was followed, a topic that was spoken in. Names
that are the same but for capitals and blanks are one interest. Looked at again and again of late and never bought is a need.
"""

from __future__ import annotations

from dataclasses import dataclass

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metrics.persons import base
from tiefen.insight.models.next_product.lines import goods_bought
from tiefen.insight.window import Window

MOST = 10
"""Interests of a person, the strongest first."""
LOOKS_BACK = 730
NEED_DAYS, NEED_SIGNS = 30, 2
"""Looked at or followed so often within so many days, and not bought, is a need."""
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Sign:
    """A kind of evidence: what one sign of today weighs, and after how many days half of that."""

    key: str
    zh: str
    en: str
    weight: float
    half_life: int


SIGNS = (
    Sign("tagged", "员工打的标签", "tagged by staff", 2.0, 180),
    Sign("bought", "买过", "bought", 3.0, 90),
    Sign("looked", "看过页面", "looked at", 1.0, 30),
    Sign("followed", "点过链接", "followed a link", 1.0, 30),
    Sign("spoke", "在话题里发言", "spoke in the topic", 0.5, 60),
)
"""Weights and half-lives are rules of thumb, not learned: they put what is fresh and what cost something first."""
_BY_KEY = {sign.key: sign for sign in SIGNS}


def interests(t: Tables, w: Window) -> ir.Table:
    """(person, rank, interest, score, share, last_on, need, tagged, bought, looked, followed, spoke): at most `MOST` a person."""
    together = ibis.union(*(_faded(w, some, _BY_KEY[key]) for key, some in _signs(t, w).items()))
    together = together.semi_join(base.counted(t, w), "person")
    each = together.group_by("person", "name").agg(
        interest=together.interest.min(), score=together.score.sum(), last_on=together.last_on.max(),
        lately=together.lately.sum(),
        **{key: together.signs.sum(where=together.kind == key).fill_null(0) for key in _BY_KEY},
    )  # fmt: skip
    each = each.mutate(need=(each.lately >= NEED_SIGNS) & (each.bought == 0))
    own = ibis.window(group_by="person")
    best = ibis.window(group_by="person", order_by=[each.score.round(6).desc(), each.name])
    placed = each.mutate(rank=ibis.row_number().over(best) + 1, share=each.score / each.score.sum().over(own))
    return placed.filter(placed["rank"] <= MOST).drop("name", "lately")


def _signs(t: Tables, w: Window) -> dict[str, ir.Table]:
    """(person, interest, day) of each kind, one row a sign."""
    span = w.last(LOOKS_BACK)
    pages, links, talk = (t.within(t[name], span) for name in ("page_viewed", "link_clicked", "message_posted"))
    talk = talk.filter(~talk.by_bot, ~talk.by_staff, talk.topic.notnull())
    goods = goods_bought(t, w)
    return {
        "tagged": _tags(t, w),
        "bought": goods.select("person", "day", interest=goods.sku),
        "looked": pages.select("person", "day", interest=_address(pages.page)),
        "followed": links.select("person", "day", interest=_address(links.link)),
        "spoke": talk.select("day", person=talk.member, interest=talk.topic),
    }


def _tags(t: Tables, w: Window) -> ir.Table:
    """Tags that are on somebody at the end of the window, by the day they were last put there."""
    put, removed = t.until(t["tag_put"], w), t.until(t["tag_removed"], w)
    on = put.group_by("person", "tag").agg(day=put.day.max(), put_us=put.happened_us.max())
    off = removed.group_by("person", "tag").agg(off_us=removed.happened_us.max())
    both = on.left_join(off, ["person", "tag"])
    both = both.filter(both.off_us.isnull() | (both.off_us < both.put_us))
    return both.select("person", "day", interest=both.tag)


def _address(page: ir.StringValue) -> ir.StringValue:
    """A page without what follows its question mark or hash."""
    for mark in ("?", "#"):
        at = page.find(mark)
        page = ibis.ifelse(at >= 0, page.substr(0, at), page)
    return page


def _faded(w: Window, some: ir.Table, sign: Sign) -> ir.Table:
    """(person, name, interest, kind, score, signs, lately, last_on): what all signs of a kind come to today."""
    word = some.interest.strip().substr(0, LONGEST_NAME)
    some = some.filter(some.person.notnull()).select("person", "day", interest=word, name=word.lower())
    some = some.filter(some.name != "", some.name != "/")
    age = ibis.greatest((ibis.literal(w.end) - some.day).cast("int64"), 0)
    some = some.mutate(
        score=sign.weight * ibis.literal(0.5) ** (age / sign.half_life),
        fresh=(age < NEED_DAYS) & ibis.literal(sign.key in ("looked", "followed")),
    )
    found = some.group_by("person", "name").agg(
        interest=some.interest.min(), score=some.score.sum(), signs=some.count(),
        lately=some.fresh.cast("int64").sum(), last_on=some.day.max(),
    )  # fmt: skip
    return found.select(
        "person", "name", "interest", "score", "signs", "lately", "last_on", kind=ibis.literal(sign.key)
    )  # fmt: skip
