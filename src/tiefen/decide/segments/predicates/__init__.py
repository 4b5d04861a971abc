"""The kinds of conditions. A new one is a file here, a line in the list and a case in the test that holds both readings together."""

from tiefen.decide.segments.predicates.attribute import Attribute
from tiefen.decide.segments.predicates.base import Predicate
from tiefen.decide.segments.predicates.bought import Bought
from tiefen.decide.segments.predicates.came_from import CameFrom
from tiefen.decide.segments.predicates.complained import Complained
from tiefen.decide.segments.predicates.consent import Consent
from tiefen.decide.segments.predicates.contact import Contact
from tiefen.decide.segments.predicates.did import Did, DidNot
from tiefen.decide.segments.predicates.did_money import DidMoney
from tiefen.decide.segments.predicates.first_did import FirstDid
from tiefen.decide.segments.predicates.in_audience import InAudience
from tiefen.decide.segments.predicates.in_group import InGroup
from tiefen.decide.segments.predicates.in_segment import InSegment
from tiefen.decide.segments.predicates.last_did import LastDid
from tiefen.decide.segments.predicates.number import Number
from tiefen.decide.segments.predicates.on_date import OnDate
from tiefen.decide.segments.predicates.sequence import Sequence
from tiefen.decide.segments.predicates.share import RandomShare
from tiefen.decide.segments.predicates.standing import HasRole, OnRung, Rfm
from tiefen.decide.segments.predicates.tagged import Tagged
from tiefen.decide.segments.predicates.touched import Touched

PREDICATES: tuple[type[Predicate], ...] = (
    Did,
    DidNot,
    DidMoney,
    FirstDid,
    LastDid,
    Sequence,
    Bought,
    InGroup,
    Contact,
    CameFrom,
    Tagged,
    Attribute,
    OnDate,
    OnRung,
    HasRole,
    Rfm,
    Number,
    Consent,
    Touched,
    Complained,
    InSegment,
    InAudience,
    RandomShare,
)

__all__ = [
    "PREDICATES",
    "Attribute",
    "Bought",
    "CameFrom",
    "Complained",
    "Consent",
    "Contact",
    "Did",
    "DidMoney",
    "DidNot",
    "FirstDid",
    "HasRole",
    "InAudience",
    "InGroup",
    "InSegment",
    "LastDid",
    "Number",
    "OnDate",
    "OnRung",
    "Predicate",
    "RandomShare",
    "Rfm",
    "Sequence",
    "Tagged",
    "Touched",
]
