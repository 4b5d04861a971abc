"""Ids of one caller as those of another (https://developer.work.weixin.qq.com/document/path/95884, 98728, 93274).

In the sandbox a service provider knows a customer by the corp's id written in another alphabet, which `foreign` tells.
"""

from __future__ import annotations

import random
import string
from typing import TYPE_CHECKING, Any

from tiefen.sandbox.endpoints.base import Call, Endpoint, Refused

if TYPE_CHECKING:
    from tiefen.sandbox.box import Sandbox

_ALPHABET = string.ascii_letters + string.digits


def open_userid(box: Sandbox, corpid: str, userid: str) -> str:
    """How a service provider knows a member of staff."""
    return "wo" + box.seeds.text("open_userid", corpid, userid.lower(), length=30)


def foreign(box: Sandbox, corpid: str, external_userid: str) -> str:
    """How a service provider knows a customer."""
    return external_userid[:2] + external_userid[2:].translate(str.maketrans(_ALPHABET, _other(box, corpid)))


def _staff(call: Call) -> dict[str, Any]:
    call.number("source_agentid")
    asked = call.texts("open_userid_list", most=1_000, missing=40058)
    mine = {open_userid(call.box, call.corpid, userid): userid for userid in call.visible_staff()}
    return {
        "userid_list": [{"open_userid": one, "userid": mine[one]} for one in asked if one in mine],
        "invalid_open_userid_list": [one for one in asked if one not in mine],
    }


def _contact(call: Call) -> dict[str, Any]:
    call.number("source_agentid")
    asked = call.text("external_userid", missing=41035)
    own = asked[:2] + asked[2:].translate(str.maketrans(_other(call.box, call.corpid), _ALPHABET))
    call.external(own)
    return {"external_userid": own}


def _others_only(call: Call) -> dict[str, Any]:
    """For service providers and apps developed on somebody's behalf."""
    raise Refused(48002)


def _other(box: Sandbox, corpid: str) -> str:
    letters = list(_ALPHABET)
    random.Random(box.seeds.hex("foreign", corpid)).shuffle(letters)
    return "".join(letters)


ENDPOINTS = (
    Endpoint("batch/openuserid_to_userid", "POST", _staff, empty={"userid_list": [], "invalid_open_userid_list": []}),
    Endpoint("externalcontact/from_service_external_userid", "POST", _contact),
    Endpoint("externalcontact/unionid_to_external_userid", "POST", _others_only),
    Endpoint("service/externalcontact/unionid_to_external_userid_3rd", "POST", _others_only),
)
