"""A group's report for the boss: as one picture, and on paper. Before `test_looking`, whose end removes the demo."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Server, looking, sound

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

# The size of a picture, the share of it that is nearly white, and how many colours it has in all.
LOOKED_AT = """async (picture) => {
    const bytes = Uint8Array.from(atob(picture), (c) => c.charCodeAt(0))
    const drawn = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
    const sheet = new OffscreenCanvas(drawn.width, drawn.height)
    const pen = sheet.getContext('2d')
    pen.drawImage(drawn, 0, 0)
    const { data } = pen.getImageData(0, 0, drawn.width, drawn.height)
    const colours = new Set()
    let white = 0
    for (let at = 0; at < data.length; at += 4) {
        if (Math.min(data[at], data[at + 1], data[at + 2]) > 240) white += 1
        colours.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2])
    }
    return { width: drawn.width, height: drawn.height, white: (white * 4) / data.length, colours: colours.size }
}"""


def first_group(page: Page, demo: Server) -> tuple[int, str]:
    row = page.request.get(f"{demo.url}/api/groups?limit=1").json()["items"][0]
    return row["group"], row["name"]


def test_a_group_is_exported_as_one_picture_on_white_even_from_the_dark(
    chromium: Browser, demo: Server, session: dict[str, str], tmp_path: Path
) -> None:
    context = looking(chromium, theme="dark")
    context.add_cookies([{"name": name, "value": value, "url": demo.url} for name, value in session.items()])
    with sound(context) as page:
        group, name = first_group(page, demo)
        page.goto(f"{demo.url}/groups/{group}")

        with page.expect_download() as saved:
            page.get_by_role("button", name="导出图片").click()
        saved.value.save_as(tmp_path / "report.png")
        seen = page.evaluate(LOOKED_AT, base64.b64encode((tmp_path / "report.png").read_bytes()).decode())

        assert re.fullmatch(re.escape(name) + r"-\d{4}-\d\d-\d\d\.png", saved.value.suggested_filename)
        assert seen["width"] > 1_500 and seen["height"] > 3_000
        assert 0.6 < seen["white"] < 0.99
        assert seen["colours"] > 500
        expect(page.get_by_test_id("report")).to_have_count(0)


def test_on_paper_a_report_has_neither_navigation_nor_buttons(page: Page, demo: Server) -> None:
    group, name = first_group(page, demo)
    page.goto(f"{demo.url}/groups/{group}?report=1")
    expect(page.get_by_role("heading", name=name)).to_be_visible()

    page.emulate_media(media="print", color_scheme="dark")

    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.get_by_role("banner")).to_be_hidden()
    expect(page.get_by_role("menu")).to_be_hidden()
    expect(page.get_by_role("button", name=re.compile("打印|导出|返回|存为"))).to_have_count(0)
    expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")


def test_somebody_without_a_name_is_not_shown_as_an_id(page: Page, demo: Server) -> None:
    people = page.request.get(f"{demo.url}/api/persons?limit=200").json()["items"]
    nameless = next(one for one in people if one["name"].startswith("wm"))

    page.goto(f"{demo.url}/people/{nameless['person']}")

    heading = page.get_by_role("heading", level=3)
    expect(heading).to_contain_text(f"未命名客户 …{nameless['name'][-4:]}")
    expect(heading).not_to_contain_text(nameless["name"])
