"""Launches (发售): waves in order — announce, questions, scroll-back, results of others, free talk — each a broadcast of its own.

An order belongs to the wave whose message was the last before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.act.broadcasts import keeping
from tiefen.act.broadcasts.errors import BadPlan, CampaignChanged, CampaignNotFound, NotInThisState
from tiefen.act.broadcasts.keeping import UNDER_WAY, WAITING, Broadcast
from tiefen.act.broadcasts.plan import Goal, Plan, ToPersons, Variant, When, Whom
from tiefen.act.message import Message
from tiefen.act.proposal import Purpose
from tiefen.kit.clock import DAY_US, SECOND_US, day_of, start_of
from tiefen.kit.ids import new_id
from tiefen.ledger.schema.touches import campaigns
from tiefen.ledger.writing import Together

KIND = "launch"
_HOUR_US = 3600 * SECOND_US


@dataclass(frozen=True, slots=True)
class WaveKind:
    """A wave: what it is for, when it usually comes (days from the day of sale, hour), and words to begin with."""

    key: str
    zh: str
    en: str
    days: int
    hour: int
    purpose: Purpose
    to_group: str
    to_person: str
    late: bool = False
    """Whether who has ordered already is left in peace."""


WAVES: tuple[WaveKind, ...] = (
    WaveKind(
        "announce", "预告", "Announce", -2, 10, "give",
        "各位，{{ name_of_goods }}后天晚上 8 点在群里开售。先看看值不值：产地、做法和试用的人怎么说，今晚我一条条讲。",
        "{{ name | or_else(\"朋友\") }}，{{ name_of_goods }}后天晚上 8 点开售，先跟你说一声。想知道什么可以现在问我。",
    ),
    WaveKind(
        "questions", "答疑", "Questions", -1, 20, "give",
        "今晚答疑：关于{{ name_of_goods }}，适合谁、不适合谁、怎么用、怎么退，想到什么问什么，我都在。",
        "{{ name | or_else(\"朋友\") }}，{{ name_of_goods }}明晚开售，今晚我专门答疑。适不适合你，说说情况我帮你看。",
    ),
    WaveKind(
        "scroll_back", "爬楼", "Scroll back", 0, 12, "give",
        "这两天没来得及看的，我把要点放在这里：适合谁、多少钱、怎么退。往上翻有每个问题的回答。今晚 8 点开售。",
        "{{ name | or_else(\"朋友\") }}，群里说得多，我替你理了三条：适合谁、多少钱、不合适怎么退。今晚 8 点开售。",
    ),
    WaveKind(
        "results", "看结果", "Results of others", 0, 20, "sell",
        "{{ name_of_goods }}现在可以下单了。先用过的几位怎么说、拍的照片都在下面；数量和价格写在链接里。",
        "{{ name | or_else(\"朋友\") }}，{{ name_of_goods }}开售了，先用过的人怎么说在链接里。想好了再买，不合适 7 天可退。不想再收到，回复 T 就好。",
        late=True,
    ),
    WaveKind(
        "free_talk", "自由聊", "Free talk", 1, 20, "care",
        "昨晚下单的都安排发货了。今天不卖东西，拿到的聊聊感受，没买的聊聊为什么，都想听。",
        "{{ name | or_else(\"朋友\") }}，昨天没打扰到你吧。想听听你为什么没选它，一句话就行，对我们很有用。",
        late=True,
    ),
)  # fmt: skip
BY_KEY = {wave.key: wave for wave in WAVES}


class LaunchBody(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a launch beside its name; the waves' own campaigns hold the rest."""

    goods: str
    opens_us: int
    """When what is sold can be bought."""
    waves: tuple[str, ...] = ()
    """The broadcasts, in order."""


@dataclass(frozen=True, slots=True)
class Launch:
    """A launch with its waves."""

    campaign_id: str
    name: str
    version: int
    body: LaunchBody
    waves: tuple[Broadcast, ...]
    created_us: int
    changed_us: int

    @property
    def state(self) -> str:
        """What its waves amount to: draft, running, done or cancelled."""
        states = {wave.state for wave in self.waves}
        if states & {*WAITING, *UNDER_WAY}:
            return "running"
        if states <= {"draft"}:
            return "draft"
        if states <= {"cancelled"}:
            return "cancelled"
        return "running" if "draft" in states else "done"


def create(
    connection: Connection, corp_id: str, name: str, goods: str, opens_us: int, whom: Whom, zone_name: str, now_us: int,
    *, keys: Sequence[str] = tuple(BY_KEY), planned_orders: int | None = None, price_fen: int | None = None,
) -> Launch:  # fmt: skip
    """A launch with a draft for each wave, at its usual time and in words to begin with."""
    if unknown := set(keys) - set(BY_KEY):
        raise BadPlan("waves", f"there is no wave {min(unknown)}")
    if not keys:
        raise BadPlan("waves", "there is none")
    campaign_id = new_id()
    made = [
        _draft(connection, corp_id, campaign_id, BY_KEY[key], name, goods, opens_us, whom, zone_name, now_us,
               _planned(planned_orders, price_fen, key, keys))
        for key in BY_KEY
        if key in keys
    ]  # fmt: skip
    body = LaunchBody(goods=goods, opens_us=opens_us, waves=tuple(wave.campaign_id for wave in made))
    connection.execute(
        sa.insert(campaigns).values(
            corp_id=corp_id, campaign_id=campaign_id, kind=KIND, name=name, purpose="sell", state="draft",
            body=msgspec.json.encode(body).decode(), version=1, created_us=now_us, changed_us=now_us, begins_us=opens_us,
        )
    )  # fmt: skip
    return get(connection, corp_id, campaign_id)


