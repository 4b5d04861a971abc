"""Webhooks of journeys: another system is told of each person who comes by, or of the points they were given, until it has taken it.

The body is JSON: order, journey, step, person (a number of ours, never a name or an id of the world), the instant, and of points how
many and because of what. `Tiefen-Signature` is
the hex HMAC-SHA256 of the body under the company's secret, `Tiefen-Order` the same however often it is sent, so that the other side
may take it once. Anything but 2xx within `TIMEOUT_S` is tried again; an address that moved is not followed.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import urlsplit

import httpx

from tiefen.act import points
from tiefen.act.journeys import orders
from tiefen.act.journeys.orders import Tried, Waiting
from tiefen.kit.ids import new_secret
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger

MOST, AT_ONCE, TIMEOUT_S = 64, 8, 5.0
SECRET = "webhook_secret"
"""What the company's settings call the secret that webhooks are signed with."""


def turn(ledger: Ledger, settings: Settings, corp_id: str, now_us: int) -> bool:
    """Send what is due; whether there is more."""
    del settings
    with ledger.read() as connection:
        some = orders.due(connection, corp_id, "webhook", now_us, MOST)
        given = orders.due(connection, corp_id, "points", now_us, MOST)
        told = points.hook(connection, corp_id) if given else None
    some += [replace(order, body={**order.body, "url": told}) for order in given]
    if not some:
        return False
    signing = secret(ledger, corp_id).encode()
    with httpx.Client(timeout=TIMEOUT_S, follow_redirects=False) as client, ThreadPoolExecutor(AT_ONCE) as pool:
        tried = list(pool.map(lambda order: send(client, order, signing, now_us), some))
    with ledger.write() as connection:
        orders.settle(connection, corp_id, tried, now_us)
    return len(some) >= MOST


def secret(ledger: Ledger, corp_id: str) -> str:
    """The company's secret, made when it is first needed."""
    kept = ledger.corp(corp_id).settings.get(SECRET)
    return str(kept or ledger.update_settings(corp_id, {SECRET: new_secret()}).settings[SECRET])


def send(
    client: httpx.Client, order: Waiting, signing: bytes, now_us: int, *, allowed: Callable[[str], bool] | None = None
) -> Tried:
    """Send one; what is not taken is to be tried again."""
    url = order.body["url"]
    if url is None:
        return Tried(order, "failed", "no_address")
    if not (allowed or _public)(url):
        return Tried(order, "failed", "not_public")
    body = json.dumps(
        {
            "order": order.order_id,
            "journey": order.journey_id,
            "step": order.step,
            "person": order.person,
            "at_us": now_us,
            **{key: order.body[key] for key in ("points", "because") if key in order.body},
        }
    ).encode()
    headers = {
        "Content-Type": "application/json", "Tiefen-Order": order.order_id,
        "Tiefen-Signature": hmac.new(signing, body, "sha256").hexdigest(),
    }  # fmt: skip
    try:
        with client.stream("POST", url, content=body, headers=headers) as answer:
            taken = answer.is_success
            said = f"http_{answer.status_code}"
    except httpx.HTTPError as error:
        return Tried(order, "again", type(error).__name__)
    return Tried(order, "done") if taken else Tried(order, "again", said)


def _public(url: str) -> bool:
    """Whether an address leads out of the house: nobody may make the server speak with what stands behind it."""
    host = urlsplit(url).hostname
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM) if host else []
    except (OSError, UnicodeError):
        return bool(host)  # not found now; sending says so, and it is tried again
    return all(ipaddress.ip_address(at[4][0]).is_global for at in found)
