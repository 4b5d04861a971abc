"""What people do outside chats: pages, links, QR codes, and anything a brand names itself."""

from tiefen.ledger.facts.base import Fact, PersonRef, SourceRef


class PageViewed(Fact, frozen=True, kw_only=True, gc=False):
    """Somebody looked at a page or an app's screen."""

    kind = "page.viewed"
    title = ("浏览页面", "Page viewed")

    person: PersonRef
    page: str
    """Path or screen name, without the query string."""
    screen: bool = False
    referrer: str | None = None
    source: SourceRef | None = None


class LinkClicked(Fact, frozen=True, kw_only=True, gc=False):
    """Somebody opened a tracked link."""

    kind = "link.clicked"
    title = ("点链接", "Link clicked")

    person: PersonRef
    link: str
    source: SourceRef | None = None


class CodeScanned(Fact, frozen=True, kw_only=True, gc=False):
    """Somebody scanned an entry QR code."""

    kind = "code.scanned"
    title = ("扫码", "Code scanned")

    person: PersonRef
    code: str
    source: SourceRef | None = None


class EventTracked(Fact, frozen=True, kw_only=True, gc=False):
    """Anything else a brand tracks, under its own name. A goal is an event with a value."""

    kind = "event.tracked"
    title = ("自定义事件", "Event")

    person: PersonRef
    name: str
    properties: str = "{}"
    """A JSON object, without the reserved personal traits."""
    value_fen: int | None = None
    """What it was worth, in fen; None where nobody said."""
