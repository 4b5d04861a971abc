"""What there is to compare of our people: name, e-mail, parts of a phone number, birthday, city, sex."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from tiefen.insight.models.one_person.linking import Field

PEOPLE_FIELDS: tuple[Field, ...] = (
    Field("name", "name", common=True),
    Field("email", "text"),
    Field("phone_head", "exact", common=True),
    Field("phone_tail", "digits"),
    Field("birthday", "date"),
    Field("city", "exact", common=True),
    Field("sex", "exact"),
)
PEOPLE_RULES: tuple[tuple[str, ...], ...] = (
    ("name", "city"), ("phone_tail", "city"), ("email",), ("name", "birthday"), ("name", "phone_tail"),
    ("phone_head", "phone_tail"), ("birthday", "city"), ("birthday", "phone_tail"),
)  # fmt: skip
_CALLED = {
    "email": ("email", "mail", "邮箱", "电子邮件"),
    "phone": ("phone", "mobile", "tel", "phone_tail", "手机", "手机号", "电话", "手机尾号"),
    "birthday": ("birthday", "birth_date", "date_of_birth", "dob", "生日", "出生日期"),
    "city": ("city", "城市", "所在城市"),
    "sex": ("sex", "gender", "性别"),
}
_SEXES = {"男": "m", "male": "m", "m": "m", "1": "m", "女": "f", "female": "f", "f": "f", "2": "f"}
_UNSAID = {"", "-", "—", "无", "未知", "unknown", "null", "none", "n/a", "保密", "0"}


def record_of(
    person: int, name: str | None, attributes: Mapping[str, Any], ids: Iterable[tuple[str, str]]
) -> dict[str, Any]:
    """A row to compare. Of a masked number (139****5678) what is legible is kept; a decoration of a name is not."""
    known = {key.lower(): str(value) for key, value in attributes.items() if isinstance(value, (str, int, float))}
    held: dict[str, str] = {}
    for kind, value in ids:
        held.setdefault(kind, value)

    def said(field: str) -> str | None:
        found = next((known[key] for key in _CALLED[field] if key in known), None)
        text = plain(found or held.get(field))
        return None if text is None or text in _UNSAID else text

    head, tail = phone_parts(said("phone"))
    birthday = said("birthday")
    sex = said("sex")
    return {
        "id": person, "name": _name(name), "email": said("email"), "phone_head": head, "phone_tail": tail,
        "birthday": re.sub(r"\D", "", birthday)[:8] or None if birthday else None, "city": _city(said("city")),
        "sex": _SEXES.get(sex) if sex else None,
    }  # fmt: skip


def plain(text: str | None) -> str | None:
    """Text as it is compared: one width, lower case, blanks aside."""
    if text is None:
        return None
    return "".join(unicodedata.normalize("NFKC", text).lower().split()) or None


def phone_parts(text: str | None) -> tuple[str | None, str | None]:
    """(the first three digits, the last four) of a Chinese number; of a fragment only the last four."""
    if not text:
        return None, None
    legible = re.sub(r"^(\+?86)(?=1)", "", re.sub(r"[\s().-]", "", text))
    digits = re.sub(r"\D", "", legible)
    tail = re.search(r"\d{4}$", legible)
    whole = len(digits) == 11 or "*" in legible
    head = re.match(r"1\d{2}", legible) if whole else None
    return (head.group(0) if head else None), (tail.group(0) if tail else None)


def _name(text: str | None) -> str | None:
    """A name without what is not of it: pictures, brackets with remarks, marks."""
    said = plain(text)
    if said is None:
        return None
    said = re.sub(r"[(\[【「].*?[)\]】」]", "", said)
    kept = "".join(c for c in said if unicodedata.category(c)[0] in "LN")
    return kept if len(kept) >= 2 and kept not in _UNSAID and not kept.isdigit() else None


def _city(text: str | None) -> str | None:
    return None if text is None else text.removesuffix("市") or None


def table_of(rows: Iterable[dict[str, Any]]) -> pa.Table:
    """Rows of `record_of` as a table to be compared."""
    fields = [("id", pa.int64()), *((field.name, pa.string()) for field in PEOPLE_FIELDS)]
    return pa.Table.from_pylist(list(rows), schema=pa.schema(fields))
