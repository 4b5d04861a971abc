"""Somebody's first hour with their own data: an account, a file, what was refused, the group it is about."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Server

EMAIL, PASSWORD = "wukong@example.org", "七十二变-72-changes"
CHAT = (
    "什么时候,谁,在哪个群,说了什么\n"
    + "".join(
        f"2026-11-{1 + n // 40:02d} {8 + n % 12:02d}:{n % 60:02d},{('黛玉', '悟空', '八戒', '沙僧')[n % 4]},诗社,第{n}句话\n"
        for n in range(200)
    )
    + "改天吧,八戒,诗社,这一行的时间读不懂\n"
)


def sign_in(page: Page, server: Server) -> None:
    page.goto(server.url)
    page.get_by_label("邮箱").fill(EMAIL)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name=re.compile("登\\s*录")).click()
    expect(page.get_by_role("heading", name="总览")).to_be_visible()


def test_first_visit_makes_the_owners_account_and_says_what_to_do_next(stranger: Page, empty: Server) -> None:
    stranger.goto(empty.url)
    expect(stranger.get_by_text("第一次使用：创建管理员账号")).to_be_visible()
    stranger.get_by_label("称呼").fill("悟空")
    stranger.get_by_label("邮箱").fill(EMAIL)
    stranger.get_by_label("密码").fill("short")
    stranger.get_by_role("button", name="创建账号并进入").click()
    expect(stranger.locator(".ant-form-item-explain-error")).to_be_visible()

    stranger.get_by_label("密码").fill(PASSWORD)
    stranger.get_by_role("button", name="创建账号并进入").click()

    expect(stranger.get_by_role("button", name="导入第一个文件")).to_be_visible()
    stranger.get_by_role("button", name="悟空").click()
    stranger.get_by_role("menuitem", name="退出登录").click()
    expect(stranger.get_by_role("button", name=re.compile("登\\s*录"))).to_be_visible()


def test_a_wrong_password_is_told_plainly(stranger: Page, empty: Server) -> None:
    stranger.goto(empty.url)
    stranger.get_by_label("邮箱").fill(EMAIL)
    stranger.get_by_label("密码").fill("not this one either")
    stranger.get_by_role("button", name=re.compile("登\\s*录")).click()

    expect(stranger.get_by_text("邮箱或密码不对。")).to_be_visible()


def test_a_file_is_mapped_looked_at_imported_and_its_bad_row_mended(
    stranger: Page, empty: Server, tmp_path: Path
) -> None:
    file = tmp_path / "诗社聊天.csv"
    file.write_bytes(CHAT.encode("gb18030"))
    sign_in(stranger, empty)
    stranger.goto(f"{empty.url}/imports")
    stranger.locator("input[type=file]").set_input_files(file)

    expect(stranger.get_by_text("确认列的含义")).to_be_visible()
    expect(stranger.get_by_text("GB18030")).to_be_visible()
    _choose(stranger, "文件类型", "聊天记录")
    for field, column in (("时间", "什么时候"), ("昵称", "谁"), ("群名", "在哪个群"), ("内容", "说了什么")):
        _choose(stranger, field, column)
    expect(stranger.get_by_text("前 201 行里 200 行能读懂，1 行会被退回。")).to_be_visible()
    stranger.get_by_role("button", name="开始导入").click()
    expect(stranger.get_by_text("导入完成")).to_be_visible(timeout=60_000)
    expect(stranger.get_by_text("时间读不懂：改天吧")).to_be_visible()

    stranger.get_by_role("button", name=re.compile("修\\s*改")).click()
    stranger.get_by_role("textbox", name="什么时候").fill("2026-11-06 20:30")
    stranger.get_by_role("dialog").get_by_role("button", name=re.compile("修\\s*改")).click()

    expect(stranger.get_by_text("这一行已收下")).to_be_visible()
    expect(stranger.get_by_text("退回的行")).to_have_count(0)


def test_the_group_in_the_file_is_then_understood(stranger: Page, empty: Server) -> None:
    sign_in(stranger, empty)
    stranger.goto(f"{empty.url}/groups")
    expect(stranger.get_by_role("link", name="诗社")).to_be_visible(timeout=60_000)

    stranger.get_by_role("link", name="诗社").click()

    expect(stranger.locator("button[data-metric=messages]")).to_have_text("201")
    expect(stranger.get_by_text("黛玉").first).to_be_visible()


def test_a_key_for_a_system_and_a_token_for_a_program_are_made_and_ended(stranger: Page, empty: Server) -> None:
    sign_in(stranger, empty)
    stranger.goto(f"{empty.url}/settings?tab=keys")
    stranger.get_by_label("API 令牌: 名称").fill("报表")
    stranger.get_by_role("button", name="新建令牌").click()

    expect(stranger.get_by_text("令牌只显示这一次")).to_be_visible()
    secret = stranger.locator(".ant-alert code").inner_text()
    asked = stranger.request.get(f"{empty.url}/api/groups", headers={"Authorization": f"Bearer {secret}"})
    assert asked.ok
    stranger.get_by_role("button", name=re.compile("停\\s*用")).first.click()
    stranger.locator(".ant-popconfirm-buttons").get_by_role("button", name=re.compile("停\\s*用")).click()
    expect(stranger.get_by_text("已停用").first).to_be_visible()
    stranger.context.clear_cookies()
    refused = stranger.request.get(f"{empty.url}/api/groups", headers={"Authorization": f"Bearer {secret}"})
    assert refused.status == 401


def _choose(page: Page, select: str, option: str) -> None:
    """Type into a select and take what it finds."""
    box = page.get_by_role("combobox", name=select, exact=True)
    box.fill(option)
    expect(page.get_by_role("option", name=option, exact=True)).to_have_count(1)
    box.press("Enter")
    expect(page.locator(".ant-spin-spinning")).to_have_count(0)
