"""How a batch becomes rows: one writer, many batches a commit, answered only after the commit is on disk."""

from __future__ import annotations

import queue
import threading
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from hashlib import blake2b
from itertools import count
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.kit.clock import now_us
from tiefen.kit.slices import slices
from tiefen.kit.text import clean, to_json
from tiefen.ledger import corps, dialect, digests, identity, kept
from tiefen.ledger.batch import Batch, Receipt
from tiefen.ledger.digests import Erased
from tiefen.ledger.errors import LedgerClosed, PersonNotFound
from tiefen.ledger.facts import Fact, GroupRenamed, Id, IdentityLinked, PeopleMerged
from tiefen.ledger.group_kinds import guessed
from tiefen.ledger.schema import fact_counts, groups, handles, imports, people, rejects, sources, stays
from tiefen.ledger.schema.group_kinds import group_kinds
from tiefen.ledger.schema.segments import profile_news, segment_places
from tiefen.ledger.stays import Mark, Pair, Presence, write_presence

_FACT_COLUMNS = ("seq", "corp_id", "kind", "happened_us", "received_us", "source_id", "origin", "body")
_WORD_COLUMNS = ("seq", "corp_id", "group", "member", "happened_us", "text")
_MOST_FACTS = 8_000
_CACHE = 400_000


class Caches:
    """What the writer need not ask the store again. Only numbers that are committed, and never for longer than they fit."""

    def __init__(self) -> None:
        self.people: dict[str, dict[Id, int]] = defaultdict(dict)
        self.groups: dict[str, dict[str, int]] = defaultdict(dict)
        self.sources: dict[str, dict[str, int]] = defaultdict(dict)
        self.seen: dict[Pair, int] = {}
        self.linked: set[tuple[int, int]] = set()
        self.erased: dict[str, Erased | None] = {}
        self.corps: set[str] = set()
        self.erasures = 0
        """How many erasures and removals the store had seen when these were learned; another process may do one."""

    def clear(self) -> None:
        """Forget everything: after a failure, an erasure, or when there is too much."""
        for cache in (self.people, self.groups, self.sources, self.seen, self.linked, self.erased, self.corps):
            cache.clear()

    def refresh(self, connection: Connection) -> None:
        """Forget everything where something was erased since."""
        now = digests.erasures(connection)
        if now != self.erasures:
            self.clear()
            self.erasures = now

    def trim(self) -> None:
        if len(self.seen) + len(self.linked) + sum(map(len, self.people.values())) > _CACHE:
            self.clear()


