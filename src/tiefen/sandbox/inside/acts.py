"""What people and administrators can be made to do by hand: the acts of `Phones`, each with what it needs to be told.

`POST /_sandbox/api/corps/{corpid}/acts` with `{"act": "scan_way", "person": "wx_…", "config_id": "…"}` does one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tiefen.sandbox.inside.asked import Asked, BadRequest

Kind = Literal["text", "whole", "flag", "texts", "lines", "optional", "optional_whole"]


@dataclass(frozen=True, slots=True)
class Act:
    """One act: which of its arguments go by place, which by name, and who does it."""

    who: Literal["customer", "staff", "admin"]
    says: str
    places: Mapping[str, Kind]
    names: Mapping[str, Kind]


def _act(who: Literal["customer", "staff", "admin"], says: str, places: str, **names: Kind) -> Act:
    kinds: dict[str, Kind] = {}
    for one in places.split():
        name, _, kind = one.partition(":")
        kinds[name] = kind or "text"  # type: ignore[assignment]
    return Act(who, says, kinds, names)


ACTS: Mapping[str, Act] = {
    "person": _act("customer", "Somebody new with a WeChat account.", "name", gender="optional_whole"),
    "scan_way": _act("customer", "Scan a contact-me code.", "person config_id"),
    "scan_link": _act("customer", "Open an acquisition link.", "person link_id", channel="optional"),
    "scan_join_way": _act("customer", "Scan a group code.", "person config_id"),
    "add_contact": _act("customer", "Become friends with a member of staff.", "person userid", add_way="optional_whole"),
    "half_add": _act("customer", "Ask a member of staff to be added.", "person userid"),
    "delete_staff": _act("customer", "Delete a member of staff from one's contacts.", "person userid"),
    "open_chat": _act("customer", "Open the conversation with a member of staff.", "person userid"),
    "mute": _act("customer", "Hear no more of a group or a member of staff.", "person target"),
    "agree_to_archive": _act("customer", "Agree to the conversation archive.", "person userid"),
    "refuse_transfer": _act("customer", "Refuse to be handed over.", "person userid"),
    "like_moment": _act("customer", "Like a post.", "person moment_id userid"),
    "comment_moment": _act("customer", "Comment on a post.", "person moment_id userid"),
    "click": _act("customer", "Open a page of the shop.", "person url"),
    "buy": _act("customer", "Buy in the brand's shop.", "person lines:lines"),
    "refund": _act("customer", "Give back what was bought.", "order_id", fen="optional_whole"),
    "join": _act("customer", "Enter a group.", "who chat_id", scene="optional_whole", invitor="optional"),
    "leave": _act("customer", "Leave a group.", "who chat_id"),
    "say": _act("customer", "Say something in a group.", "who chat_id text", reply_to="optional"),
    "say_to": _act("customer", "Say something to one other.", "who to text"),
    "accept": _act("staff", "Accept somebody who asked to be added.", "userid person"),
    "delete_customer": _act("staff", "Delete a customer.", "userid person"),
    "edit_contact": _act(
        "staff", "Change remark, description or tags by hand.", "userid person",
        remark="optional", description="optional", add_tags="texts", remove_tags="texts",
    ),
    "create_group": _act("staff", "Make a group.", "userid name", staff="texts", people="texts"),
    "remove": _act("staff", "Remove somebody from a group.", "who chat_id", by="text"),
    "rename_group": _act("staff", "Give a group another name.", "chat_id name"),
    "set_notice": _act("staff", "Set a group's notice.", "chat_id text"),
    "set_admins": _act("staff", "Set a group's administrators.", "chat_id userids:texts"),
    "change_owner": _act("staff", "Give a group another owner.", "chat_id userid"),
    "dismiss": _act("staff", "Dismiss a group.", "chat_id"),
    "set_group_welcome": _act("staff", "Greet newcomers of a group by a welcome of the company's.", "chat_id template_id"),
    "confirm": _act("staff", "Send what the company asked to be sent, or to some of those only.", "userid msgid", only="texts"),
    "broadcast": _act(
        "staff", "Send something to one's customers or groups by oneself.", "userid text", people="texts", chat_ids="texts"
    ),
    "post_moment": _act("staff", "Post something in Moments by oneself.", "userid text"),
    "confirm_moment": _act("staff", "Post what the company asked to be posted.", "userid moment_id"),
    "hire": _act("admin", "Somebody new works here.", "userid name", department="optional_whole"),
    "resign": _act("admin", "A member of staff leaves the company.", "userid"),
    "move_staff": _act("admin", "Somebody goes to another department.", "userid department:whole"),
    "set_ready": _act("admin", "Whether somebody is verified and may have contact codes.", "userid ready:flag"),
    "add_department": _act("admin", "A department.", "name", parent="optional_whole"),
    "admin_add_tag": _act("admin", "Make a tag.", "group name"),
    "admin_edit_tag": _act("admin", "Rename a tag or a group of tags.", "id", name="optional", order="optional_whole"),
    "admin_delete_tag": _act("admin", "Delete a tag or a group of tags.", "id"),
    "admin_revoke": _act("admin", "Take a permission from the app.", "permission"),
    "admin_grant": _act("admin", "Give a permission to the app.", "permission"),
    "admin_set_welcome": _act("admin", "Greet the customers of somebody by the admin's own message.", "userid text"),
    "admin_delete_link": _act("admin", "Delete an acquisition link.", "link_id"),
    "admin_set_balance": _act("admin", "Set how many customers acquisition links may still bring.", "balance:whole"),
}  # fmt: skip


def acts(_asked: Asked) -> dict[str, Any]:
    """Every act: who does it, what it does, what it is to be told."""
    return {
        "items": [
            {"act": name, "who": act.who, "says": act.says, "needs": {**act.places, **act.names}}
            for name, act in ACTS.items()
        ]
    }


def do(asked: Asked) -> dict[str, Any]:
    """Do one act, at once; `result` is what it gave (an external id, a chat_id, an order)."""
    name = asked.text("act", most=60)
    act = ACTS.get(name)
    if act is None:
        raise BadRequest("act", "is none of those at /_sandbox/api/acts")
    places = [_read(asked, one, kind) for one, kind in act.places.items()]
    names = {one: _read(asked, one, kind) for one, kind in act.names.items() if asked.has(one)}
    done: Callable[..., Any] = getattr(asked.box.phones(asked.corpid), name)
    return {"result": done(*places, **names), "at": asked.box.clock.now()}


def _read(asked: Asked, name: str, kind: Kind) -> Any:
    match kind:
        case "whole" | "optional_whole":
            return asked.whole(name, most=2**40)
        case "flag":
            return asked.flag(name)
        case "texts":
            return asked.texts(name)
        case "lines":
            return _lines(asked, name)
        case _:
            return asked.text(name)


def _lines(asked: Asked, name: str) -> list[tuple[str, str, int, int]]:
    """What is bought: `[{"sku", "name", "quantity", "fen"}]`."""
    given = asked.given.get(name)
    if not isinstance(given, list) or not 1 <= len(given) <= 100:
        raise BadRequest(name, "is not a list of 1 to 100 lines")
    lines = []
    for one in given:
        if not isinstance(one, dict):
            raise BadRequest(name, "holds something that is no line")
        line = Asked(asked.box, {}, one)
        lines.append(
            (line.text("sku", most=100), line.text("name", most=200), line.whole("quantity", 1, least=1, most=10_000),
             line.whole("fen", most=10**9))
        )  # fmt: skip
    return lines
