"""Connecting WeCom from the guided page until every step is green, and a demonstration by hand with the sandbox's phones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Server, looking, sound
from tests.browser.test_beginning import EMAIL, PASSWORD
from tiefen.sandbox import CorpKeys, Sandbox


@dataclass(frozen=True)
class World:
    """A sandbox with one company, and where its page is."""

    box: Sandbox
    keys: CorpKeys
    url: str

    @property
    def page(self) -> str:
        return f"{self.url}/_sandbox/"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with Sandbox.open() as box:
        keys = box.add_corp("大观园文创", staff=["xifeng:王熙凤", "pinger:平儿"])
        phones = box.phones(keys.corpid)
        daiyu = phones.person("林黛玉")
        phones.add_contact(daiyu, "xifeng")
        phones.create_group("xifeng", "海棠诗社", people=[daiyu])
        with box.serve() as url:
            yield World(box, keys, url)


@pytest.fixture(scope="module")
def owner(chromium: Browser, empty: Server) -> Iterator[Page]:
    """The owner of a first start, signed in, in Chinese."""
    with sound(looking(chromium, size=(1440, 1000))) as page:
        page.goto(empty.url)
        page.get_by_label("称呼").fill("悟空")
        page.get_by_label("邮箱").fill(EMAIL)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="创建账号并进入").click()
        expect(page.get_by_role("button", name="导入第一个文件")).to_be_visible()
        yield page


def step(page: Page, key: str, state: str) -> None:
    """A step of the guide says how it is."""
    expect(page.locator(f"[data-step={key}][data-state={state}]")).to_be_visible(timeout=30_000)


def open_step(page: Page, key: str) -> None:
    header = page.locator(f".ant-collapse-header:has([data-step={key}])")
    if header.get_attribute("aria-expanded") != "true":
        header.click()


# ---- the guided page --------------------------------------------------------------------------------


def test_a_company_is_connected_step_by_step_until_everything_is_green(
    owner: Page, empty: Server, world: World
) -> None:
    owner.goto(f"{empty.url}/settings?tab=wecom")
    step(owner, "corp", "waiting")
    owner.get_by_label("企业 ID").fill(world.keys.corpid)
    owner.get_by_role("button", name=re.compile("保\\s*存")).click()
    step(owner, "corp", "ok")
    owner.reload()
    step(owner, "corp", "ok")

    owner.get_by_label("AgentId").fill(str(world.keys.agentid))
    owner.get_by_label("Secret").first.fill("not-this-one")
    owner.get_by_role("button", name=re.compile("高级")).click()
    owner.get_by_label("接口地址").fill(world.url)
    owner.get_by_role("button", name="连接并检查").click()
    step(owner, "app", "failed")
    expect(owner.get_by_text("企业 ID 和 Secret 不是一对。")).to_be_visible()
    expect(owner.get_by_text("错误码 40001")).to_be_visible()

    world.box.phones(world.keys.corpid).admin_set_trusted_ips(["203.0.113.7"])
    owner.get_by_label("Secret").first.fill(world.keys.secret)
    owner.get_by_role("button", name="保存并检查").click()
    step(owner, "app", "ok")
    step(owner, "ip", "failed")
    open_step(owner, "ip")
    expect(owner.get_by_text("127.0.0.1", exact=True)).to_be_visible()
    world.box.phones(world.keys.corpid).admin_set_trusted_ips(None)
    owner.get_by_role("button", name="重新检查").click()
    step(owner, "ip", "ok")
    step(owner, "may", "ok")
    open_step(owner, "may")
    expect(owner.locator("[data-check=groups][data-state=ok]")).to_have_count(1)


def test_the_callback_turns_green_when_its_keys_are_typed_into_the_sandbox(
    owner: Page, chromium: Browser, empty: Server, world: World
) -> None:
    owner.goto(f"{empty.url}/settings?tab=wecom&view=guide")
    step(owner, "callback", "waiting")
    open_step(owner, "callback")
    row = owner.locator(".ant-typography", has_text=re.compile("^[A-Za-z0-9]{32}$"))
    expect(row).to_be_visible()
    token = row.inner_text().strip()
    aes_key = owner.locator(".ant-typography", has_text=re.compile("^[A-Za-z0-9]{43}$")).inner_text().strip()

    with sound(looking(chromium, size=(1440, 1000))) as admin:
        admin.goto(f"{world.page}#/corps")
        card = admin.locator("[data-card=callback]")
        card.get_by_label("回调 URL").fill(f"{empty.url}/wecom/callback/main")
        card.get_by_label("Token").fill(token)
        card.get_by_label("EncodingAESKey").fill(aes_key)
        card.get_by_role("button", name="保存并验证").click()
        expect(admin.get_by_text("验证通过，已保存")).to_be_visible()

    step(owner, "callback", "ok")
    expect(owner.get_by_text("已完成 5 / 5 步")).to_be_visible()


def test_health_shows_the_callback_a_customers_phone_caused(owner: Page, empty: Server, world: World) -> None:
    phones = world.box.phones(world.keys.corpid)
    phones.add_contact(phones.person("刘姥姥"), "pinger")

    owner.goto(f"{empty.url}/settings?tab=wecom&view=health")

    expect(owner.get_by_role("cell", name="加了好友")).to_be_visible(timeout=30_000)
    expect(owner.locator("[data-tile=最近回调]")).to_contain_text("前")
    expect(owner.locator("code", has_text="externalcontact/get_follow_user_list").first).to_be_visible()


def test_disconnecting_asks_first_and_says_what_stays(owner: Page, empty: Server) -> None:
    owner.goto(f"{empty.url}/settings?tab=wecom&view=guide")
    owner.get_by_role("button", name="断开连接").click()
    expect(owner.get_by_text("已经取得的客户、群、成员进出和所有分析都保留", exact=False)).to_be_visible()

    owner.locator(".ant-popconfirm-buttons").get_by_role("button", name="断开连接").click()

    step(owner, "app", "waiting")


# ---- the sandbox's page -----------------------------------------------------------------------------


@pytest.fixture
def hands(chromium: Browser, world: World) -> Iterator[Page]:
    """Somebody at the sandbox's page."""
    with sound(looking(chromium, size=(1440, 1000))) as page:
        page.goto(world.page)
        expect(page.locator(".phone.work")).to_be_visible()
        yield page


