"""Group welcomes, albums, blocked words, links, tickets, ids, archive consent: by the real client."""

from __future__ import annotations

import pytest

from tests.sandbox.endpoints.pictures import jpg
from tests.sandbox.endpoints.scenes import DAY, HOUR, Mansion, raw, refused, used_up
from tests.wecom.client.every_call import CALLS
from tiefen.sandbox import NotPossible
from tiefen.sandbox.endpoints import ENDPOINTS, ids
from tiefen.wecom.client.attachments import image, link
from tiefen.wecom.client.endpoints.acquisition import Priority
from tiefen.wecom.client.endpoints.blocked_words import Range
from tiefen.wecom.client.endpoints.sidebar import sign

E = "externalcontact/"


# ---- 1.8 welcomes of groups ----


def test_a_welcome_of_groups_is_kept_changed_and_deleted(home: Mansion) -> None:
    api = home.api.group_welcomes
    picture = home.api.media.upload("image", "a.jpg", jpg()).media_id
    template = api.add("欢迎 %NICKNAME%", image(picture))
    kept = api.get(template)
    assert kept.text is not None
    assert kept.image is not None
    assert (kept.text.content, kept.image.media_id) == ("欢迎 %NICKNAME%", picture)

    api.edit(template, None, link("诗社", "https://a.b"))
    kept = api.get(template)
    assert (kept.text, kept.image) == (None, None)
    assert kept.link is not None

    api.delete(template)
    with refused(40058):
        api.get(template)


def test_of_several_things_one_counts(home: Mansion) -> None:
    body = {
        "miniprogram": {"title": "t", "pic_media_id": "m", "appid": "a", "page": "p"},
        "link": {"title": "t", "url": "u"},
    }

    made = raw(home.api, f"{E}group_welcome_template/add", body)["template_id"]

    assert home.api.group_welcomes.get(made).link is not None
    assert home.api.group_welcomes.get(made).miniprogram is None


def test_a_company_has_a_hundred_welcomes_of_groups(home: Mansion) -> None:
    made = [home.api.group_welcomes.add(f"欢迎{n}") for n in range(100)]

    with refused(41055):
        home.api.group_welcomes.add("多了")
    home.api.group_welcomes.delete(made[0])
    home.api.group_welcomes.add("又有了")


def test_only_the_app_that_made_a_welcome_changes_it(home: Mansion) -> None:
    template, other = home.api.group_welcomes.add("欢迎"), home.second_app().group_welcomes

    with refused(41058):
        other.edit(template, "改")
    with refused(41058):
        other.delete(template)


@pytest.mark.parametrize("body", [{}, {"text": {"content": "x" * 3_001}}])
def test_a_welcome_of_groups_says_something_and_not_too_much(home: Mansion, body: dict[str, object]) -> None:
    assert raw(home.api, f"{E}group_welcome_template/add", body)["errcode"] == 40058


# ---- 1.12 albums ----


def picture_for_album(home: Mansion) -> str:
    return home.api.media.upload_attachment("image", "a.jpg", jpg(), attachment_type=2).media_id


def test_a_product_is_kept_changed_listed_and_deleted(home: Mansion) -> None:
    api, picture = home.api.albums, picture_for_album(home)
    first = api.add_product_album("团扇", 990, [picture], product_sn="SN1")
    second = api.add_product_album("诗集", 4_500, [picture] * 9)
    api.update_product_album(first, price_fen=880)

    kept = api.get_product_album(first)
    assert (kept.description, kept.price, kept.product_sn, kept.create_time) == ("团扇", 880, "SN1", home.now())
    assert kept.attachments[0].image.media_id == picture
    page = api.get_product_album_list(limit=1)
    assert [one.product_id for one in page.product_list] == [min(first, second)]
    assert len(api.get_product_album_list(page.next_cursor).product_list) == 1

    api.delete_product_album(first)
    with refused(41073):
        api.get_product_album(first)


def test_an_app_sees_only_its_own_products(home: Mansion) -> None:
    product, other = home.api.albums.add_product_album("团扇", 990, [picture_for_album(home)]), home.second_app().albums

    with refused(41075):
        other.get_product_album(product)
    assert other.get_product_album_list().product_list == ()


