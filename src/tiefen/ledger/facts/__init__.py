"""The fact vocabulary. A new kind is a class in one of these files, a line here and a test."""

from tiefen.ledger.facts.base import COMMON, Column, Fact, GroupRef, Id, PersonRef, SourceRef, columns
from tiefen.ledger.facts.contacts import ConsentGiven, ConsentWithdrawn, ContactAdded, ContactLost, TagPut, TagRemoved
from tiefen.ledger.facts.groups import GroupCreated, GroupDismissed, GroupKindSaid, GroupOwnerChanged, GroupRenamed
from tiefen.ledger.facts.identity import IdentityLinked, PeopleMerged, PersonSplit
from tiefen.ledger.facts.members import JOINED_VIA, LEFT_HOW, MemberJoined, MemberLeft
from tiefen.ledger.facts.messages import MESSAGE_KINDS, MessagePosted, ReactionPut
from tiefen.ledger.facts.money import CostSpent, Line, OrderPaid, OrderPlaced, OrderRefunded
from tiefen.ledger.facts.points import PointsGiven
from tiefen.ledger.facts.segments import ArmAssigned, SegmentEntered, SegmentLeft
from tiefen.ledger.facts.tasks import TASK_STATES, TaskMoved
from tiefen.ledger.facts.touches import TOUCH_STATES, TouchMoved
from tiefen.ledger.facts.visits import CodeScanned, EventTracked, LinkClicked, PageViewed

KINDS: tuple[type[Fact], ...] = (
    GroupCreated,
    GroupDismissed,
    GroupRenamed,
    GroupOwnerChanged,
    GroupKindSaid,
    MemberJoined,
    MemberLeft,
    MessagePosted,
    ReactionPut,
    ContactAdded,
    ContactLost,
    TagPut,
    TagRemoved,
    ConsentGiven,
    ConsentWithdrawn,
    PageViewed,
    LinkClicked,
    CodeScanned,
    EventTracked,
    OrderPlaced,
    OrderPaid,
    OrderRefunded,
    CostSpent,
    TouchMoved,
    TaskMoved,
    PointsGiven,
    SegmentEntered,
    SegmentLeft,
    ArmAssigned,
    IdentityLinked,
    PeopleMerged,
    PersonSplit,
)

BY_KIND: dict[str, type[Fact]] = {kind.kind: kind for kind in KINDS}

__all__ = [
    "BY_KIND",
    "COMMON",
    "JOINED_VIA",
    "KINDS",
    "LEFT_HOW",
    "MESSAGE_KINDS",
    "TASK_STATES",
    "TOUCH_STATES",
    "ArmAssigned",
    "CodeScanned",
    "Column",
    "ConsentGiven",
    "ConsentWithdrawn",
    "ContactAdded",
    "ContactLost",
    "CostSpent",
    "EventTracked",
    "Fact",
    "GroupCreated",
    "GroupDismissed",
    "GroupKindSaid",
    "GroupOwnerChanged",
    "GroupRef",
    "GroupRenamed",
    "Id",
    "IdentityLinked",
    "Line",
    "LinkClicked",
    "MemberJoined",
    "MemberLeft",
    "MessagePosted",
    "OrderPaid",
    "OrderPlaced",
    "OrderRefunded",
    "PageViewed",
    "PeopleMerged",
    "PersonRef",
    "PersonSplit",
    "PointsGiven",
    "ReactionPut",
    "SegmentEntered",
    "SegmentLeft",
    "SourceRef",
    "TagPut",
    "TagRemoved",
    "TaskMoved",
    "TouchMoved",
    "columns",
]