class Writer:
    """The thread that writes. Batches that wait together are committed together."""

    def __init__(self, transaction: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._transaction = transaction
        self._queue: queue.SimpleQueue[tuple[Batch, Future[Receipt]] | None] = queue.SimpleQueue()
        self._waiting = 0
        self._lock = threading.Lock()
        self._closed = False
        self.caches = Caches()
        self._thread = threading.Thread(target=self._run, name="tiefen-writer", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Facts and rejects handed in and not yet committed."""
        return self._waiting

    def submit(self, batch: Batch) -> Future[Receipt]:
        future: Future[Receipt] = Future()
        # Whoever waits may go away; what was handed in is written all the same, and its place cannot be taken back.
        future.set_running_or_notify_cancel()
        with self._lock:
            if self._closed:
                raise LedgerClosed
            self._waiting += _size(batch)
            self._queue.put((batch, future))
        return future

    def close(self) -> None:
        """Write what was handed in, then stop."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            first = self._queue.get()
            if first is None:
                return
            together, facts, last = [first], _size(first[0]), False
            while facts < _MOST_FACTS:
                try:
                    more = self._queue.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    last = True
                    break
                together.append(more)
                facts += _size(more[0])
            self._write(together)
            with self._lock:
                self._waiting -= facts
            if last:
                return

    def _write(self, together: list[tuple[Batch, Future[Receipt]]]) -> None:
        try:
            receipts = self._commit([batch for batch, _ in together])
        except Exception as error:
            self.caches.clear()
            if len(together) == 1:
                together[0][1].set_exception(error)
                return
            # One of them cannot be kept. Each gets a transaction of its own, so that its neighbours can.
            for one in together:
                self._write([one])
            return
        for (_, future), receipt in zip(together, receipts, strict=True):
            future.set_result(receipt)

    def _commit(self, batches: list[Batch]) -> list[Receipt]:
        with self._transaction() as connection:
            receipts = write(connection, self.caches, batches)
        self.caches.trim()
        return receipts


def _size(batch: Batch) -> int:
    return len(batch.facts) + len(batch.rejects) + len(batch.profiles) + 1


def write(connection: Connection, caches: Caches, batches: list[Batch]) -> list[Receipt]:
    """Keep batches in the order given, in the transaction of the connection."""
    dialect.begin_writing(connection)
    caches.refresh(connection)
    for corp_id in {batch.corp_id for batch in batches} - caches.corps:
        caches.corps.add(corps.get(connection, corp_id).corp_id)
    received = now_us()
    keys = [_keys(batch) for batch in batches]
    fresh = dialect.fresh_keys(connection, list({key for of_batch in keys for key in of_batch}))
    receipts: list[Receipt] = []
    for run in _runs(batches):
        some = keys[len(receipts) : len(receipts) + len(run)]
        receipts += _Writing(connection, caches, _together(run), received).write(some, fresh, run)
    return receipts


def _runs(batches: list[Batch]) -> list[list[Batch]]:
    """Batches that can be written as one, in their order: small ones of one origin cost more apart than together.

    An import's step counts its own rows. Links make people one before the next batch is looked at, and two names for a
    group are two renamings, so each of these ends a run.
    """
    runs: list[list[Batch]] = []
    names: dict[str, str] = {}
    for batch in batches:
        cards = {card.group: card.name for card in batch.groups if card.name}
        last = runs[-1][-1] if runs else None
        if (
            last is None or last.links or last.step or batch.step
            or (last.corp_id, last.origin) != (batch.corp_id, batch.origin)
            or any(names.get(group, name) != name for group, name in cards.items())
        ):  # fmt: skip
            runs.append([])
            names = {}
        names |= cards
        runs[-1].append(batch)
    return runs


def _together(run: list[Batch]) -> Batch:
    """One batch of several that follow each other."""
    first = run[0]
    if len(run) == 1:
        return first
    facts: list[Fact] = []
    words: dict[int, str] = {}
    for batch in run:
        at = len(facts)
        words.update({at + position: text for position, text in batch.words.items()})
        facts += batch.facts
    return Batch(
        first.corp_id, first.origin, facts, words,
        [profile for batch in run for profile in batch.profiles],
        [card for batch in run for card in batch.groups],
        run[-1].links, [reject for batch in run for reject in batch.rejects],
    )  # fmt: skip


def key_of(corp_id: str, kind: str, source_id: str) -> bytes:
    """Sixteen bytes that stand for one fact for ever."""
    return blake2b(f"{corp_id}\0{kind}\0{source_id}".encode(errors="replace"), digest_size=16).digest()


def _keys(batch: Batch) -> list[bytes]:
    corp = batch.corp_id
    return [key_of(corp, fact.kind, fact.source_id) for fact in batch.facts]


class _Writing:
    """One batch on its way into the rows."""

    def __init__(self, connection: Connection, caches: Caches, batch: Batch, received_us: int) -> None:
        self.connection, self.caches, self.batch, self.received_us = connection, caches, batch, received_us
        self.corp = batch.corp_id
        self.people: dict[Id, int] = caches.people[self.corp]
        self.groups: dict[str, int] = caches.groups[self.corp]
        self.sources: dict[str, int] = caches.sources[self.corp]
        self.presence = Presence()
        self.last_seq = 0
        self.counts: dict[str, list[int]] = {}
        self.own: list[tuple[str, int, str, str, str]] = []

    def write(self, keys: list[list[bytes]], fresh: set[bytes], run: list[Batch]) -> list[Receipt]:
        """Keep the batch, which stands for all of a run; the keys are theirs, batch by batch."""
        batch = self.batch
        chosen: list[int] = []
        accepted: list[int] = []
        position = 0
        for of_batch in keys:
            before = len(chosen)
            for key in of_batch:
                if key in fresh:
                    fresh.discard(key)  # the same fact again in this commit is a duplicate
                    chosen.append(position)
                position += 1
            accepted.append(len(chosen) - before)
        self._resolve(chosen)
        self._profiles()
        self._group_cards()
        self._facts(chosen)
        if self.presence.marks or self.presence.dismissed:
            write_presence(self.connection, self.corp, self.presence)
        self._links()
        self._rejects()
        self.finish()
        receipts = [
            Receipt(kept, len(one.facts) - kept, len(one.rejects), self.last_seq)
            for one, kept in zip(run, accepted, strict=True)
        ]
        if batch.step is not None:
            self._step(receipts[0])
        return receipts

    # ---- outer ids become numbers ----

    def _resolve(self, chosen: list[int]) -> None:
        ids: set[Id] = {profile.id for profile in self.batch.profiles}
        for link in self.batch.links:
            ids.add(link.id)
            ids.add(link.also)
        named: set[str] = {card.group for card in self.batch.groups}
        origins: set[str] = set()
        facts = self.batch.facts
        for position in chosen:
            kept.gather(facts[position], ids, named, origins)
        self._resolve_people([id for id in ids if id not in self.people])
        self._resolve_names(groups, "group", self.groups, [name for name in named if name not in self.groups])
        self._resolve_names(sources, "source", self.sources, [name for name in origins if name not in self.sources])

    def _resolve_people(self, missing: list[Id]) -> None:
        if not missing:
            return
        self._by_number([id for id in missing if id.type == identity.PERSON])
        normal = {id: identity.normal(id) for id in missing if id.type != identity.PERSON}
        wanted = sorted(set(normal.values()))
        found: dict[Id, int] = {}
        by_type: dict[str, list[str]] = defaultdict(list)
        for id in wanted:
            by_type[id.type].append(id.value)
        for id_type, values in by_type.items():
            for some in slices(values):
                asked = sa.select(handles.c.id_value, handles.c.handle).where(
                    handles.c.corp_id == self.corp, handles.c.id_type == id_type, handles.c.id_value.in_(some)
                )
                found.update({Id(id_type, value): handle for value, handle in self.connection.execute(asked)})
        new = [id for id in wanted if id not in found]
        if new:
            erased = self._erased(new)
            found |= erased
            new = [id for id in new if id not in erased]
        if new:
            first = dialect.take_numbers(self.connection, "handle", len(new))
            now = self.received_us
            found.update({id: number for number, id in enumerate(new, first)})
            dialect.insert_many(
                self.connection,
                "people",
                ("person_id", "corp_id", "attributes", "staff", "created_us"),
                [(found[id], self.corp, "{}", id.type == "staff_userid", now) for id in new],
            )
            dialect.insert_many(
                self.connection,
                "handles",
                ("handle", "corp_id", "id_type", "id_value", "person_id", "created_us"),
                [(found[id], self.corp, id.type, id.value, found[id], now) for id in new],
            )
        for id, same in normal.items():
            self.people[id] = found[same]

    def _by_number(self, ids: list[Id]) -> None:
        """People whom our own facts name by their number."""
        numbers = {int(id.value): id for id in ids}
        for some in slices(sorted(numbers)):
            asked = sa.select(handles.c.handle).where(handles.c.corp_id == self.corp, handles.c.handle.in_(some))
            self.people.update({numbers[handle]: handle for handle in self.connection.scalars(asked)})
        if strange := [id for id in ids if id not in self.people]:
            raise PersonNotFound(int(strange[0].value))

    def _erased(self, ids: list[Id]) -> dict[Id, int]:
        """Those of the ids that belong to somebody erased: they stay the nobody they have become."""
        if self._nobodies is None:
            return {}
        by_digest = {self._nobodies.digest(id): id for id in ids}
        found: dict[Id, int] = {}
        for some in slices(sorted(by_digest)):
            asked = sa.select(handles.c.id_value, handles.c.handle).where(
                handles.c.corp_id == self.corp,
                handles.c.id_type.in_({id.type for id in ids}),
                handles.c.id_value.in_(some),
            )
            found.update({by_digest[value]: handle for value, handle in self.connection.execute(asked)})
        return found

    @property
    def _nobodies(self) -> Erased | None:
        """Whoever was erased in this corp; None where nobody was."""
        known = self.caches.erased
        if self.corp not in known:
            known[self.corp] = digests.erased_of(self.connection, self.corp)
        return known[self.corp]

    def _resolve_names(self, table: sa.Table, counter: str, known: dict[str, int], missing: list[str]) -> None:
        if not missing:
            return
        number, name = (
            (groups.c.group_id, groups.c.outer_id) if table is groups else (sources.c.source_id, sources.c.name)
        )
        cleaned = {text: clean(text) for text in missing}
        found: dict[str, int] = {}
        for some in slices(sorted(set(cleaned.values()))):
            asked = sa.select(name, number).where(table.c.corp_id == self.corp, name.in_(some))
            found.update(dialect.pairs(self.connection.execute(asked)))
        new = sorted(set(cleaned.values()) - set(found))
        if new:
            first = dialect.take_numbers(self.connection, counter, len(new))
            found.update({text: first + n for n, text in enumerate(new)})
            self.connection.execute(
                sa.insert(table), [{number.name: found[text], name.name: text, "corp_id": self.corp} for text in new]
            )
        known.update({text: found[same] for text, same in cleaned.items()})

    # ---- facts, words, presence ----

    def _facts(self, chosen: list[int]) -> None:
        if not chosen:
            return
        facts, said = self.batch.facts, self.batch.words
        first = dialect.take_numbers(self.connection, "fact", len(chosen))
        rows: list[tuple[Any, ...]] = []
        words: list[tuple[Any, ...]] = []
        corp, origin, received = self.corp, self.batch.origin, self.received_us
        nobodies = self._nobodies.handles if self._nobodies is not None else frozenset()
        for seq, position in enumerate(chosen, first):
            fact = facts[position]
            body, as_json = kept.body_of(fact, self.people, self.groups, self.sources)
            if nobodies and kept.actor(body) in nobodies:
                body, as_json = kept.impersonal(body)
                if kept.actor(fact).value in fact.source_id:
                    fact = msgspec.structs.replace(fact, source_id=f"{digests.ERASED}{seq}")
            rows.append((seq, corp, fact.kind, fact.happened_us, received, clean(fact.source_id), origin, as_json))
            if position in said and body.member not in nobodies:
                text = clean(said[position])
                words.append((seq, corp, body.group, body.member, fact.happened_us, text))
            self._notice(fact, body)
        self.last_seq = first + len(chosen) - 1
        dialect.insert_many(self.connection, "facts", _FACT_COLUMNS, rows)
        dialect.insert_many(self.connection, "words", _WORD_COLUMNS, words)

    def _notice(self, fact: Fact, body: Any) -> None:
        """What a fact changes beyond being kept."""
        at = fact.happened_us
        count = self.counts.get(fact.kind)
        if count is None:
            self.counts[fact.kind] = [1, at, at]
        else:
            count[0] += 1
            if at < count[1]:
                count[1] = at
            elif at > count[2]:
                count[2] = at
        match fact.kind:
            case "message.posted":
                self.presence.seen(body.group, body.member, at, self.caches.seen)
            case "member.joined":
                mark = Mark("joined", at, body.via, body.invited_by, body.inferred)
                self.presence.mark(body.group, body.member, mark)
            case "member.left":
                mark = Mark("left", at, body.how, body.removed_by, body.inferred)
                self.presence.mark(body.group, body.member, mark)
            case "group.dismissed":
                self.presence.dismissed[body.group] = at
            case "group.created":
                self._update_group(body.group, created_us=at, owner=body.owner)
            case "group.owner_changed":
                self._update_group(body.group, owner=body.owner)
            case "group.kind_said":
                said = {"corp_id": self.corp, "group": body.group, "kind": body.group_kind}
                dialect.put(self.connection, group_kinds, [said])

    def _update_group(self, group: int, **values: Any) -> None:
        known = {key: value for key, value in values.items() if value is not None}
        self.connection.execute(sa.update(groups).where(groups.c.group_id == group).values(known))

    def _count(self) -> None:
        if not self.counts:
            return
        upsert = dialect.insert(self.connection, fact_counts)
        earlier = sa.case(
            (upsert.excluded.first_us < fact_counts.c.first_us, upsert.excluded.first_us), else_=fact_counts.c.first_us
        )
        later = sa.case(
            (upsert.excluded.last_us > fact_counts.c.last_us, upsert.excluded.last_us), else_=fact_counts.c.last_us
        )
        self.connection.execute(
            upsert.on_conflict_do_update(
                index_elements=["corp_id", "kind"],
                set_={"facts": fact_counts.c.facts + upsert.excluded.facts, "first_us": earlier, "last_us": later},
            ),
            [
                {"corp_id": self.corp, "kind": kind, "facts": n, "first_us": first, "last_us": last}
                for kind, (n, first, last) in self.counts.items()
            ],
        )

    # ---- people and groups as they are known ----

    def _profiles(self) -> None:
        """What was told of people, in the order it was told."""
        told = [(self.people[profile.id], profile) for profile in self.batch.profiles]
        if not told:
            return
        owners: dict[int, int] = {}
        known: dict[int, dict[str, Any]] = {}
        for some in slices(sorted({handle for handle, _ in told})):
            asked = (
                sa.select(handles.c.handle, people.c.person_id, people.c.name, people.c.attributes, people.c.staff)
                .join(people, people.c.person_id == handles.c.person_id)
                .where(handles.c.handle.in_(some), people.c.erased_us.is_(None))
            )
            for handle, person, name, attributes, staff in self.connection.execute(asked):
                owners[handle] = person
                known.setdefault(
                    person, {"name": name, "attributes": msgspec.json.decode(attributes), "staff": bool(staff)}
                )
        for handle, profile in told:
            if (person := owners.get(handle)) is None:
                continue
            values = known[person]
            values["name"] = clean(profile.name) if profile.name else values["name"]
            values["attributes"] |= {k: v for k, v in profile.attributes.items() if v is not None}
            values["staff"] = values["staff"] if profile.staff is None else profile.staff
        if known:
            self.connection.execute(
                sa.update(people).where(people.c.person_id == sa.bindparam("key")),
                [
                    {"key": person, **values, "attributes": to_json(values["attributes"])}
                    for person, values in known.items()
                ],
            )
            if not self._keeps_segments():
                return
            dialect.insert_many(
                self.connection,
                "profile_news",
                ("corp_id", "person"),
                [(self.corp, person) for person in sorted(known)],
            )

    def _keeps_segments(self) -> bool:
        """Whether anybody keeps segments of this corp; whoever begins to looks at everybody."""
        watched = sa.select(segment_places.c.corp_id).where(segment_places.c.corp_id == self.corp)
        return self.connection.execute(watched).first() is not None

    def _group_cards(self) -> None:
        cards = {card.group: card for card in self.batch.groups}
        if not cards:
            return
        numbers = {self.groups[outer]: card for outer, card in cards.items()}
        for some in slices(sorted(numbers)):
            found = self.connection.execute(
                sa.select(groups.c.group_id, groups.c.name, groups.c.platform).where(groups.c.group_id.in_(some))
            )
            for number, name, platform in found:
                card = numbers[number]
                values = {}
                if card.name and clean(card.name) != name:
                    values["name"] = clean(card.name)
                    if name:
                        self._renamed(number)
                    elif guessed(values["name"]) != guessed(name):
                        self._look_at_members(number)
                if card.platform and card.platform != platform:
                    values["platform"] = clean(card.platform)
                if values:
                    self.connection.execute(sa.update(groups).where(groups.c.group_id == number).values(values))

    def _look_at_members(self, group: int) -> None:
        """A first name is no fact, yet it may tell what kind of group somebody has been in."""
        if self._keeps_segments():
            there = sa.select(stays.c.corp_id, stays.c.member).where(
                stays.c.corp_id == self.corp, stays.c.group == group
            )
            self.connection.execute(sa.insert(profile_news).from_select(["corp_id", "person"], there.distinct()))

    def _renamed(self, group: int) -> None:
        """A group that had a name has another one now, as of the latest that this batch tells of it."""
        facts = self.batch.facts
        outer = {name for name, number in self.groups.items() if number == group}
        at = max(
            (fact.happened_us for fact in facts if getattr(fact, "group", None) in outer), default=self.received_us
        )
        number = dialect.take_numbers(self.connection, "merge", 1)
        self.keep(GroupRenamed.kind, f"renamed:{group}:{number}", at, self.batch.origin, group=group)

    def _links(self) -> None:
        """Make the people of linked ids one; each pair of ids is looked at once."""
        at: dict[tuple[int, int], int] = {}
        for link in self.batch.links:
            one, other = sorted((self.people[link.id], self.people[link.also]))
            if one != other and (one, other) not in self.caches.linked:
                at.setdefault((one, other), link.happened_us)
        if not at:
            return
        self.caches.linked.update(at)
        keys = {key_of(self.corp, IdentityLinked.kind, f"{one}:{other}"): (one, other) for one, other in at}
        fresh = {keys[key] for key in dialect.fresh_keys(self.connection, list(keys))}
        pairs = [pair for pair in at if pair in fresh]
        outcomes = identity.link(self.connection, pairs)
        merges = sum(isinstance(done, identity.Merge) for done in outcomes)
        numbers = count(dialect.take_numbers(self.connection, "merge", merges) if merges else 0)
        for pair, done in zip(pairs, outcomes, strict=True):
            one, other = pair
            refused = done if isinstance(done, str) else None
            self.keep(IdentityLinked.kind, f"{one}:{other}", at[pair], person=one, also=other, refused=refused)
            if isinstance(done, identity.Merge):
                self.merged(done, at[pair], "link", next(numbers))

    def merged(self, done: identity.Merge, at_us: int, because: str, number: int | None = None) -> None:
        """Keep a merge as the fact it is. `number` tells it from another of the same two; one is taken if none is given."""
        if number is None:
            number = dialect.take_numbers(self.connection, "merge", 1)
        source_id = f"{done.kept}:{done.gone}:{number}"
        self.keep(PeopleMerged.kind, source_id, at_us, kept=done.kept, gone=done.gone, because=because)

    def keep(self, kind: str, source_id: str, at_us: int, origin: str = "identity", **fields: Any) -> None:
        """Keep one fact of the ledger's own making."""
        self.own.append((kind, at_us, source_id, origin, kept.encode(kind, **fields)))
        count = self.counts.setdefault(kind, [0, at_us, at_us])
        count[0] += 1
        count[1], count[2] = min(count[1], at_us), max(count[2], at_us)

    def finish(self) -> None:
        """Write the facts of the ledger's own making, and how many of each kind there are."""
        if self.own:
            first = dialect.take_numbers(self.connection, "fact", len(self.own))
            rows = [
                (seq, self.corp, kind, at_us, self.received_us, source_id, origin, body)
                for seq, (kind, at_us, source_id, origin, body) in enumerate(self.own, first)
            ]
            dialect.insert_many(self.connection, "facts", _FACT_COLUMNS, rows)
            self.last_seq = first + len(rows) - 1
        self._count()

    # ---- what was refused, and how far an import came ----

    def _rejects(self) -> None:
        rows = [
            {
                "corp_id": self.corp, "origin": self.batch.origin, "position": reject.position,
                "raw": to_json(reject.raw), "code": reject.code,
                "reason": to_json(reject.reason), "state": "open",
                "received_us": self.received_us,
            }
            for reject in self.batch.rejects
        ]  # fmt: skip
        if rows:
            self.connection.execute(dialect.insert(self.connection, rejects).on_conflict_do_nothing(), rows)

    def _step(self, receipt: Receipt) -> None:
        step = self.batch.step
        assert step is not None
        self.connection.execute(
            sa.update(imports)
            .where(imports.c.import_id == step.import_id)
            .values(
                rows_done=step.rows_done,
                bytes_done=step.bytes_done,
                accepted=imports.c.accepted + receipt.accepted,
                duplicates=imports.c.duplicates + receipt.duplicates,
                rejected=imports.c.rejected + receipt.rejected,
            )
        )


def own_writing(connection: Connection, caches: Caches, corp_id: str, origin: str) -> _Writing:
    """A writing without a batch, for facts of the ledger's own making."""
    dialect.begin_writing(connection)
    return _Writing(connection, caches, Batch(corp_id, origin), now_us())


class Together:
    """One transaction for facts and for rows that must never say anything else than the facts do."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def append(self, batch: Batch) -> Receipt:
        """Keep a batch in this transaction."""
        # Nothing is remembered beyond it: what one transaction learned is not true before it is committed.
        return write(self.connection, Caches(), [batch])[0]
