"""What a turn does: new groups begin, the coming weeks are planned, what is due is opened in sets, and openings follow their tasks.

Each of these is one transaction over many groups, and a repetition changes nothing: a row is planned once, tasks and proposals have
ids that say what they are for, and an opening leaves `planned` in the transaction that asks for its tasks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.act import outbox, tasks
from tiefen.act.message import Message
from tiefen.act.playbooks import keeping, planning
from tiefen.act.playbooks.block import Act
from tiefen.act.playbooks.keeping import Kept
from tiefen.act.playbooks.playbook import Placed, Playbook, filled
from tiefen.act.proposal import Proposal
from tiefen.act.tasks import Task
from tiefen.kit.chance import share_of
from tiefen.kit.clock import DAY_US
from tiefen.kit.settings import Settings
from tiefen.ledger import corps, dialect, following
from tiefen.ledger.group_kinds import GroupKind, kinds_of_groups
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import groups, wecom_entrances
from tiefen.ledger.schema.playbooks import playbook_openings, playbook_runs
from tiefen.ledger.schema.playbooks import tasks as task_rows
from tiefen.ledger.schema.touches import campaigns, proposals

FOLLOWER = "playbooks"
AHEAD_US = 28 * DAY_US
"""How far ahead it is planned, so that the calendar shows what is to come."""
_AGAIN_US = 7 * DAY_US
"""When less than the rest of it is ahead, the next part is planned."""
_RUNS, _OPENINGS = 200, 1_000
_FAR = 1_000
"""So many facts that are none of its business may pass before a follower says that it has seen them."""
_TASK_DAYS_US = DAY_US
_WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_SENT, _UNSENT = ("sent", "delivered"), ("refused", "failed")


def turn(ledger: Ledger, settings: Settings, corp_id: str, now_us: int) -> bool:
    """Everything that is due for a company; whether there is more."""
    with ledger.read() as connection:
        some = keeping.every(connection, corp_id, ("running", "paused"))
        if not some and not _followed(connection, corp_id):
            return False
        zone_name = corps.get(connection, corp_id).time_zone
    books = {one.campaign_id: one for one in some}
    more = _follow(ledger, corp_id, now_us)
    _join(ledger, corp_id, books, now_us)
    _leave(ledger, corp_id, now_us)
    more |= _plan(ledger, corp_id, books, zone_name, now_us)
    more |= _open(ledger, corp_id, books, zone_name, now_us)
    return more


# ---- groups that begin by a rule, and groups that are over ----


def _join(ledger: Ledger, corp_id: str, books: Mapping[str, Kept], now_us: int) -> None:
    for one in books.values():
        if one.state != "running" or not one.playbook.rules:
            continue
        with ledger.read() as connection:
            found = _newcomers(connection, corp_id, one)
        if found:
            with ledger.write() as connection:
                keeping.assign(connection, corp_id, one.campaign_id, found, now_us, how="rule")


def _newcomers(connection: Connection, corp_id: str, one: Kept) -> list[int]:
    """Groups born since a rule was made that it is about and in which the playbook never began."""
    never = ~sa.exists().where(
        playbook_runs.c.corp_id == corp_id, playbook_runs.c.campaign_id == one.campaign_id,
        playbook_runs.c.group == groups.c.group_id,
    )  # fmt: skip
    found: list[int] = []
    for rule in one.playbook.rules:
        about = [groups.c.created_us >= max(rule.since_us, one.created_us)]
        if rule.name_has.strip():
            about.append(groups.c.name.icontains(rule.name_has.strip(), autoescape=True))
        if rule.entrance.strip():
            chats = _chats(connection, corp_id, rule.entrance.strip())
            about.append(groups.c.outer_id.in_(chats))
        asked = sa.select(groups.c.group_id).where(
            groups.c.corp_id == corp_id, groups.c.dismissed_us.is_(None), never, *about
        )
        if rule.group_kind is None:
            found += connection.scalars(asked.limit(_RUNS))
        else:
            some = _of_kind(connection, corp_id, list(connection.scalars(asked)), rule.group_kind)
            found += some[:_RUNS]
    return sorted(set(found))


def _of_kind(connection: Connection, corp_id: str, some: list[int], wanted: GroupKind) -> list[int]:
    """Those that are of the kind. What a name says nothing of is no kind that anybody meant."""
    kinds = kinds_of_groups(connection, corp_id, some)
    return [group for group in some if kinds[group].kind == wanted and (kinds[group].said or wanted != "custom")]


def _chats(connection: Connection, corp_id: str, state: str) -> list[str]:
    """The groups that the ways in with this `state` lead to, as WeCom tells them."""
    asked = sa.select(wecom_entrances.c.body).where(
        wecom_entrances.c.corp_id == corp_id, wecom_entrances.c.kind == "join_way", wecom_entrances.c.state == state
    )
    return [str(chat) for body in connection.scalars(asked) for chat in msgspec.json.decode(body).get("chat_ids", ())]


def _leave(ledger: Ledger, corp_id: str, now_us: int) -> None:
    """Runs of groups that were dismissed end."""
    with ledger.read() as connection:
        found = _dismissed(connection, corp_id)
    if not found:
        return
    with ledger.together() as together:
        for campaign_id, some in _dismissed(together.connection, corp_id).items():
            keeping.end(together, corp_id, campaign_id, some, now_us, reason="group_dismissed")


def _dismissed(connection: Connection, corp_id: str) -> dict[str, list[int]]:
    asked = (
        sa.select(playbook_runs.c.campaign_id, playbook_runs.c.group)
        .join(groups, groups.c.group_id == playbook_runs.c.group)
        .where(
            playbook_runs.c.corp_id == corp_id, playbook_runs.c.state != "ended", groups.c.dismissed_us.is_not(None)
        )
        .limit(_RUNS)
    )  # fmt: skip
    found: dict[str, list[int]] = defaultdict(list)
    for campaign_id, group in connection.execute(asked):
        found[campaign_id].append(group)
    return found


# ---- planning ----


def _plan(ledger: Ledger, corp_id: str, books: Mapping[str, Kept], zone_name: str, now_us: int) -> bool:
    """Plan the coming weeks of runs that have too little ahead, or whose playbook was changed."""
    with ledger.read() as connection:
        if not _unplanned(connection, corp_id, now_us):
            return False
    with ledger.write() as connection:
        runs = _unplanned(connection, corp_id, now_us)
        through = now_us + AHEAD_US
        rows: list[dict[str, Any]] = []

        @cache
        def planned(campaign_id: str, anchor_us: int, since_us: int) -> list[planning.Planned]:
            return planning.plan(books[campaign_id].playbook, anchor_us, since_us, through, zone_name)

        changed: dict[str, list[int]] = defaultdict(list)
        for run in runs:
            one = books.get(run.campaign_id)
            if one is None:
                continue
            anew = run.version != one.version
            if anew:
                changed[run.campaign_id].append(run.group)
            since = max(now_us, run.began_us) if anew else run.planned_through_us
            rows += [
                _planned_row(corp_id, run, item, now_us)
                for item in planned(run.campaign_id, run.anchor_us, since)
            ]  # fmt: skip
        for campaign_id, some in changed.items():
            connection.execute(
                sa.delete(playbook_openings).where(
                    playbook_openings.c.corp_id == corp_id, playbook_openings.c.campaign_id == campaign_id,
                    playbook_openings.c.group.in_(some), playbook_openings.c.state == "planned",
                    playbook_openings.c.by_hand.is_(False), playbook_openings.c.begins_us >= now_us,
                )
            )  # fmt: skip
        if rows:
            insert = dialect.insert(connection, playbook_openings)
            keys = ["corp_id", "campaign_id", "group", "block", "day"]
            connection.execute(insert.on_conflict_do_nothing(index_elements=keys), rows)
        for campaign_id in {run.campaign_id for run in runs}:
            one = books.get(campaign_id)
            _done_planning(
                connection, corp_id, campaign_id, [run.group for run in runs if run.campaign_id == campaign_id],
                through, one.version if one else 0, now_us, one.playbook if one else None,
            )  # fmt: skip
    return len(runs) == _RUNS


def _unplanned(connection: Connection, corp_id: str, now_us: int) -> list[Any]:
    asked = (
        sa.select(playbook_runs)
        .join(campaigns, sa.and_(
            campaigns.c.corp_id == playbook_runs.c.corp_id, campaigns.c.campaign_id == playbook_runs.c.campaign_id,
        ))
        .where(
            playbook_runs.c.corp_id == corp_id, playbook_runs.c.state.in_(("running", "paused")),
            campaigns.c.state.in_(("running", "paused")),
            sa.or_(
                playbook_runs.c.planned_through_us < now_us + AHEAD_US - _AGAIN_US,
                playbook_runs.c.version != campaigns.c.version,
            ),
        )
        .limit(_RUNS)
    )  # fmt: skip
    return list(connection.execute(asked))


def _planned_row(corp_id: str, run: Any, item: planning.Planned, now_us: int) -> dict[str, Any]:
    return {
        "corp_id": corp_id, "campaign_id": run.campaign_id, "group": run.group, "block": item.placed.key,
        "day": item.day.isoformat(), "kind": str(item.placed.block.__struct_config__.tag), "state": "planned",
        "by_hand": False, "due_us": item.due_us, "begins_us": item.begins_us, "over_us": item.over_us,
        "ends_us": item.ends_us, "moved_us": now_us,
    }  # fmt: skip


def _done_planning(
    connection: Connection, corp_id: str, campaign_id: str, some: list[int], through: int, version: int, now_us: int,
    playbook: Playbook | None,
) -> None:  # fmt: skip
    mine = (
        playbook_runs.c.corp_id == corp_id,
        playbook_runs.c.campaign_id == campaign_id,
        playbook_runs.c.group.in_(some),
    )
    connection.execute(sa.update(playbook_runs).where(*mine).values(planned_through_us=through, version=version))
    if playbook is not None and playbook.days:
        # Its last day is long over and nothing of it is open.
        over = playbook_runs.c.anchor_us + (playbook.days + 3) * DAY_US < now_us
        waiting = sa.exists().where(
            playbook_openings.c.corp_id == corp_id, playbook_openings.c.campaign_id == campaign_id,
            playbook_openings.c.group == playbook_runs.c.group,
            playbook_openings.c.state.in_(("planned", "open", "late")),
        )  # fmt: skip
        connection.execute(sa.update(playbook_runs).where(*mine, over, ~waiting).values(state="ended", ended_us=now_us))


# ---- opening ----


def _open(ledger: Ledger, corp_id: str, books: Mapping[str, Kept], zone_name: str, now_us: int) -> bool:
    """Open what is due: ask for its tasks, propose its messages. What is past its time is skipped, and not fired late."""
    with ledger.read() as connection:
        if not _due(connection, corp_id, now_us):
            return False
    with ledger.together() as together:
        connection = together.connection
        due = _due(connection, corp_id, now_us)
        opening: list[_Opening] = []
        skipped: dict[str, list[Any]] = defaultdict(list)
        called = _names(connection, {row.group for row in due})
        for row in due:
            one = books.get(row.campaign_id)
            placed = None if one is None else next((p for p in one.playbook.blocks if p.key == row.block), None)
            if one is None or placed is None:
                # Somebody changed the playbook a moment ago, and it is about to be planned anew; what was moved by hand stays.
                if one is not None and row.by_hand:
                    skipped["not_in_playbook"].append(row)
            elif row.ends_us < now_us:
                skipped["paused" if "paused" in (one.state, row.run_state) else "missed"].append(row)
            elif "paused" in (one.state, row.run_state):
                continue
            elif _left_out(one, placed, row):
                skipped["held_out"].append(row)
            else:
                opening.append(_Opening(one, placed, row, called.get(row.group, "")))
        for reason, some in skipped.items():
            _mark(connection, corp_id, some, {"state": "skipped", "reason": reason, "moved_us": now_us})
        asked = list(chain.from_iterable(_tasks(one) for one in opening))
        tasks.add(together, corp_id, asked, now_us)
        said = list(chain.from_iterable(_messages(one, zone_name) for one in opening))
        outbox.keep_contents(connection, corp_id, {proposal.content_id: message for proposal, message in said})
        outbox.propose(connection, corp_id, [proposal for proposal, _ in said], now_us)
        _mark(
            connection, corp_id, [one.row for one in opening],
            {"state": "open", "opened_us": now_us, "moved_us": now_us},
        )  # fmt: skip
    return len(due) == _OPENINGS and bool(opening or skipped)


def _due(connection: Connection, corp_id: str, now_us: int) -> list[Any]:
    """Openings that are due, with the state of their run; the paused ones only once their time is past."""
    runs, o = playbook_runs, playbook_openings
    asked = (
        sa.select(o, runs.c.state.label("run_state"), runs.c.staff.label("staff"))
        .join(runs, sa.and_(
            runs.c.corp_id == o.c.corp_id, runs.c.campaign_id == o.c.campaign_id, runs.c.group == o.c.group
        ))
        .join(campaigns, sa.and_(
            campaigns.c.corp_id == o.c.corp_id, campaigns.c.campaign_id == o.c.campaign_id
        ))
        .where(
            o.c.corp_id == corp_id, o.c.state == "planned", o.c.due_us <= now_us,
            campaigns.c.state.in_(("running", "paused")),
            sa.or_(
                o.c.ends_us < now_us, sa.and_(runs.c.state == "running", campaigns.c.state == "running")
            ),
        )
        .order_by(o.c.due_us, o.c.campaign_id, o.c.group)
        .limit(_OPENINGS)
    )  # fmt: skip
    return list(connection.execute(asked))


class _Opening(NamedTuple):
    book: Kept
    placed: Placed
    row: Any
    called: str

    @property
    def step(self) -> str:
        return step_of(self.row.block, self.row.day)


def step_of(block: str, day: str) -> str:
    """What the tasks and proposals of a block on a day have as their step."""
    return f"{block}@{day}"


def _left_out(one: Kept, placed: Placed, row: Any) -> bool:
    """Whether the block is left out here this time, so that what it brings can be told."""
    if placed.block.essential or one.playbook.holdout <= 0:
        return False
    return share_of(f"{one.campaign_id}:{step_of(row.block, row.day)}", row.group) < one.playbook.holdout


def _tasks(one: _Opening) -> list[Task]:
    personas = {**one.book.playbook.staff, **msgspec.json.decode(one.row.staff)}
    return [
        Task(
            task_id=f"{one.book.campaign_id}:{one.step}:{act.key}:{one.row.group}", kind=act.kind, title=act.title[0],
            detail=act.detail, say=_said(one, act), role=act.persona, staff=personas.get(act.persona),
            group=one.row.group, campaign_id=one.book.campaign_id, step=one.step,
            due_us=one.row.begins_us + act.after_minutes * planning.MINUTE_US,
            expires_us=one.row.ends_us + max(act.after_minutes, 0) * planning.MINUTE_US + _TASK_DAYS_US,
        )
        for act in one.placed.acts()
        if act.how == "task"
    ]  # fmt: skip


def _messages(one: _Opening, zone_name: str) -> list[tuple[Proposal, Message]]:
    found = []
    for act in one.placed.acts():
        message = _said(one, act) if act.how == "message" else None
        if message is None:
            continue
        due = one.row.begins_us + act.after_minutes * planning.MINUTE_US
        found.append((
            Proposal(
                proposal_id=f"{one.book.campaign_id}:{one.step}:{act.key}:{one.row.group}",
                campaign_id=one.book.campaign_id, step=one.step, group=one.row.group, channel="group",
                purpose=one.placed.block.purpose, content_id=message.content_id, due_us=due,
                expires_us=max(one.row.ends_us, due + planning.AHEAD_US),
            ),
            message,
        ))  # fmt: skip
    return found


def _said(one: _Opening, act: Act) -> Message | None:
    """The words of an act in this group: one of its variants, which stays the same however often it is asked."""
    variants = [words for words in act.say if words.strip()]
    if not variants:
        return None
    at = share_of(f"{one.book.campaign_id}:{one.step}:{act.key}", one.row.group)
    words = variants[int(at * len(variants))]
    day = date.fromisoformat(one.row.day)
    values = {**one.placed.block.values(), "group": one.called, "weekday": _WEEKDAYS[day.weekday()]}
    return Message(text=filled(words, values), attachments=one.placed.attachments)


# ---- following ----


def _followed(connection: Connection, corp_id: str) -> bool:
    asked = sa.select(playbook_openings.c.group).where(
        playbook_openings.c.corp_id == corp_id, playbook_openings.c.state.in_(("open", "late"))
    )
    return connection.execute(asked.limit(1)).first() is not None


def _follow(ledger: Ledger, corp_id: str, now_us: int) -> bool:
    """Openings are late, done or skipped as their tasks and messages are."""
    kinds = ("task.moved", "touch.moved")
    with ledger.read() as connection:
        news = following.news(connection, corp_id, FOLLOWER, kinds)
        since = following.place(connection, corp_id, FOLLOWER)
    about = {(fact.body.campaign, fact.body.group) for fact in news.facts if fact.body.campaign and fact.body.group}
    if since is not None and not news.facts and news.through - since < _FAR:
        return False
    with ledger.write() as connection:
        settle(connection, corp_id, None if since is None else about, now_us)
        following.moved(connection, corp_id, FOLLOWER, news.through)
    return news.more


def settle(connection: Connection, corp_id: str, about: set[tuple[str, int]] | None, now_us: int) -> int:
    """Work out the state of open blocks from their tasks and messages: of these (playbook, group), or of all. Returns how many changed."""
    o = playbook_openings
    asked = sa.select(o).where(o.c.corp_id == corp_id, o.c.state.in_(("open", "late")))
    if about is not None:
        if not about:
            return 0
        asked = asked.where(
            o.c.campaign_id.in_({campaign for campaign, _ in about}), o.c.group.in_({group for _, group in about})
        )
    rows = list(connection.execute(asked))
    if not rows:
        return 0
    states = _states(connection, corp_id, {row.campaign_id for row in rows}, {row.group for row in rows})
    changes: dict[tuple[str, str | None], list[Any]] = defaultdict(list)
    for row in rows:
        state, reason = _state(states.get((row.campaign_id, row.group, step_of(row.block, row.day)), []))
        if state != row.state:
            changes[state, reason].append(row)
    for (state, reason), some in changes.items():
        _mark(connection, corp_id, some, {"state": state, "reason": reason, "moved_us": now_us})
    return sum(map(len, changes.values()))


def _state(parts: Sequence[tuple[str, str | None]]) -> tuple[str, str | None]:
    """The state of a block from the states of its tasks and messages, which all say how far they are."""
    states = {state for state, _ in parts}
    if "late" in states:
        return "late", None
    if not parts or "opened" in states:
        return "open", None
    if "done" in states:
        return "done", None
    return "skipped", next((reason for _, reason in parts if reason), None)


def _states(
    connection: Connection, corp_id: str, some: set[str], of_groups: set[int]
) -> dict[tuple[str, int, str], list[tuple[str, str | None]]]:  # fmt: skip
    found: dict[tuple[str, int, str], list[tuple[str, str | None]]] = defaultdict(list)
    for table in (task_rows, proposals):
        asked = sa.select(
            table.c.campaign_id, table.c.group, table.c.step, table.c.state, table.c.reason
        ).where(table.c.corp_id == corp_id, table.c.campaign_id.in_(some), table.c.group.in_(of_groups))  # fmt: skip
        for row in connection.execute(asked):
            state = row.state
            if table is proposals:
                state = "done" if state in _SENT else "skipped" if state in _UNSENT else "opened"
            found[row.campaign_id, row.group, row.step].append((state, row.reason))
    return found


def _mark(connection: Connection, corp_id: str, rows: Sequence[Any], values: Mapping[str, Any]) -> None:
    if not rows:
        return
    o = playbook_openings
    connection.execute(
        sa.update(o)
        .where(
            o.c.corp_id == corp_id, o.c.campaign_id == sa.bindparam("p_campaign"), o.c.group == sa.bindparam("p_group"),
            o.c.block == sa.bindparam("p_block"), o.c.day == sa.bindparam("p_day"),
        )
        .values(**values),
        [
            {"p_campaign": row.campaign_id, "p_group": row.group, "p_block": row.block, "p_day": row.day}
            for row in rows
        ],
    )  # fmt: skip


def _names(connection: Connection, some: set[int]) -> dict[int, str]:
    asked = sa.select(groups.c.group_id, groups.c.name).where(groups.c.group_id.in_(some))
    return dialect.pairs(connection.execute(asked)) if some else {}
