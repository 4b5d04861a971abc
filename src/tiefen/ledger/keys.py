"""What stands for a fact for ever, so that nothing is kept twice."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from tiefen.ledger.facts import Fact


def key_of(corp_id: str, kind: str, source_id: str) -> bytes:
    """Sixteen bytes that stand for one fact: a digest of (corp, kind, source id)."""
    return blake2b(_prefix(corp_id, kind) + source_id.encode(errors="replace"), digest_size=16).digest()


def keys_of(corp_id: str, facts: Iterable[Fact]) -> list[bytes]:
    """The keys of many facts of one corp, in their order."""
    prefixes: dict[str, bytes] = {}
    found = []
    for fact in facts:
        prefix = prefixes.get(fact.kind)
        if prefix is None:
            prefix = prefixes[fact.kind] = _prefix(corp_id, fact.kind)
        found.append(blake2b(prefix + fact.source_id.encode(errors="replace"), digest_size=16).digest())
    return found


def _prefix(corp_id: str, kind: str) -> bytes:
    return f"{corp_id}\0{kind}\0".encode(errors="replace")
