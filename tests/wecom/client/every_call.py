"""Every endpoint a self-built app may call, written down from the catalogue of endpoints, with one call of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tiefen.wecom.client import WeCom
from tiefen.wecom.client.attachments import image

JPG = b"\xff\xd8\xff\xe0" + b"0" * 20
E = "externalcontact/"
A = "externalcontact/customer_acquisition/"

CALLS: dict[str, Callable[[WeCom], Any]] = {
    # 1.1
    "gettoken": lambda api: api.account.gettoken(),
    "getcallbackip": lambda api: api.account.getcallbackip(),
    "get_api_domain_ip": lambda api: api.account.get_api_domain_ip(),
    # 1.2
    "user/get": lambda api: api.directory.user_get("xifeng"),
    "user/simplelist": lambda api: api.directory.user_simplelist(1),
    "user/list": lambda api: api.directory.user_list(1),
    "user/list_id": lambda api: api.directory.list_id(),
    "department/list": lambda api: api.directory.department_list(),
    "department/simplelist": lambda api: api.directory.department_simplelist(1),
    "department/get": lambda api: api.directory.department_get(1),
    # 1.3
    E + "get_follow_user_list": lambda api: api.directory.get_follow_user_list(),
    E + "list": lambda api: api.contacts.list("xifeng"),
    E + "get": lambda api: api.contacts.get("wm1"),
    E + "batch/get_by_user": lambda api: api.contacts.batch_get_by_user(["xifeng"]),
    E + "contact_list": lambda api: api.contacts.contact_list(),
    E + "remark": lambda api: api.contacts.remark("xifeng", "wm1", remark="颦儿"),
    # 1.4
    E + "get_corp_tag_list": lambda api: api.tags.get_corp_tag_list(),
    E + "add_corp_tag": lambda api: api.tags.add_corp_tag(["诗人"], group_name="爱好"),
    E + "edit_corp_tag": lambda api: api.tags.edit_corp_tag("et1", name="诗翁"),
    E + "del_corp_tag": lambda api: api.tags.del_corp_tag(tag_ids=["et1"]),
    E + "mark_tag": lambda api: api.tags.mark_tag("xifeng", "wm1", add_tag=["et1"]),
    # 1.5
    E + "groupchat/list": lambda api: api.groups.list(),
    E + "groupchat/get": lambda api: api.groups.get("wr1"),
    E + "groupchat/statistic": lambda api: api.statistics.statistic(1_600_000_000, ["xifeng"]),
    E + "groupchat/statistic_group_by_day": lambda api: api.statistics.statistic_group_by_day(1_600_000_000, ["x"]),
    E + "get_user_behavior_data": lambda api: api.statistics.get_user_behavior_data(1, 2, userids=["xifeng"]),
    E + "opengid_to_chatid": lambda api: api.groups.opengid_to_chatid("og1"),
    # 1.6
    E + "add_contact_way": lambda api: api.ways.add_contact_way(["xifeng"], state="poster"),
    E + "get_contact_way": lambda api: api.ways.get_contact_way("c1"),
    E + "list_contact_way": lambda api: api.ways.list_contact_way(),
    E + "update_contact_way": lambda api: api.ways.update_contact_way("c1", remark="海报"),
    E + "del_contact_way": lambda api: api.ways.del_contact_way("c1"),
    E + "close_temp_chat": lambda api: api.ways.close_temp_chat("xifeng", "wm1"),
    # 1.7
    E + "groupchat/add_join_way": lambda api: api.join_ways.add_join_way(["wr1"], base_name="诗社"),
    E + "groupchat/get_join_way": lambda api: api.join_ways.get_join_way("c1"),
    E + "groupchat/update_join_way": lambda api: api.join_ways.update_join_way("c1", ["wr1"]),
    E + "groupchat/del_join_way": lambda api: api.join_ways.del_join_way("c1"),
    # 1.8
    E + "send_welcome_msg": lambda api: api.messages.send_welcome_msg("code", text="欢迎"),
    E + "group_welcome_template/add": lambda api: api.group_welcomes.add("欢迎 %NICKNAME%", image("m1")),
    E + "group_welcome_template/edit": lambda api: api.group_welcomes.edit("t1", "欢迎"),
    E + "group_welcome_template/get": lambda api: api.group_welcomes.get("t1"),
    E + "group_welcome_template/del": lambda api: api.group_welcomes.delete("t1"),
    E + "add_msg_template": lambda api: api.messages.add_msg_template(sender="xifeng", text="开社"),
    E + "get_groupmsg_list_v2": lambda api: api.messages.get_groupmsg_list_v2(1, 2),
    E + "get_groupmsg_task": lambda api: api.messages.get_groupmsg_task("msg1"),
    E + "get_groupmsg_send_result": lambda api: api.messages.get_groupmsg_send_result("msg1", "xifeng"),
    E + "remind_groupmsg_send": lambda api: api.messages.remind_groupmsg_send("msg1"),
    E + "cancel_groupmsg_send": lambda api: api.messages.cancel_groupmsg_send("msg1"),
    # 1.9
    E + "add_moment_task": lambda api: api.moments.add_moment_task(text="海棠开了"),
    E + "get_moment_task_result": lambda api: api.moments.get_moment_task_result("job1"),
    E + "cancel_moment_task": lambda api: api.moments.cancel_moment_task("mom1"),
    E + "get_moment_list": lambda api: api.moments.get_moment_list(1, 2),
    E + "get_moment_task": lambda api: api.moments.get_moment_task("mom1"),
    E + "get_moment_customer_list": lambda api: api.moments.get_moment_customer_list("mom1", "xifeng"),
    E + "get_moment_send_result": lambda api: api.moments.get_moment_send_result("mom1", "xifeng"),
    E + "get_moment_comments": lambda api: api.moments.get_moment_comments("mom1", "xifeng"),
    # 1.10
    E + "transfer_customer": lambda api: api.handover.transfer_customer("xifeng", "pinger", ["wm1"]),
    E + "transfer_result": lambda api: api.handover.transfer_result("xifeng", "pinger"),
    E + "groupchat/onjob_transfer": lambda api: api.handover.onjob_transfer(["wr1"], "pinger"),
    E + "get_unassigned_list": lambda api: api.handover.get_unassigned_list(),
    E + "resigned/transfer_customer": lambda api: api.handover.resigned_transfer_customer("xifeng", "pinger", ["wm1"]),
    E + "resigned/transfer_result": lambda api: api.handover.resigned_transfer_result("xifeng", "pinger"),
    E + "groupchat/transfer": lambda api: api.handover.transfer(["wr1"], "pinger"),
    # 1.11
    "batch/openuserid_to_userid": lambda api: api.account.openuserid_to_userid(["ou1"], source_agentid=1),
    E + "from_service_external_userid": lambda api: api.account.from_service_external_userid("x", source_agentid=1),
    # 1.12
    E + "add_product_album": lambda api: api.albums.add_product_album("团扇", 990, ["m1"]),
    E + "get_product_album": lambda api: api.albums.get_product_album("p1"),
    E + "get_product_album_list": lambda api: api.albums.get_product_album_list(),
    E + "update_product_album": lambda api: api.albums.update_product_album("p1", price_fen=880),
    E + "delete_product_album": lambda api: api.albums.delete_product_album("p1"),
    E + "add_intercept_rule": lambda api: api.blocked_words.add_intercept_rule("词", ["抄检"], userids=["xifeng"]),
    E + "get_intercept_rule_list": lambda api: api.blocked_words.get_intercept_rule_list(),
    E + "get_intercept_rule": lambda api: api.blocked_words.get_intercept_rule("r1"),
    E + "update_intercept_rule": lambda api: api.blocked_words.update_intercept_rule("r1", semantics=[1]),
    E + "del_intercept_rule": lambda api: api.blocked_words.del_intercept_rule("r1"),
    # 1.13
    A + "create_link": lambda api: api.acquisition.create_link("海报", userids=["xifeng"]),
    A + "update_link": lambda api: api.acquisition.update_link("l1", link_name="传单"),
    A + "delete_link": lambda api: api.acquisition.delete_link("l1"),
    A + "get": lambda api: api.acquisition.get("l1"),
    A + "list_link": lambda api: api.acquisition.list_link(),
    A + "customer": lambda api: api.acquisition.customer("l1"),
    E + "customer_acquisition_quota": lambda api: api.acquisition.customer_acquisition_quota(),
    A + "statistic": lambda api: api.acquisition.statistic("l1", 1, 2),
    A + "get_chat_info": lambda api: api.acquisition.get_chat_info("k1"),
    # 1.14
    "get_jsapi_ticket": lambda api: api.sidebar.get_jsapi_ticket(),
    "ticket/get": lambda api: api.sidebar.ticket_get(),
    # 1.15
    "message/send": lambda api: api.staff_messages.send("text", {"content": "开会"}, to=["xifeng"]),
    "message/recall": lambda api: api.staff_messages.recall("msg1"),
    "media/upload": lambda api: api.media.upload("image", "海棠.jpg", JPG),
    "media/upload_attachment": lambda api: api.media.upload_attachment("image", "a.jpg", JPG, attachment_type=1),
    "media/uploadimg": lambda api: api.media.uploadimg("a.jpg", JPG),
    "media/get": lambda api: api.media.get("m1"),
    # 1.16
    "msgaudit/get_permit_user_list": lambda api: api.archive.get_permit_user_list(),
    "msgaudit/check_single_agree": lambda api: api.archive.check_single_agree([("xifeng", "wm1")]),
    "msgaudit/check_room_agree": lambda api: api.archive.check_room_agree("wr1"),
}

CODES = (
    -1, 40001, 40002, 40003, 40004, 40005, 40006, 40007, 40008, 40009, 40010, 40011, 40013, 40014, 40033, 40050, 40058,
    40068, 40071, 40091, 40093, 40096, 40097, 40099, 40100, 40126, 40128, 40129, 40130, 40131, 40143, 40144, 40145,
    40201, 40204, 40205, 41001, 41002, 41004, 41035, 41037, 41038, 41039, 41040, 41041, 41042, 41043, 41044, 41045,
    41046, 41047, 41048, 41049, 41050, 41051, 41053, 41054, 41055, 41058, 41060, 41061, 41062, 41063, 41064, 41065,
    41069, 41073, 41074, 41075, 41078, 41079, 41085, 41086, 41087, 41089, 41091, 41093, 41094, 41095, 41096, 41200,
    41202, 41210, 41211, 41305, 42001, 42012, 44001, 45001, 45009, 45029, 45033, 45035, 45036, 48002, 48009, 48010,
    48011, 49008, 50003, 50100, 60003, 60011, 60020, 60031, 60111, 60123, 60268, 610014, 610015, 610016, 610017,
    610018, 610023, 610024, 701008, 81011, 81013, 81017, 84061, 84074, 85002, 86001, 86003, 90500, 90501, 90502, 90504,
    90507, 90508, 90509, 90511, 301042, 301052, 301053,
)  # fmt: skip
"""Every errcode the catalogue names."""
