"""A group's own life."""

from tiefen.ledger.facts.base import Fact, GroupRef, PersonRef


class GroupCreated(Fact, frozen=True, kw_only=True, gc=False):
    """A group came into being."""

    kind = "group.created"
    title = ("建群", "Group created")

    group: GroupRef
    owner: PersonRef | None = None


class GroupDismissed(Fact, frozen=True, kw_only=True, gc=False):
    """A group was dismissed by its owner."""

    kind = "group.dismissed"
    title = ("群解散", "Group dismissed")

    group: GroupRef


class GroupRenamed(Fact, frozen=True, kw_only=True, gc=False):
    """A group got another name; the name itself is in the erasable `groups` table."""

    kind = "group.renamed"
    title = ("群改名", "Group renamed")

    group: GroupRef


class GroupOwnerChanged(Fact, frozen=True, kw_only=True, gc=False):
    """A group got another owner."""

    kind = "group.owner_changed"
    title = ("群主变更", "Group owner changed")

    group: GroupRef
    owner: PersonRef


class GroupKindSaid(Fact, frozen=True, kw_only=True, gc=False):
    """An operator said what kind of group one is, or took it back."""

    kind = "group.kind_said"
    title = ("说明群类型", "Kind of a group said")
    own = True

    group: GroupRef
    group_kind: str | None = None
    """One of `GROUP_KINDS` in `tiefen.ledger.group_kinds`; None: what its name sounds like counts again."""