@pytest.mark.parametrize(
    ("more", "errcode"),
    [
        ({"description": ""}, 41085),
        ({"description": "x" * 301}, 41085),
        ({"price": 5_000_001}, 41086),
        ({"price": -1}, 41086),
        ({"price": "9.9"}, 41086),
        ({"product_sn": "编号"}, 41087),
        ({"product_sn": "s" * 129}, 41087),
        ({"attachments": []}, 41202),
        ({"attachments": [{"type": "video"}]}, 41202),
        ({"attachments": [{"type": "image", "image": {"media_id": "m"}}]}, 40007),
    ],
)
def test_what_is_wrong_with_a_product_is_named(home: Mansion, more: dict[str, object], errcode: int) -> None:
    good = {"type": "image", "image": {"media_id": picture_for_album(home)}}
    body = {"description": "团扇", "price": 990, "attachments": [good], **more}

    assert raw(home.api, f"{E}add_product_album", body)["errcode"] == errcode


def test_a_product_has_to_be_named(home: Mansion) -> None:
    assert raw(home.api, f"{E}get_product_album", {})["errcode"] == 41074


# ---- 1.12 blocked words ----


def test_a_rule_is_kept_with_its_semantics_where_the_pages_have_them(home: Mansion) -> None:
    api = home.api.blocked_words
    rule_id = api.add_intercept_rule("抄检", ["抄家", "查封"], userids=["xifeng"], semantics=[1, 3], intercept_type=1)
    answer = raw(home.api, f"{E}get_intercept_rule", {"rule_id": rule_id})["rule"]
    assert answer["semantics_list"] == [1, 3]
    assert isinstance(answer["rule_id"], int)
    assert isinstance(rule_id, str)

    # What stands on top is not looked at in an update.
    raw(home.api, f"{E}update_intercept_rule", {"rule_id": rule_id, "semantics_list": [2]})
    assert api.get_intercept_rule(rule_id).semantics_list == (1, 3)
    api.update_intercept_rule(rule_id, semantics=[2])
    assert api.get_intercept_rule(rule_id).semantics_list == (2,)


def test_a_rule_changes_whom_it_is_for(home: Mansion) -> None:
    api = home.api.blocked_words
    rule_id = api.add_intercept_rule("词", ["抄家"], userids=["xifeng", "pinger"])

    api.update_intercept_rule(
        rule_id, rule_name="新", words=["查封"], add=Range(department_list=(1,)), remove=Range(user_list=("pinger",))
    )

    kept = api.get_intercept_rule(rule_id)
    assert (kept.rule_name, kept.word_list) == ("新", ("查封",))
    assert kept.applicable_range == Range(user_list=("xifeng",), department_list=(1,))
    assert [(one.rule_id, one.rule_name) for one in api.get_intercept_rule_list()] == [(rule_id, "新")]
    api.del_intercept_rule(rule_id)
    assert api.get_intercept_rule_list() == ()


def test_a_company_has_a_hundred_rules(home: Mansion) -> None:
    for n in range(100):
        home.api.blocked_words.add_intercept_rule(f"词{n}", ["抄家"], userids=["xifeng"])

    with refused(41069):
        home.api.blocked_words.add_intercept_rule("多了", ["抄家"], userids=["xifeng"])


@pytest.mark.parametrize(
    ("more", "errcode"),
    [
        ({"rule_name": ""}, 40058),
        ({"rule_name": "x" * 21}, 40058),
        ({"word_list": []}, 40058),
        ({"word_list": ["x"] * 301}, 40058),
        ({"word_list": ["x" * 33]}, 40058),
        ({"semantics_list": [4]}, 40058),
        ({"intercept_type": 3}, 40058),
        ({"applicable_range": {}}, 40058),
        ({"applicable_range": {"user_list": ["nobody"]}}, 60111),
        ({"applicable_range": {"department_list": [99]}}, 60123),
    ],
)
def test_what_is_wrong_with_a_rule_is_named(home: Mansion, more: dict[str, object], errcode: int) -> None:
    body = {
        "rule_name": "词", "word_list": ["抄家"], "intercept_type": 1, "applicable_range": {"user_list": ["xifeng"]}, **more,
    }  # fmt: skip

    assert raw(home.api, f"{E}add_intercept_rule", body)["errcode"] == errcode


# ---- 1.13 acquisition links ----


