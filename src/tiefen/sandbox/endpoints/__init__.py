"""The catalogue of endpoints: one small file a subject, one list.

To add a subject, write `endpoints/<subject>.py` with

    ENDPOINTS = (Endpoint("externalcontact/add_thing", "POST", add, empty={"thing_id": ""}), …)
    WORK = {"thing_done": done}          # only if something falls due later: def done(box, payload) -> None

and name it in `_SUBJECTS` below. A handler is `def add(call: Call) -> dict`; it runs inside one transaction behind the
sandbox's lock, which is undone when it raises `Refused(errcode, words, **fields)`. What it finds in `Call`:

- parameters: `call.text(name, most=, most_bytes=, missing=errcode)`, `call.number(name, default, least=, most=)`,
  `call.flag`, `call.texts(name, most=, errcode=)`, `call.numbers`, `call.objects`, `call.within(name)` for a nested
  object, `call.has(name)`; `call.upload` for multipart; return a `File` for an answer that is no JSON;
- who: `call.corpid`, `call.app` (`.agentid`, `.sees(userid)`), `call.staff(userid)` (60111), `call.visible_staff()`,
  `call.external(external_userid)` (40096), `call.relation(userid, external_userid)` (84061), `call.needs(permission)`
  (48002);
- things: `call.media(media_id, purpose=)` (40007, 40145), `call.new_id(kind, prefix)`;
- paging: `position = call.cursor(filters)` → None or the values given to `call.next_cursor(*values, filters=, lives=)`;
  50100 and 60268 are raised there. Pages are keyset: order by a unique key, ask for `limit + 1` rows;
- time and later: `call.now` (virtual), `call.box.schedule(at, kind, payload)` with the kind in `WORK`;
- the rest: `call.box.store` (`one`, `all`, `value`, `column`, `run`), `state.dump/load` for JSON columns,
  `call.box.seeds` for chance, `call.box.tell_tasked(…)` and `call.box.tell_delivered(…)` for the population,
  `groups.seen(call, chat_id)` for a group as the API sees it (two seconds late).

What the API does fires no callback: handlers never touch `box.callbacks`. What falls due later may: WeCom itself acts then.
"""

from __future__ import annotations

from tiefen.sandbox.box import Worker
from tiefen.sandbox.endpoints import (
    account,
    acquisition,
    albums,
    blocked_words,
    contacts,
    departments,
    group_transfers,
    group_welcomes,
    groups,
    handover,
    ids,
    join_ways,
    mass_messages,
    media,
    moments,
    msgaudit,
    sidebar,
    staff,
    staff_messages,
    statistics,
    tags,
    ways,
    welcome,
)
from tiefen.sandbox.endpoints.base import Call, Endpoint, File, Limit, Refused, Upload, china_day

_SUBJECTS = (
    account, staff, departments, contacts, tags, groups, statistics, ways, join_ways, welcome, group_welcomes,
    mass_messages, moments, handover, group_transfers, ids, albums, blocked_words, acquisition, sidebar, staff_messages,
    media, msgaudit,
)  # fmt: skip

ENDPOINTS: tuple[Endpoint, ...] = tuple(endpoint for subject in _SUBJECTS for endpoint in subject.ENDPOINTS)
WORK: dict[str, Worker] = {
    kind: worker for subject in _SUBJECTS for kind, worker in getattr(subject, "WORK", {}).items()
}

__all__ = ["ENDPOINTS", "WORK", "Call", "Endpoint", "File", "Limit", "Refused", "Upload", "china_day"]
