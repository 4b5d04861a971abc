"""Who is whom: links between ids, merges of people and splits, as facts like any other."""

from tiefen.ledger.facts.base import Fact, PersonRef


class IdentityLinked(Fact, frozen=True, kw_only=True, gc=False):
    """Two ids were seen to belong to one person."""

    kind = "identity.linked"
    title = ("身份关联", "Identity linked")
    own = True

    person: PersonRef
    also: PersonRef
    refused: str | None = None
    """Why the link was not followed: `blocked_value`, `limit_reached:TYPE`, `erased`, `operator` (a
    person said that they are two); None where it was."""


class PeopleMerged(Fact, frozen=True, kw_only=True, gc=False):
    """Two people turned out to be one. `gone` is the person id that no longer stands for itself."""

    kind = "people.merged"
    title = ("合并", "People merged")
    own = True

    kept: int
    gone: int
    because: str = "link"


class PersonSplit(Fact, frozen=True, kw_only=True, gc=False):
    """A merge was taken back: `handles` belong to `new` from now on."""

    kind = "person.split"
    title = ("拆分", "Person split")
    own = True

    kept: int
    new: int
    handles: tuple[int, ...] = ()