def new_person(page: Page, name: str) -> None:
    page.get_by_label("按姓名或 ID 找顾客").click()
    page.get_by_role("button", name="＋ 新的人").click()
    page.get_by_label("叫什么名字").fill(name)
    page.locator(".phone.wechat").get_by_role("button", name="确定").click()
    expect(page.locator(".phone.wechat .phone-title")).to_contain_text(name)


def test_a_code_is_scanned_and_the_customer_appears(hands: Page, world: World) -> None:
    import httpx

    api = f"{world.url}/cgi-bin"
    token = httpx.get(f"{api}/gettoken", params={"corpid": world.keys.corpid, "corpsecret": world.keys.secret}).json()
    way = {"type": 1, "scene": 2, "remark": "门店海报", "state": "store-1", "user": ["xifeng"]}
    made = httpx.post(
        f"{api}/externalcontact/add_contact_way", params={"access_token": token["access_token"]}, json=way
    ).json()
    assert made["errcode"] == 0, made
    new_person(hands, "史湘云")
    hands.get_by_label("选一名员工").select_option("xifeng")

    hands.get_by_role("button", name="扫一扫 门店海报").click()

    expect(hands.locator(".phone.wechat .row", has_text="王熙凤")).to_be_visible()
    hands.locator(".phone.work [data-tab=customers]").click()
    expect(hands.locator(".phone.work .row", has_text="史湘云")).to_contain_text("store-1")
    expect(hands.locator(".happened li").first).to_contain_text("加了好友")