def _planned(orders: int | None, price_fen: int | None, key: str, keys: Sequence[str]) -> tuple[int | None, int | None]:
    """The orders that a wave is planned to bring: most come when it opens, some on the day after."""
    parts = {"results": 7, "free_talk": 1, "scroll_back": 2}
    whole = sum(parts.get(one, 0) for one in keys)
    if orders is None or not whole:
        return None, None
    share = round(orders * parts.get(key, 0) / whole)
    return share, None if price_fen is None else share * price_fen


def _draft(
    connection: Connection, corp_id: str, launch: str, wave: WaveKind, name: str, goods: str, opens_us: int, whom: Whom,
    zone_name: str, now_us: int, planned: tuple[int | None, int | None],
) -> Broadcast:  # fmt: skip
    day = start_of(day_of(opens_us, zone_name), zone_name)
    at = opens_us if wave.key == "results" else day + wave.days * DAY_US + wave.hour * _HOUR_US
    text = wave.to_person if isinstance(whom, ToPersons) else wave.to_group
    if isinstance(whom, ToPersons) and wave.late:
        whom = msgspec.structs.replace(whom, not_ordered_since_us=day)
    plan = Plan(
        whom=whom, variants=(Variant(name="A", message=Message(text=text.replace("{{ name_of_goods }}", _plain(goods)))),),
        goal=Goal(what="order", days=3, planned_orders=planned[0], planned_fen=planned[1]),
        when=When(kind="at", at_us=at), lasts_hours=12, launch=launch, wave=wave.key,
    )  # fmt: skip
    return keeping.create(connection, corp_id, f"{name} · {wave.zh}", wave.purpose, plan, now_us)


def _plain(text: str) -> str:
    """What it is called, without anything that a template would read."""
    return text.replace("{", "").replace("}", "")


def get(connection: Connection, corp_id: str, campaign_id: str) -> Launch:
    asked = sa.select(campaigns).where(
        campaigns.c.corp_id == corp_id, campaigns.c.campaign_id == campaign_id, campaigns.c.kind == KIND
    )
    row = connection.execute(asked).one_or_none()
    if row is None:
        raise CampaignNotFound(campaign_id)
    return _launch(connection, corp_id, row)


def every(connection: Connection, corp_id: str, most: int = 100) -> list[Launch]:
    """Launches, the one that opens last first."""
    asked = sa.select(campaigns).where(campaigns.c.corp_id == corp_id, campaigns.c.kind == KIND)
    rows = connection.execute(asked.order_by(campaigns.c.begins_us.desc()).limit(most)).all()
    return [_launch(connection, corp_id, row) for row in rows]


def rename(connection: Connection, corp_id: str, campaign_id: str, version: int, name: str, now_us: int) -> Launch:
    """Another name; of two who rename it at once the second is told."""
    done = connection.execute(
        sa.update(campaigns)
        .where(
            campaigns.c.corp_id == corp_id, campaigns.c.campaign_id == campaign_id, campaigns.c.kind == KIND,
            campaigns.c.version == version,
        )
        .values(name=name, version=version + 1, changed_us=now_us)
    )  # fmt: skip
    found = get(connection, corp_id, campaign_id)
    if done.rowcount != 1:
        raise CampaignChanged(campaign_id, found.version)
    return found


def approve(connection: Connection, corp_id: str, campaign_id: str, by: str, now_us: int) -> Launch:
    """Let every wave that is still a draft go out at its time. What may not be said in one of them holds up all."""
    launch = get(connection, corp_id, campaign_id)
    drafts = [wave for wave in launch.waves if wave.state == "draft"]
    if not drafts:
        raise NotInThisState(launch.state, "approved")
    for wave in drafts:
        if wave.plan.when.at_us is not None and wave.plan.when.at_us < now_us - _HOUR_US:
            raise BadPlan("when", f"the time of “{wave.name}” is over")
        keeping.approve(connection, corp_id, wave.campaign_id, wave.version, by, now_us)
    return get(connection, corp_id, campaign_id)


def cancel(together: Together, corp_id: str, campaign_id: str, now_us: int) -> tuple[Launch, list[str]]:
    """Let go of every wave that is not over; returns the tasks that the channel is to stop."""
    launch = get(together.connection, corp_id, campaign_id)
    open_ones = [wave for wave in launch.waves if wave.state in ("draft", *WAITING, *UNDER_WAY)]
    if not open_ones:
        raise NotInThisState(launch.state, "cancelled")
    tasks: list[str] = []
    for wave in open_ones:
        tasks += keeping.cancel(together, corp_id, wave.campaign_id, wave.version, now_us)[1]
    return get(together.connection, corp_id, campaign_id), tasks


def _launch(connection: Connection, corp_id: str, row: Any) -> Launch:
    body = msgspec.json.decode(row.body, type=LaunchBody)
    waves = tuple(keeping.get(connection, corp_id, wave) for wave in body.waves)
    return Launch(row.campaign_id, row.name, row.version, body, waves, row.created_us, row.changed_us)
