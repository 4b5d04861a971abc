"""WeCom's errcodes, by what they mean here (https://developer.work.weixin.qq.com/document/path/90313)."""

from __future__ import annotations

from tiefen.wecom.client import errors
from tiefen.wecom.client.errors import WeComError

TOKEN_OVER = frozenset({40001, 40014, 42001})
"""Answered to a call (not to `gettoken`), these say that the token is no good any more."""

_MEANING: dict[type[WeComError], tuple[int, ...]] = {
    errors.Busy: (-1,),
    errors.WrongSecret: (40013, 40091, 41002, 41004),
    errors.TokenRefused: (40001, 40014, 41001, 42001),
    errors.AppDisabled: (50003, 60031),
    errors.Forbidden: (40093, 42012, 48001, 48002, 48009, 48010, 48011, 301052, 301053, 701008),
    errors.OutOfScope: (60011, 84074),
    errors.AddressRefused: (60020, 301042),
    errors.NotOurs: (41058, 81011),
    errors.FrequencyLimited: (45009,),
    errors.TooManyAtOnce: (45033,),
    errors.EditedAtOnce: (45035,),
    errors.AbnormalAccess: (45036,),
    errors.NotYet: (41063,),
    errors.NoRelation: (84061,),
    errors.UnknownContact: (40096,),
    errors.UnknownStaff: (40003, 60111),
    errors.UnknownDepartment: (60003, 60123),
    errors.UnknownGroup: (40050, 86001, 86003, 90501, 90509, 90511),
    errors.GroupDismissed: (49008,),
    errors.UnknownThing: (
        40068, 41037, 41038, 41039, 41040, 41042, 41043, 41044, 41046, 41047, 41060, 41061, 41062, 41073, 41074, 41075,
        41079, 41085, 41086, 41087, 41202,
    ),
    errors.AlreadySo: (40071, 40100, 40129, 41093, 90507, 90508),
    errors.CursorLost: (50100, 60268),
    errors.ReplyTooBig: (45029, 81017),
    errors.WelcomeTooLate: (41050,),
    errors.WelcomeDelivered: (41051,),
    errors.WelcomeUnderWay: (41096,),
    errors.EmptyAudience: (41048,),
    errors.NobodyReached: (81013,),
    errors.ArchiveConsentMissing: (41053,),
    errors.MediaExpired: (40007, 40145),
    errors.MediaRefused: (40004, 40005, 40006, 40009, 40010, 40011, 44001, 45001),
    errors.ContentRefused: (40201, 40204, 85002),
    errors.StaffNotReady: (41054,),
    errors.QuotaUsedUp: (
        40099, 40126, 40128, 40144, 41041, 41045, 41055, 41064, 41069, 41078, 41091, 41094, 41095, 41210, 610023, 610024,
    ),
    errors.NotTransferable: (40097, 40130, 40131, 40143, 40205, 90500, 90502, 90504, 90506),
    errors.BadRequest: (
        40002, 40008, 40033, 40058, 41035, 41049, 41065, 41089, 41200, 41211, 41305,
        610014, 610015, 610016, 610017, 610018,
    ),
}  # fmt: skip
CLASS_OF: dict[int, type[WeComError]] = {code: kind for kind, codes in _MEANING.items() for code in codes}

REASONS: dict[int, str] = {
    -1: "busy",
    40003: "unknown_staff",
    40096: "unknown_contact",
    40097: "staff_not_left",
    40099: "contact_limit",
    40100: "being_transferred",
    40128: "transferred_twice_in_90_days",
    40129: "being_transferred",
    40130: "same_staff",
    40131: "not_their_contact",
    40143: "contact_banned",
    40205: "ticket_expired",
    41048: "empty_audience",
    41050: "too_late",
    41051: "already_welcomed",
    41053: "archive_consent_missing",
    41054: "staff_not_ready",
    41093: "cancelled",
    41096: "welcomed_by_another_app",
    41210: "quota_used_up",
    41211: "moments_not_opened",
    45009: "frequency_limited",
    45033: "too_many_at_once",
    45035: "edited_at_once",
    48002: "forbidden",
    49008: "group_dismissed",
    60111: "unknown_staff",
    81013: "nobody_reached",
    84061: "no_relation",
    90500: "staff_not_left",
    90501: "not_a_group_for_contacts",
    90502: "group_not_transferable",
    90504: "transferred_twice_in_90_days",
    90507: "being_transferred",
    90508: "transferred_already",
    90509: "not_a_group_for_contacts",
}
"""An errcode as the reason of a touch that failed; those not here are `wecom_<errcode>`."""


def reason_of(errcode: int) -> str:
    """Why something failed, in a word that can stay in a fact."""
    return REASONS.get(errcode, f"wecom_{errcode}")


def class_of(errcode: int, endpoint: str) -> type[WeComError]:
    """The situation an errcode stands for; `UnknownError` for one that is in no list."""
    if errcode in TOKEN_OVER and endpoint == "gettoken":
        return errors.WrongSecret
    return CLASS_OF.get(errcode, errors.UnknownError)