def test_somebody_enters_a_group_speaks_and_leaves(hands: Page, world: World) -> None:
    new_person(hands, "薛宝琴")
    phone = hands.locator(".phone.wechat")
    phone.locator("[data-tab=discover]").click()
    phone.get_by_role("button", name=re.compile("进群")).click()
    phone.get_by_role("button", name=re.compile("海棠诗社")).click()
    phone.locator("[data-tab=chats]").click()
    phone.locator(".row", has_text="海棠诗社").click()
    phone.get_by_label("说点什么").fill("白海棠开了")
    phone.get_by_role("button", name="发送").click()
    expect(phone.locator(".said.right .bubble")).to_have_text("白海棠开了")

    hands.get_by_role("link", name="群", exact=True).click()
    expect(hands.locator(".middle .bubble").last).to_have_text("白海棠开了")
    hands.get_by_role("link", name="手机", exact=True).click()
    phone.locator(".row", has_text="海棠诗社").click()
    phone.get_by_role("button", name="⋯").click()
    phone.get_by_role("button", name="退出群聊").click()
    phone.get_by_role("button", name="退出群聊").click()

    expect(phone.locator(".row", has_text="海棠诗社")).to_have_count(0)


def test_the_page_tells_in_words_what_cannot_be_done(hands: Page, world: World) -> None:
    new_person(hands, "赵姨娘")
    hands.get_by_label("选一名员工").select_option("xifeng")
    hands.get_by_role("button", name="赵姨娘 加 王熙凤 为好友").click()
    phone = hands.locator(".phone.wechat")
    phone.locator(".row", has_text="王熙凤").click()
    phone.get_by_role("button", name="⋯").click()
    phone.get_by_role("button", name="删除对方").click()
    phone.get_by_role("button", name="删除对方").click()
    expect(phone.locator(".row", has_text="王熙凤")).to_have_count(0)

    hands.get_by_label("选一名员工").select_option("pinger")
    world.box.phones(world.keys.corpid).resign("pinger")
    hands.get_by_role("button", name="赵姨娘 加 平儿 为好友").click()

    expect(hands.locator(".toast.error")).to_be_visible()


def test_a_slow_answer_does_not_undo_whose_phone_was_chosen(hands: Page, world: World) -> None:
    world.box.phones(world.keys.corpid).hire("baoyu", "贾宝玉")
    hands.reload()
    hands.get_by_label("选一名员工").select_option("xifeng")
    held: list[Route] = []
    hands.route("**/staff/xifeng", lambda route: held.append(route))
    for _ in range(50):
        if held:
            break
        hands.wait_for_timeout(100)
    hands.get_by_label("选一名员工").select_option("baoyu")
    expect(hands.locator(".phone.work .phone-title")).to_have_text("贾宝玉")
    for route in held:
        route.continue_()
    hands.unroute("**/staff/xifeng")

    hands.wait_for_timeout(3_000)
    assert held
    expect(hands.locator(".phone.work .phone-title")).to_have_text("贾宝玉")


def test_time_is_stepped_and_faults_are_switched(hands: Page, world: World) -> None:
    before = world.box.clock.now()
    hands.get_by_role("button", name="+1 天").click()
    expect(hands.get_by_text("前进了 1 天")).to_be_visible()
    assert world.box.clock.now() >= before + 86_400

    hands.goto(f"{world.page}#/faults")
    hands.get_by_label("令牌一取就换").check()
    hands.get_by_label("慢", exact=True).fill("0.1")
    hands.get_by_label("慢", exact=True).press("Enter")
    hands.wait_for_timeout(500)
    assert world.box.faults.token_rotates
    hands.get_by_role("button", name="全部恢复正常").click()
    expect(hands.get_by_label("令牌一取就换")).not_to_be_checked()
    assert not world.box.faults.token_rotates


@pytest.mark.parametrize(("language", "width"), [("zh", 1440), ("zh", 1000), ("en", 1440), ("en", 1000)])
def test_every_view_fits_the_screen_in_both_languages(
    chromium: Browser, world: World, language: str, width: int
) -> None:
    with sound(looking(chromium, language, (width, 800))) as page:
        for view in ("phones", "groups", "calls", "callbacks", "faults", "corps"):
            page.goto(f"{world.page}#/{view}")
            expect(page.locator(f"main[data-view={view}] .room > *").first).to_be_visible()
            assert page.evaluate(
                "document.querySelector('main').scrollWidth <= document.querySelector('main').clientWidth"
            )
            if language == "en":
                assert not re.search("[一-鿿]", page.locator("aside").inner_text())
