"""Customers, tags, groups and codes over the API: what is told, what is refused, what comes page by page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.core.asking import Caller, mansion
from tiefen.sandbox import CorpKeys, Sandbox
from tiefen.sandbox.phones import member_version

DAY = 86_400


def _met(box: Sandbox, keys: CorpKeys, count: int, userid: str = "daiyu") -> list[str]:
    phones = box.phones(keys.corpid)
    return [phones.add_contact(phones.person(f"p{number}"), userid) for number in range(count)]


def _pages(caller: Caller, path: str, field: str, **body: Any) -> list[list[Any]]:
    pages, cursor = [], ""
    while True:
        reply = caller.post(path, body, cursor=cursor)
        assert reply["errcode"] == 0, reply
        pages.append(reply[field])
        cursor = reply.get("next_cursor", "")
        if not cursor:
            return pages


class TestCustomers:
    def test_staff_without_customers_are_no_relation_rather_than_an_empty_list(self) -> None:
        with mansion() as (box, keys):
            assert Caller(box, keys).get("externalcontact/list", userid="baochai")["errcode"] == 84061

    def test_half_added_and_deleted_customers_are_no_relation_those_who_deleted_staff_are_one(self) -> None:
        with mansion() as (box, keys):
            phones, caller = box.phones(keys.corpid), Caller(box, keys)
            half, dropped, left = (phones.person(name) for name in ("半", "删", "离"))
            phones.half_add(half, "daiyu")
            for person in (dropped, left):
                phones.add_contact(person, "daiyu")
            phones.delete_customer("daiyu", dropped)
            phones.delete_staff(left, "daiyu")
            body = {"userid": "daiyu", "remark": "x"}
            codes = [
                caller.post("externalcontact/remark", body, external_userid=phones.external(person))["errcode"]
                for person in (half, dropped, left)
            ]
            listed = caller.get("externalcontact/list", userid="daiyu")["external_userid"]

            assert codes == [84061, 84061, 0]
            assert listed == [phones.external(left)]

    def test_the_codes_of_a_customer_who_is_not_there(self) -> None:
        with mansion() as (box, keys):
            phones, caller = box.phones(keys.corpid), Caller(box, keys)
            other = box.add_corp("水浒", staff=["songjiang"])
            foreign = box.phones(other.corpid).add_contact(phones.person("李逵"), "songjiang")
            stranger = phones.external(phones.person("路人"))

            def code(**params: object) -> int:
                return int(caller.get("externalcontact/get", **params)["errcode"])

            assert code() == 41035
            assert code(external_userid="wmnobody") == 40096
            assert code(external_userid=foreign) == 40096
            assert code(external_userid=stranger) == 84061
            _met(box, keys, 1)
            assert code(external_userid=_met(box, keys, 1)[0], cursor="made up") == 50100

    def test_only_staff_in_the_visible_range_are_told(self) -> None:
        with mansion() as (box, keys):
            phones, caller = box.phones(keys.corpid), Caller(box, keys)
            person = phones.person("悟空")
            external = phones.add_contact(person, "daiyu")
            phones.add_contact(person, "baochai")
            phones.admin_set_visible(users=["BAOCHAI"])
            follows = caller.get("externalcontact/get", external_userid=external)["follow_user"]
            hidden = _met(box, keys, 1)[0]

            assert [follow["userid"] for follow in follows] == ["baochai"]
            assert caller.get("externalcontact/get", external_userid=hidden)["errcode"] == 40096
            assert caller.get("externalcontact/list", userid="daiyu")["errcode"] == 60111
            assert caller.get("externalcontact/get_follow_user_list")["follow_user"] == ["baochai"]

    def test_more_than_five_hundred_followers_come_page_by_page(self) -> None:
        with mansion() as (box, keys):
            phones, caller, person = box.phones(keys.corpid), Caller(box, keys), box.phones(keys.corpid).person("红人")
            with box.bulk():
                for number in range(1_002):
                    phones.hire(f"s{number}", "员工")
                    external = phones.add_contact(person, f"s{number}")
            found, sizes, cursor = set(), [], ""
            while True:
                reply = caller.get("externalcontact/get", external_userid=external, cursor=cursor)
                found |= {follow["userid"] for follow in reply["follow_user"]}
                sizes.append(len(reply["follow_user"]))
                if not (cursor := reply.get("next_cursor", "")):
                    break

            assert sizes == [500, 500, 2]
            assert len(found) == 1_002

    @pytest.mark.parametrize(("limit", "sizes"), [(None, [50, 50, 20]), (100, [100, 20]), (1_000, [100, 20])])
    def test_a_batch_takes_a_limit_beyond_the_most_for_the_most(self, limit: int | None, sizes: list[int]) -> None:
        with mansion() as (box, keys):
            _met(box, keys, 70), _met(box, keys, 50, "baochai")
            body = {"userid_list": ["baochai", "daiyu"]} | ({"limit": limit} if limit else {})
            pages = _pages(Caller(box, keys), "externalcontact/batch/get_by_user", "external_contact_list", **body)
            pairs = {
                (row["follow_info"]["userid"], row["external_contact"]["external_userid"])
                for page in pages
                for row in page
            }

            assert [len(page) for page in pages] == sizes
            assert pairs == box.truth(keys.corpid).contacts()

    def test_a_cursor_goes_with_its_filter(self) -> None:
        with mansion() as (box, keys):
            _met(box, keys, 70)
            caller = Caller(box, keys)
            cursor = caller.post("externalcontact/batch/get_by_user", userid_list=["daiyu"])["next_cursor"]
            other = caller.post("externalcontact/batch/get_by_user", userid_list=["daiyu", "baochai"], cursor=cursor)

            assert other["errcode"] == 60268
            assert caller.post("externalcontact/contact_list", cursor=cursor)["errcode"] == 50100

    def test_everybody_served_is_counted_once_by_a_temporary_id_for_four_hours(self) -> None:
        with mansion() as (box, keys):
            phones, caller = box.phones(keys.corpid), Caller(box, keys)
            both = phones.person("两个")
            phones.add_contact(both, "daiyu"), phones.add_contact(both, "baochai")
            phones.create_group("daiyu", "群", people=[both, phones.person("群里")])
            rows = [
                row for page in _pages(caller, "externalcontact/contact_list", "info_list", limit=1) for row in page
            ]
            again = caller.post("externalcontact/contact_list", limit=1)
            caller.lets_pass(4 * 3_600)
            late = caller.post("externalcontact/contact_list", limit=1, cursor=again["next_cursor"])

            assert [row["is_customer"] for row in rows] == [True, True, False]
            assert len({row["tmp_openid"] for row in rows}) == 2
            assert again["info_list"][0]["tmp_openid"] != rows[0]["tmp_openid"]
            assert late["errcode"] == 50100

    def test_a_remark_needs_something_and_mobiles_are_cleared_by_an_empty_one(self) -> None:
        with mansion() as (box, keys):
            external, caller = _met(box, keys, 1)[0], Caller(box, keys)
            pair = {"userid": "daiyu", "external_userid": external}

            def mobiles(numbers: list[str]) -> list[str]:
                assert caller.post("externalcontact/remark", pair, remark_mobiles=numbers)["errcode"] == 0
                told = caller.get("externalcontact/get", external_userid=external)["follow_user"][0]["remark_mobiles"]
                return list(told)

            assert caller.post("externalcontact/remark", pair)["errcode"] == 40058
            assert caller.post("externalcontact/remark", pair, remark="长" * 21)["errcode"] == 40058
            assert mobiles(["13800000000"]) == ["13800000000"]
            assert mobiles([""]) == []

    def test_unionids_are_told_for_wechat_people_if_the_company_is_bound(self) -> None:
        with mansion() as (box, keys):
            phones, caller = box.phones(keys.corpid), Caller(box, keys)
            people = [
                phones.person("微"),
                phones.person("企", type=2, corp_name="水浒"),
                phones.person("无", unionid=False),
            ]
            ids = [phones.add_contact(person, "daiyu") for person in people]

            def bound() -> list[bool]:
                got = [caller.get("externalcontact/get", external_userid=one)["external_contact"] for one in ids]
                return ["unionid" in contact for contact in got]

            assert bound() == [True, False, False]
            phones.admin_configure(unionid_bound=False)
            assert bound() == [False, False, False]


class TestTags:
    def test_a_group_by_name_is_made_or_added_to_and_doubles_are_made_once(self) -> None:
        with mansion() as (box, keys):
            caller = Caller(box, keys)
            first = caller.post("externalcontact/add_corp_tag", group_name="阶段", tag=[{"name": "新"}, {"name": "新"}])
            more = caller.post("externalcontact/add_corp_tag", group_name="阶段", tag=[{"name": "老"}])
            clash = caller.post("externalcontact/add_corp_tag", group_name="阶段", tag=[{"name": "老"}])

            assert [tag["name"] for tag in first["tag_group"]["tag"]] == ["新"]
            assert more["tag_group"]["group_id"] == first["tag_group"]["group_id"]
            assert clash["errcode"] == 40071

    def test_larger_orders_come_first_and_deleted_ones_are_told_only_when_asked_for(self) -> None:
        with mansion() as (box, keys):
            caller = Caller(box, keys)
            tags = [{"name": "b", "order": 1}, {"name": "a", "order": 9}]
            group = caller.post("externalcontact/add_corp_tag", group_name="g", tag=tags)["tag_group"]
            listed = caller.post("externalcontact/get_corp_tag_list")["tag_group"][0]
            caller.post("externalcontact/del_corp_tag", tag_id=[tag["id"] for tag in group["tag"]])
            asked = caller.post("externalcontact/get_corp_tag_list", group_id=[group["group_id"]])["tag_group"][0]

            assert [tag["name"] for tag in listed["tag"]] == ["a", "b"]
            assert "deleted" not in listed
            assert caller.post("externalcontact/get_corp_tag_list")["tag_group"] == []
            assert asked["deleted"] is True

    def test_an_app_changes_only_what_it_made(self) -> None:
        with mansion() as (box, keys):
            by_hand = box.phones(keys.corpid).admin_add_tag("手工", "甲")
            caller = Caller(box, keys)
            own = caller.post("externalcontact/add_corp_tag", group_name="g", tag=[{"name": "a"}])["tag_group"]
            another = Caller(box, keys, secret=box.add_app(keys.corpid, "other").secret)

            assert caller.post("externalcontact/edit_corp_tag", id=by_hand, name="乙")["errcode"] == 81011
            assert another.post("externalcontact/del_corp_tag", group_id=[own["group_id"]])["errcode"] == 81011
            assert caller.post("externalcontact/edit_corp_tag", id="et404", name="乙")["errcode"] == 40068

    def test_the_library_and_a_pair_hold_so_many(self) -> None:
        with mansion() as (box, keys):
            box.configure(tags_most=3)
            caller = Caller(box, keys)
            caller.post("externalcontact/add_corp_tag", group_name="g", tag=[{"name": "a"}, {"name": "b"}])
            more = caller.post("externalcontact/add_corp_tag", group_name="g", tag=[{"name": "c"}, {"name": "d"}])

            assert more["errcode"] == 40126
            assert len(caller.post("externalcontact/get_corp_tag_list")["tag_group"][0]["tag"]) == 2

    def test_marks_are_told_by_name_and_by_id_and_go_with_the_tag(self) -> None:
        with mansion() as (box, keys):
            external, caller, phones = _met(box, keys, 1)[0], Caller(box, keys), box.phones(keys.corpid)
            tag = phones.admin_add_tag("阶段", "新客")
            pair = {"userid": "daiyu", "external_userid": external}
            assert caller.post("externalcontact/mark_tag", pair)["errcode"] == 40058
            assert caller.post("externalcontact/mark_tag", pair, add_tag=["et404"])["errcode"] == 40068
            assert caller.post("externalcontact/mark_tag", pair, add_tag=[tag])["errcode"] == 0

            def marks() -> tuple[list[Any], list[Any]]:
                whole = caller.get("externalcontact/get", external_userid=external)["follow_user"][0]["tags"]
                batch = caller.post("externalcontact/batch/get_by_user", userid_list=["daiyu"])["external_contact_list"]
                return whole, batch[0]["follow_info"]["tag_id"]

            assert marks() == ([{"group_name": "阶段", "tag_name": "新客", "tag_id": tag, "type": 1}], [tag])
            phones.admin_delete_tag(tag)
            assert marks() == ([], [])


class TestGroups:
    def test_a_change_is_told_two_seconds_late(self) -> None:
        with mansion() as (box, keys):
            phones, caller = box.phones(keys.corpid), Caller(box, keys)
            group = phones.create_group("daiyu", "旧")
            box.clock.step(60)
            person = phones.person("悟空")
            phones.join(person, group, scene=3, state="code")
            phones.rename_group(group, "新")

            def told() -> tuple[str, int, str]:
                found = caller.post("externalcontact/groupchat/get", chat_id=group, need_name=1)["group_chat"]
                return found["name"], len(found["member_list"]), found["member_version"]

            assert told() == ("旧", 1, member_version(group, 1))
            box.clock.step(2)
            assert told() == ("新", 2, member_version(group, 2))
            phones.leave(person, group)
            assert told()[1] == 2
            box.clock.step(2)
            assert told() == ("新", 1, member_version(group, 3))

    def test_members_are_told_with_how_and_by_whom_they_came(self) -> None:
        with mansion() as (box, keys):
            phones, caller = box.phones(keys.corpid), Caller(box, keys)
            one, other = phones.person("悟空"), phones.person("八戒")
            group = phones.create_group("daiyu", "群", people=[one])
            phones.join(other, group, scene=2, invitor=one)
            box.clock.step(3)
            members = caller.post("externalcontact/groupchat/get", chat_id=group, need_name=1)["group_chat"][
                "member_list"
            ]

            assert [(row["name"], row["type"], row["join_scene"]) for row in members] == [
                ("黛玉", 1, 1), ("悟空", 2, 1), ("八戒", 2, 2),
            ]  # fmt: skip
            assert members[1]["invitor"] == {"userid": "daiyu"}
            assert "invitor" not in members[2]
            assert "unionid" in members[2]

    def test_the_codes_of_groups_that_are_not_there(self) -> None:
        with mansion() as (box, keys):
            phones, caller = box.phones(keys.corpid), Caller(box, keys)
            gone, hidden = phones.create_group("daiyu", "散"), phones.create_group("baochai", "藏")
            phones.dismiss(gone)
            phones.admin_set_visible(users=["daiyu"])

            def code(chat_id: str) -> int:
                return int(caller.post("externalcontact/groupchat/get", chat_id=chat_id)["errcode"])

            assert (code(""), code("wr404"), code(hidden), code(gone)) == (86001, 40050, 60011, 0)
            box.clock.step(2)
            assert code(gone) == 49008

    def test_lists_go_by_owner_state_and_page_and_who_has_left_must_be_named(self) -> None:
        with mansion() as (box, keys):
            phones, caller = box.phones(keys.corpid), Caller(box, keys)
            groups = [phones.create_group("daiyu", f"群{number}") for number in range(5)]
            left = phones.create_group("baochai", "主")
            phones.resign("baochai")
            path = "externalcontact/groupchat/list"
            pages = _pages(caller, path, "group_chat_list", limit=2)
            named = caller.post(path, limit=10, owner_filter={"userid_list": ["baochai"]}, status_filter=1)

            assert [len(page) for page in pages] == [2, 2, 1]
            assert {row["chat_id"] for page in pages for row in page} == set(groups)
            assert named["group_chat_list"] == [{"chat_id": left, "status": 1}]
            assert caller.post(path)["errcode"] == 40058

    def test_beyond_a_thousand_visible_staff_owners_must_be_named(self) -> None:
        with mansion() as (box, keys):
            phones, caller = box.phones(keys.corpid), Caller(box, keys)
            with box.bulk():
                for number in range(1_000):
                    phones.hire(f"s{number}", "员工")
            path = "externalcontact/groupchat/list"

            assert caller.post(path, limit=10)["errcode"] == 81017
            assert caller.post(path, limit=10, owner_filter={"userid_list": ["daiyu"]})["errcode"] == 0

    def test_counts_are_of_days_that_are_over(self) -> None:
        with mansion() as (box, keys):
            phones, caller, start = box.phones(keys.corpid), Caller(box, keys), int(box.clock.now())
            people = [phones.person(name) for name in "甲乙丙"]
            group = phones.create_group("daiyu", "群", people=people)
            phones.say(people[0], group, "早"), phones.say(people[0], group, "早"), phones.say("daiyu", group, "早")
            path = "externalcontact/groupchat/statistic"
            body = {"day_begin_time": start, "owner_filter": {"userid_list": ["daiyu"]}}
            too_soon = caller.post(path, body)["errcode"]
            caller.lets_pass(DAY)
            phones.leave(people[2], group)
            data = caller.post(path, body)["items"][0]["data"]
            by_day = caller.post("externalcontact/groupchat/statistic_group_by_day", body)["items"]

            assert too_soon == 40058
            assert (data["new_chat_cnt"], data["member_total"], data["new_member_cnt"]) == (1, 4, 4)
            assert (data["msg_total"], data["member_has_msg"], data["chat_has_msg"]) == (3, 2, 1)
            assert [item["data"] for item in by_day] == [data]
            assert caller.post(path, body, day_end_time=start + 31 * DAY)["errcode"] == 40058

    def test_several_staff_are_counted_together(self) -> None:
        with mansion() as (box, keys):
            phones, caller, start = box.phones(keys.corpid), Caller(box, keys), int(box.clock.now())
            for userid in ("daiyu", "baochai"):
                person = phones.person("客")
                phones.add_contact(person, userid)
                phones.say_to(person, userid, "在吗")
                box.clock.step(120)
                phones.say_to(userid, person, "在")
                if userid == "daiyu":
                    phones.delete_staff(person, userid)
            caller.lets_pass(DAY)
            path = "externalcontact/get_user_behavior_data"
            day = caller.post(path, userid=["daiyu", "baochai"], start_time=start, end_time=start)["behavior_data"][0]

            assert (day["chat_cnt"], day["message_cnt"], day["new_contact_cnt"]) == (2, 2, 2)
            assert (day["reply_percentage"], day["avg_reply_time"], day["negative_feedback_cnt"]) == (100.0, 2, 1)

    def test_a_group_is_found_by_its_opengid(self) -> None:
        with mansion() as (box, keys):
            group = box.phones(keys.corpid).create_group("daiyu", "群")
            opengid = box.truth(keys.corpid).groups()[group]["opengid"]
            caller = Caller(box, keys)

            assert caller.post("externalcontact/opengid_to_chatid", opengid=opengid)["chat_id"] == group
            assert caller.post("externalcontact/opengid_to_chatid", opengid="x")["errcode"] == 90511


class TestWays:
    def test_a_code_leads_to_its_staff_with_its_state(self) -> None:
        with mansion() as (box, keys):
            phones, caller = box.phones(keys.corpid), Caller(box, keys)
            way = caller.post("externalcontact/add_contact_way", type=1, scene=2, user=["daiyu"], state="poster")
            external = phones.scan_way(phones.person("悟空"), way["config_id"])
            follow = caller.get("externalcontact/get", external_userid=external)["follow_user"][0]

            assert way["qr_code"].startswith("https://")
            assert (follow["userid"], follow["state"], follow["add_way"]) == ("daiyu", "poster", 1)

    def test_one_that_verifies_leaves_them_half_added(self) -> None:
        with mansion() as (box, keys):
            phones, caller, person = box.phones(keys.corpid), Caller(box, keys), box.phones(keys.corpid).person("悟空")
            way = caller.post("externalcontact/add_contact_way", type=1, scene=1, user=["daiyu"], skip_verify=False)
            external = phones.scan_way(person, way["config_id"])
            before = caller.get("externalcontact/get", external_userid=external)["errcode"]
            phones.accept("daiyu", person)

            assert "qr_code" not in way
            assert before == 84061
            assert caller.get("externalcontact/get", external_userid=external)["errcode"] == 0

    @pytest.mark.parametrize(
        ("body", "errcode"),
        [
            ({"type": 3}, 41037),
            ({"scene": 0}, 41038),
            ({"scene": 1, "style": 9}, 41039),
            ({"user": []}, 41042),
            ({"user": ["daiyu", "baochai"]}, 41042),
            ({"party": [1]}, 41043),
            ({"user": ["nobody"]}, 60111),
            ({"user": ["xiren"]}, 41054),
            ({"type": 2, "user": [], "party": [404]}, 60123),
            ({"type": 2, "user": [], "party": [1]}, 41041),
            ({"remark": "长" * 31}, 40058),
            ({"state": "长" * 31}, 40058),
            ({"is_temp": True, "expires_in": 15 * DAY}, 40058),
            ({"conclusions": {"text": {"content": "再见"}}}, 40058),
            ({"is_temp": True, "conclusions": {"text": {"content": "长" * 1_334}}}, 40058),
        ],
    )
    def test_a_code_that_cannot_be_made(self, body: dict[str, Any], errcode: int) -> None:
        with mansion("daiyu", "baochai", "xiren") as (box, keys):
            phones = box.phones(keys.corpid)
            phones.set_ready("xiren", False)
            with box.bulk():
                for number in range(100):
                    phones.hire(f"s{number}", "员工")
            good = {"type": 1, "scene": 2, "user": ["daiyu"]}

            assert Caller(box, keys).post("externalcontact/add_contact_way", good | body)["errcode"] == errcode

    def test_staff_beyond_the_range_are_no_end_of_a_code(self) -> None:
        with mansion() as (box, keys):
            box.phones(keys.corpid).admin_set_visible(users=["daiyu"])
            reply = Caller(box, keys).post("externalcontact/add_contact_way", type=1, scene=2, user=["baochai"])

            assert reply["errcode"] == 84074

    def test_contact_ways_and_join_ways_count_together(self) -> None:
        with mansion() as (box, keys):
            box.configure(ways_most=2)
            caller, group = Caller(box, keys), box.phones(keys.corpid).create_group("daiyu", "群")
            way = {"type": 1, "scene": 2, "user": ["daiyu"]}
            join = {"scene": 2, "chat_id_list": [group]}
            first = caller.post("externalcontact/add_contact_way", way)
            caller.post("externalcontact/groupchat/add_join_way", join)
            full = [caller.post("externalcontact/add_contact_way", way)["errcode"],
                    caller.post("externalcontact/groupchat/add_join_way", join)["errcode"]]  # fmt: skip
            caller.post("externalcontact/del_contact_way", config_id=first["config_id"])

            assert full == [41045, 41045]
            assert caller.post("externalcontact/groupchat/add_join_way", join)["errcode"] == 0

    def test_those_made_lately_are_listed_but_never_temporary_ones_nor_another_apps(self) -> None:
        with mansion() as (box, keys):
            caller, other = Caller(box, keys), Caller(box, keys, secret=box.add_app(keys.corpid, "other").secret)
            way = {"type": 1, "scene": 2, "user": ["daiyu"]}
            old = caller.post("externalcontact/add_contact_way", way)["config_id"]
            caller.lets_pass(91 * DAY)
            ids = [caller.post("externalcontact/add_contact_way", way)["config_id"] for _ in range(5)]
            caller.post("externalcontact/add_contact_way", way, is_temp=True)
            other.post("externalcontact/add_contact_way", way)
            pages = _pages(caller, "externalcontact/list_contact_way", "contact_way", limit=2)
            listed = [row["config_id"] for page in pages for row in page]

            assert sorted(listed) == sorted(ids)
            assert old not in listed
            assert other.post("externalcontact/get_contact_way", config_id=ids[0])["errcode"] == 41040

    def test_a_temporary_code_dies_with_the_first_who_used_it(self) -> None:
        with mansion() as (box, keys):
            phones, caller = box.phones(keys.corpid), Caller(box, keys)
            body = {"type": 1, "scene": 2, "user": ["daiyu"], "is_temp": True, "expires_in": 3_600}
            way = caller.post("externalcontact/add_contact_way", body)["config_id"]
            external = phones.scan_way(phones.person("病人"), way)
            pair = {"userid": "daiyu", "external_userid": external}

            with pytest.raises(Exception, match="leads nowhere"):
                phones.scan_way(phones.person("后来"), way)
            assert caller.post("externalcontact/close_temp_chat", pair)["errcode"] == 0
            assert caller.post("externalcontact/close_temp_chat", pair)["errcode"] == 84061
            box.clock.step(3_600)
            assert caller.post("externalcontact/update_contact_way", config_id=way, remark="x")["errcode"] == 41044

    def test_a_full_group_is_followed_by_the_next_with_a_running_number(self) -> None:
        with mansion() as (box, keys):
            box.configure(group_scan_most=3)
            phones, caller = box.phones(keys.corpid), Caller(box, keys)
            group = phones.create_group("daiyu", "群")
            body = {
                "scene": 2,
                "chat_id_list": [group],
                "room_base_name": "销售客服群",
                "room_base_id": 10,
                "state": "s",
            }
            way = caller.post("externalcontact/groupchat/add_join_way", body)["config_id"]
            chats = [phones.scan_join_way(phones.person(f"p{number}"), way) for number in range(5)]
            names = [box.truth(keys.corpid).groups()[chat]["name"] for chat in dict.fromkeys(chats)]
            box.clock.step(3)
            told = caller.post("externalcontact/groupchat/get", chat_id=chats[0])["group_chat"]["member_list"]

            assert names == ["群", "销售客服群10", "销售客服群11"]
            assert [member.get("state") for member in told] == [None, "s", "s"]

    def test_an_update_of_a_join_way_overwrites_the_whole_of_it(self) -> None:
        with mansion() as (box, keys):
            caller, group = Caller(box, keys), box.phones(keys.corpid).create_group("daiyu", "群")
            body = {"scene": 2, "chat_id_list": [group], "remark": "长" * 40, "state": "s", "auto_create_room": 0}
            way = caller.post("externalcontact/groupchat/add_join_way", body)["config_id"]
            before = caller.post("externalcontact/groupchat/get_join_way", config_id=way)["join_way"]
            caller.post("externalcontact/groupchat/update_join_way", config_id=way, scene=2, chat_id_list=[group])
            after = caller.post("externalcontact/groupchat/get_join_way", config_id=way)["join_way"]
            many = caller.post("externalcontact/groupchat/add_join_way", body | {"chat_id_list": [group] * 6})

            assert (before["remark"], before["state"], before["auto_create_room"]) == ("长" * 30, "s", 0)
            assert (after["remark"], after["state"], after["auto_create_room"]) == ("", "", 1)
            assert many["errcode"] == 41091


class TestStaff:
    def test_departments_and_staff_are_told_within_the_range(self) -> None:
        with mansion() as (box, keys):
            phones, caller = box.phones(keys.corpid), Caller(box, keys)
            sales = phones.add_department("销售")
            north = phones.add_department("华北", sales)
            phones.hire("xifeng", "凤姐", department=north)
            phones.admin_set_visible(departments=[sales])

            assert [one["id"] for one in caller.get("department/simplelist")["department_id"]] == [sales, north]
            assert caller.get("department/get", id=1)["errcode"] == 60011
            assert caller.get("department/get", id=99)["errcode"] == 60123
            assert [one["userid"] for one in caller.get("user/list", department_id=north)["userlist"]] == ["xifeng"]
            assert caller.get("user/get", userid="XiFeng")["userid"] == "xifeng"
            assert caller.get("user/get", userid="daiyu")["errcode"] == 60111
            assert caller.get("user/get")["errcode"] == 40003

    def test_all_ids_come_page_by_page_to_the_address_books_secret(self) -> None:
        with mansion("a", "b", "c") as (box, keys):
            caller = Caller(box, keys, secret=box.sync_secret(keys.corpid))
            pages = _pages(caller, "user/list_id", "dept_user", limit=2)

            assert [row["userid"] for page in pages for row in page] == ["a", "b", "c"]
