"""From a ready playbook to a block of one's own, assigned to the groups of its kind, and seen in the matrix."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


def test_a_ready_playbook_is_changed_assigned_and_seen_in_the_matrix(page: Page, demo: Server) -> None:
    page.goto(f"{demo.url}/playbooks")
    card = page.locator(".ant-card-small", has_text="福利群固定福利日")
    card.get_by_role("button", name="用这个").click()
    expect(page.get_by_test_id("playbook-calendar")).to_contain_text("群内发售")

    page.get_by_role("button", name="加一个活动").click()
    page.get_by_role("menuitem", name="自定义").click()
    page.get_by_label("做什么", exact=True).fill("给群里问个好")
    page.get_by_label("几点", exact=True).fill("23:58")
    expect(page.get_by_test_id("playbook-calendar")).to_contain_text("给群里问个好")
    page.get_by_role("button", name=re.compile("^保.?存$")).click()
    expect(page.get_by_text("有未保存的修改")).to_be_hidden()

    page.get_by_role("button", name="分配到社群").click()
    page.get_by_text("群名像").click()
    expect(page.get_by_test_id("playbook-preview")).to_contain_text(re.compile(r"[1-9]\d* 个群"))
    page.get_by_role("button", name=re.compile("^开.?始$")).click()
    page.get_by_role("button", name="开始运行").click()
    page.get_by_role("tab", name=re.compile("社群进度")).click()
    planned = page.get_by_test_id("playbook-matrix").get_by_role("button", name=re.compile("计划"))
    expect(planned.first).to_be_visible()


def test_the_inbox_tells_who_has_how_much(page: Page, demo: Server) -> None:
    page.goto(f"{demo.url}/tasks?tab=load")

    expect(page.get_by_text(re.compile(r"[1-9]\d* / [1-9]\d* 个群有人负责"))).to_be_visible()
    page.get_by_role("tab", name="待分派").click()
    expect(page.get_by_role("button", name="交给…").first).to_be_visible()
