"""Stories in a real browser: servers as `scripts/up` starts them, and pages that may not complain."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

SHOTS = Path(__file__).parent / "shots"
CHROMIUM = "/usr/bin/chromium"
WIDE, PHONE = (1280, 900), (390, 844)
expect.set_options(timeout=20_000)


@dataclass(frozen=True)
class Server:
    """A running Tiefen: its address, and the one-time link of a first start with the demo."""

    url: str
    link: str
    data: Path


@contextmanager
def running(data: Path, *arguments: str) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    output = data.parent / f"{data.name}.log"
    with output.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("tiefen")), "up", "--port", str(port), "--data", str(data), *arguments],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TIEFEN_READING_SECONDS": "1"},
        )
    try:
        yield Server(f"http://127.0.0.1:{port}", _link(output, process, empty="--empty" in arguments), data)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _link(output: Path, process: subprocess.Popen[bytes], *, empty: bool, patience: float = 600) -> str:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        said = output.read_text("utf-8")
        if re.search(r"is at http\S+\s", said) and (empty or "/login/" in said):
            found = re.search(r"http://\S+/login/\S+", said)
            return found.group(0) if found else ""
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(f"the server did not start:\n{output.read_text('utf-8')}")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A first start with the demo brand."""
    with running(tmp_path_factory.mktemp("demo") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A first start without anything."""
    with running(tmp_path_factory.mktemp("empty") / "data", "--empty") as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def session(demo: Server) -> dict[str, str]:
    """The cookies of whoever followed the link."""
    with httpx.Client() as client:
        client.get(demo.link, follow_redirects=False)
        return dict(client.cookies)


def looking(
    browser: Browser, language: str = "zh", size: tuple[int, int] = WIDE, theme: str = "light"
) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale="zh-CN" if language == "zh" else "en-US",
        color_scheme="dark" if theme == "dark" else "light",
        accept_downloads=True,
    )
    context.set_default_timeout(20_000)
    return context


@contextmanager
def sound(context: BrowserContext) -> Iterator[Page]:
    """A page that fails the story when a script of it does."""
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page
    context.close()
    assert broken == []


@pytest.fixture
def page(chromium: Browser, demo: Server, session: dict[str, str]) -> Iterator[Page]:
    """Somebody looking at the demo in Chinese."""
    context = looking(chromium)
    context.add_cookies([{"name": name, "value": value, "url": demo.url} for name, value in session.items()])
    with sound(context) as opened:
        yield opened


@pytest.fixture
def stranger(chromium: Browser) -> Iterator[Page]:
    """Somebody who was never here."""
    with sound(looking(chromium)) as opened:
        yield opened
