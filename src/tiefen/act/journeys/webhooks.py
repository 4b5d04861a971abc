"""Webhooks of journeys: another system is told of each person who comes by, or of the points they were given, until it has taken it.

The body is JSON: order, journey, step, person (a number of ours, never a name or an id of the world), the instant, and of points how
many and because of what. `Tiefen-Signature` is
the hex HMAC-SHA256 of the body under the company's secret, `Tiefen-Order` the same however often it is sent, so that the other side
may take it once. Anything but 2xx within `TIMEOUT_S` is tried again; an address that moved is not followed. What stands behind the
server is never spoken with: a name is looked up once, and the connection goes to the very address that was looked at.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

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
    with outward() as client, ThreadPoolExecutor(AT_ONCE) as pool:
        tried = list(pool.map(lambda order: send(client, order, signing, now_us), some))
    with ledger.write() as connection:
        orders.settle(connection, corp_id, tried, now_us)
    return len(some) >= MOST


def secret(ledger: Ledger, corp_id: str) -> str:
    """The company's secret, made when something is first signed."""
    return kept_secret(ledger, corp_id) or renew_secret(ledger, corp_id)


def kept_secret(ledger: Ledger, corp_id: str) -> str | None:
    """The company's secret, if it has one yet."""
    return ledger.corp(corp_id).settings.get(SECRET)


def renew_secret(ledger: Ledger, corp_id: str) -> str:
    """Another secret from now on; what was signed before holds under the old one alone."""
    return str(ledger.update_settings(corp_id, {SECRET: new_secret()}).settings[SECRET])


def outward(verify: ssl.SSLContext | bool = True) -> httpx.Client:
    """A client that speaks with the world and with nothing in the house; directly, whatever proxy the environment names."""
    return httpx.Client(transport=_Outward(verify), timeout=TIMEOUT_S, follow_redirects=False)


def send(client: httpx.Client, order: Waiting, signing: bytes, now_us: int) -> Tried:
    """Send one; what is not taken is to be tried again."""
    url = order.body["url"]
    if url is None:
        return Tried(order, "failed", "no_address")
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
    except _NotPublic:
        return Tried(order, "failed", "not_public")
    except httpx.HTTPError as error:
        return Tried(order, "again", type(error).__name__)
    return Tried(order, "done") if taken else Tried(order, "again", said)


class _NotPublic(httpx.ConnectError):
    """A name leads to something inside the house."""


class _Outward(httpx.HTTPTransport):
    """Looks a name up once and connects to what it found; the certificate must still be the name's, and so is the `Host`.

    Connections are not kept: two names may share an address, and one's certificate says nothing about the other.
    """

    def __init__(self, verify: ssl.SSLContext | bool) -> None:
        super().__init__(verify=verify, limits=httpx.Limits(max_keepalive_connections=0))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        name, missed = request.url.host, httpx.ConnectError("nothing is found under the name")
        addresses = _addresses(name)
        if not all(map(_public, addresses)):
            raise _NotPublic(name)
        for address in addresses:
            try:
                return super().handle_request(
                    httpx.Request(
                        request.method, request.url.copy_with(host=address), headers=request.headers, stream=request.stream,
                        extensions={**request.extensions, "sni_hostname": name},
                    )
                )  # fmt: skip
            except httpx.ConnectError as error:
                missed = error
        raise missed


def _addresses(host: str) -> list[str]:
    """Where a name leads; nowhere if nobody knows it just now."""
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(at[4][0]) for at in found))


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _public(address: str) -> bool:
    """Whether an address leads out of the house, also where it carries another inside it."""
    at = ipaddress.ip_address(address)
    if isinstance(at, ipaddress.IPv6Address):
        within = ipaddress.IPv4Address(int(at) & 0xFFFF_FFFF) if at in _NAT64 else at.ipv4_mapped or at.sixtofour
        at = within or at
    return at.is_global and not at.is_multicast