def test_people_come_by_a_link_and_use_up_what_was_paid_for(home: Mansion) -> None:
    api = home.api.acquisition
    made = api.create_link(
        "海报", userids=["xifeng", "pinger"], priority=Priority(priority_type=2, priority_userid_list=("pinger",))
    )
    before = api.customer_acquisition_quota()
    person = home.phones.person("湘云")

    external = home.phones.scan_link(person, made.link_id, channel="poster-1")

    assert made.url == f"https://work.weixin.qq.com/ca/{made.link_id}"
    (told,) = api.customer(made.link_id).customer_list
    assert (told.external_userid, told.userid, told.chat_status, told.state) == (external, "pinger", 0, "poster-1")
    after = api.customer_acquisition_quota()
    assert (before.balance - after.balance, after.quota_list[0].balance) == (1, after.balance)
    counts = api.statistic(made.link_id, home.now(), home.now())
    assert (counts.click_link_customer_cnt, counts.new_customer_cnt) == (1, 1)


def test_what_a_links_customer_says_is_told_by_a_key_for_half_an_hour(home: Mansion) -> None:
    made = home.api.acquisition.create_link("海报", userids=["xifeng"])
    person = home.phones.person("湘云")
    external = home.phones.scan_link(person, made.link_id, channel="c")
    for _ in range(3):
        home.phones.say_to(person, "xifeng", "在吗")
    assert home.api.acquisition.customer(made.link_id).customer_list[0].chat_status == 1
    (told,) = home.events("message_from_customer")
    key = told.partition("<ChatKey><![CDATA[")[2].partition("]]>")[0]

    info = home.api.acquisition.get_chat_info(key)

    assert (info.userid, info.external_userid) == ("xifeng", external)
    assert (info.chat_info.recv_msg_cnt, info.chat_info.link_id, info.chat_info.state) == (3, made.link_id, "c")
    home.passes(HOUR / 2)
    with refused(40058):
        home.api.acquisition.get_chat_info(key)


def test_the_balance_runs_low_and_out(home: Mansion) -> None:
    made = home.api.acquisition.create_link("海报", userids=["xifeng"])
    home.phones.admin_set_balance(21)
    for n in range(21):
        home.phones.scan_link(home.phones.person(f"客{n}"), made.link_id)

    assert len(home.events("balance_low")) == 1
    assert len(home.events("balance_exhausted")) == 1
    with pytest.raises(NotPossible):
        home.phones.scan_link(home.phones.person("晚了"), made.link_id)
    assert home.api.acquisition.customer_acquisition_quota().quota_list == ()


def test_a_quota_that_ends_soon_is_warned_of(home: Mansion) -> None:
    home.phones.admin_set_balance(1_000, expires=home.box.clock.now() + 20 * DAY)

    home.passes(19.5 * DAY)
    warned = home.events("quota_expire_soon")
    assert len(warned) == 5
    assert "<ExpireQuotaNum>1000</ExpireQuotaNum>" in warned[0]
    home.passes(DAY)

    assert home.api.acquisition.customer_acquisition_quota().balance == 0
    assert len(home.events("balance_exhausted")) == 1


def test_a_link_is_changed_read_listed_and_deleted_without_a_callback(home: Mansion) -> None:
    api = home.api.acquisition
    first, second = (api.create_link(name, userids=["xifeng"]).link_id for name in ("一", "二"))
    api.update_link(first, link_name="壹", userids=["pinger"], skip_verify=False)

    kept = api.get(first)
    assert (kept.link.link_name, kept.link.skip_verify, kept.range.user_list) == ("壹", False, ("pinger",))
    page = api.list_link(limit=1)
    assert {*page.link_id_list, *api.list_link(page.next_cursor).link_id_list} == {first, second}
    assert home.second_app().acquisition.list_link().link_id_list == ()

    before = home.box.truth(home.keys.corpid).callbacks()
    api.delete_link(first)
    assert home.box.truth(home.keys.corpid).callbacks() == before
    assert api.list_link().link_id_list == (second,)
    with pytest.raises(NotPossible):
        home.phones.scan_link(home.people["黛玉"], first)
    with refused(40058):
        api.get(first)


@pytest.mark.parametrize(
    ("more", "errcode"),
    [
        ({"link_name": ""}, 40058),
        ({"link_name": "x" * 31}, 40058),
        ({"range": {}}, 40058),
        ({"range": {"user_list": ["nobody"]}}, 60111),
        ({"range": {"department_list": [99]}}, 60123),
        ({"priority_option": {"priority_type": 3}}, 40058),
        ({"priority_option": {"priority_type": 2}}, 40058),
    ],
)
def test_what_is_wrong_with_a_link_is_named(home: Mansion, more: dict[str, object], errcode: int) -> None:
    body = {"link_name": "海报", "range": {"user_list": ["xifeng"]}, **more}

    assert raw(home.api, f"{E}customer_acquisition/create_link", body)["errcode"] == errcode


