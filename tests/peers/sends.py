"""Run with a client library on its path: sends one of each call, and some twice. Arguments: address, write key."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta


def main() -> None:
    try:
        from segment.analytics.client import Client  # 2.3 and later
    except ImportError:
        from analytics.client import Client  # type: ignore[import-not-found]

    address, key = sys.argv[1:3]
    failures: list[str] = []
    zipped = "--gzip" in sys.argv
    client = Client(
        key, host=address, on_error=lambda error, _items: failures.append(str(error)), gzip=zipped, max_retries=2,
        sync_mode=False,
    )  # fmt: skip
    outer = {
        "externalIds": [{"id": "wm_1", "type": "wecom_external_userid", "collection": "users", "encoding": "none"}]
    }
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    client.identify("黛玉", {"name": "林黛玉", "email": "daiyu@example.org"})
    client.track("黛玉", "Tea Tasted", {"tea": "龙井", "value": 12.5}, context=outer, timestamp=hour_ago)
    client.track(anonymous_id="visitor-1", event="Looked Around")
    client.page("黛玉", "docs", "Tea", {"path": "/tea"})
    client.screen("黛玉", "app", "Cart")
    client.group("黛玉", "诗社", {"name": "海棠诗社"})
    client.alias("visitor-1", "黛玉")
    client.track("悟空", "Order Completed", {"order_id": "A1", "total": 99.0})
    for _ in range(2):
        client.track("悟空", "Sent Twice", message_id="twice")
    for n in range(400):
        client.track("八戒", "Counted", {"n": n, "pad": "馒头" * 400})
    client.flush()
    client.join()
    if failures:
        sys.exit("; ".join(failures))


main()
