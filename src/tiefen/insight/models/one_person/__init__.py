"""同一个人 OneID — records that may be of one person although no id says so.

Ids that match are followed at once by `ledger/identity.py`; this is for the rest. `linking` weighs what agrees by the model of
Fellegi and Sunter (1969) as Splink fits it, without examples; `records` says what there is to compare of our people. What is
surely one may be linked by a setting, what is between the lines is for a person to decide, and below them nothing is said.
"""

from tiefen.insight.models.one_person.linking import LOWER, UPPER, Field, Found, proposed
from tiefen.insight.models.one_person.records import PEOPLE_FIELDS, PEOPLE_RULES, record_of, table_of

__all__ = ["LOWER", "PEOPLE_FIELDS", "PEOPLE_RULES", "UPPER", "Field", "Found", "proposed", "record_of", "table_of"]