def test_five_hundred_people_stand_behind_a_link(home: Mansion) -> None:
    with home.box.bulk():
        for n in range(498):
            home.phones.hire(f"staff{n}", f"员工{n}")

    with refused(40058):
        home.api.acquisition.create_link("海报", departments=[1])


@pytest.mark.parametrize(("industry", "errcode"), [("unset", 41200), ("banned", 41305)])
def test_links_ask_for_an_industry(home: Mansion, industry: str, errcode: int) -> None:
    home.phones.admin_configure(industry=industry)

    with refused(errcode):
        home.api.acquisition.create_link("海报", userids=["xifeng"])


@pytest.mark.parametrize(("ago", "long", "errcode"), [(10, 5, 0), (10, 32, 40058), (181, 5, 40058), (5, -2, 40058)])
def test_counts_cover_thirty_days_of_the_last_hundred_and_eighty(
    home: Mansion, ago: int, long: int, errcode: int
) -> None:
    link_id = home.api.acquisition.create_link("海报", userids=["xifeng"]).link_id
    start = home.now() - ago * 86_400
    body = {"link_id": link_id, "start_time": start, "end_time": start + long * 86_400}

    assert raw(home.api, f"{E}customer_acquisition/statistic", body)["errcode"] == errcode


# ---- 1.14 tickets ----


def test_tickets_live_two_hours_and_are_not_the_same(home: Mansion) -> None:
    corp, app = home.api.sidebar.get_jsapi_ticket(), home.api.sidebar.ticket_get()
    home.passes(HOUR)
    again = home.api.sidebar.get_jsapi_ticket()

    assert (corp.expires_in, again.ticket, again.expires_in) == (7_200, corp.ticket, 3_600)
    assert app.ticket != corp.ticket
    assert len(sign(corp.ticket, "nonce", 1, "https://a.b/c#d")) == 40
    home.passes(HOUR)
    assert home.api.sidebar.get_jsapi_ticket().ticket != corp.ticket


def test_a_ticket_of_another_kind_is_not_there(home: Mansion) -> None:
    transport = home.api._api.transport
    answer = transport._http.get(
        f"{transport.base_url}/cgi-bin/ticket/get", params={"access_token": transport.token(), "type": "jsapi"}
    )
    assert answer.json()["errcode"] == 40058


@pytest.mark.parametrize(("path", "per", "most"), [("get_jsapi_ticket", "corp", 400), ("ticket/get", "app", 100)])
def test_tickets_are_given_so_often_an_hour(home: Mansion, path: str, per: str, most: int) -> None:
    home.box.clock.step_to((home.box.clock.now() // 3_600 + 1) * 3_600)
    used_up(home, per, path, most, but=1)
    transport = home.api._api.transport

    def ask() -> int:
        params = {"access_token": transport.token(), "type": "agent_config"}
        return int(transport._http.get(f"{transport.base_url}/cgi-bin/{path}", params=params).json()["errcode"])

    assert [ask() for _ in range(2)] == [0, 45009]
    home.passes(HOUR - 1)
    assert ask() == 45009
    home.passes(1)
    assert ask() == 0


# ---- 1.11 ids ----


def test_a_providers_ids_become_the_companys(home: Mansion) -> None:
    corpid, daiyu = home.keys.corpid, home.id("黛玉")
    theirs = ids.foreign(home.box, corpid, daiyu)
    assert theirs != daiyu

    assert home.api.account.from_service_external_userid(theirs, source_agentid=1) == daiyu
    with refused(40096):
        home.api.account.from_service_external_userid(daiyu, source_agentid=1)
    (listed,) = [row for row in home.api.directory.user_simplelist(1) if row.userid == "xifeng"]
    found = home.api.account.openuserid_to_userid([listed.open_userid, "wo_none"], source_agentid=1)
    assert [(row.open_userid, row.userid) for row in found.userid_list] == [(listed.open_userid, "xifeng")]
    assert found.invalid_open_userid_list == ("wo_none",)


def test_what_belongs_to_providers_is_not_for_us(home: Mansion) -> None:
    answer = raw(home.api, f"{E}unionid_to_external_userid", {"unionid": "o1", "openid": "o2"})

    assert answer["errcode"] == 48002


# ---- 1.16 archive ----


def test_who_is_archived_and_who_agreed(home: Mansion) -> None:
    chat_id = home.phones.create_group("xifeng", "诗社", people=[home.people["黛玉"], home.people["宝钗"]])
    home.phones.agree_to_archive(home.people["黛玉"], "xifeng")
    home.phones.agree_to_archive(home.people["宝钗"], "xifeng", agree=False)
    agreed_at = home.now()

    assert set(home.archive.archive.get_permit_user_list()) == {"xifeng", "pinger", "yuanyang"}
    pairs = home.archive.archive.check_single_agree(
        [("xifeng", external) for external in home.ids("黛玉", "宝钗", "探春")]
    )
    assert [(row.agree_status, row.status_change_time) for row in pairs] == [
        ("Agree", agreed_at), ("Disagree", agreed_at), ("Default_Agree", 0),
    ]  # fmt: skip
    room = {row.exteranalopenid: row.agree_status for row in home.archive.archive.check_room_agree(chat_id)}
    assert room == {home.id("黛玉"): "Agree", home.id("宝钗"): "Disagree"}


def test_the_archive_has_a_secret_of_its_own(home: Mansion) -> None:
    with refused(48002):
        home.api.archive.get_permit_user_list()
    with refused(48002):
        home.archive.messages.add_msg_template(sender="xifeng", text="开社")


@pytest.mark.parametrize(("state", "errcode"), [("off", 301052), ("over", 301053)])
def test_an_archive_that_was_not_paid_for(home: Mansion, state: str, errcode: int) -> None:
    home.phones.admin_configure(archive=state)

    with refused(errcode):
        home.archive.archive.get_permit_user_list()


def test_wrong_questions_to_the_archive_are_named(home: Mansion) -> None:
    assert raw(home.archive, "msgaudit/check_single_agree", {})["errcode"] == 40058
    assert raw(home.archive, "msgaudit/check_single_agree", {"info": [{"userid": "xifeng"}]})["errcode"] == 41035
    assert raw(home.archive, "msgaudit/check_single_agree", {"info": [{}] * 101})["errcode"] == 40058
    assert raw(home.archive, "msgaudit/check_room_agree", {"roomid": "wr_none"})["errcode"] == 86001


# ---- all of them ----

_OURS = [
    path for path in CALLS
    if path.startswith(("message/", "media/", "msgaudit/", "ticket/", "get_jsapi", "batch/"))
    or any(
        word in path
        for word in (
            "welcome", "msg", "moment", "transfer", "unassigned", "service_external", "album", "intercept", "acquisition",
        )
    )
]  # fmt: skip


@pytest.mark.parametrize("path", _OURS)
def test_every_endpoint_of_the_catalogue_is_there_and_refuses_in_wecoms_envelope(home: Mansion, path: str) -> None:
    endpoint = next(endpoint for endpoint in ENDPOINTS if endpoint.path == path)
    transport = home.api._api.transport
    answer = transport._http.request(
        endpoint.method, f"{transport.base_url}/cgi-bin/{path}", params={"access_token": "made up"}
    )

    body = answer.json()
    assert (body["errcode"], answer.headers["error-code"]) == (40014, "40014")
    assert ", hint: [" in body["errmsg"]
    assert {name: body[name] for name in endpoint.empty} == dict(endpoint.empty)


def test_beyond_the_customers_it_has_paid_for_a_company_wins_nobody_and_is_told_so(home: Mansion) -> None:
    known = home.api.contacts.list("xifeng")
    home.phones.admin_configure(customers_most=4)

    with pytest.raises(NotPossible, match="4 customers"):
        home.meets("湘云", "xifeng")
    home.meets("黛玉", "pinger")  # who is a customer already may know more of the staff
    assert home.api.contacts.list("xifeng") == known
    home.phones.admin_configure(customers_most=3)
    with refused(610023):
        home.api.contacts.list("xifeng")


def test_without_the_papers_for_its_customers_a_company_is_told_nothing_of_them(home: Mansion) -> None:
    home.phones.admin_configure(customers_qualified=False)

    with refused(610024):
        home.api.contacts.list("xifeng")
