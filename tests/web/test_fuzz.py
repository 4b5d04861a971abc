"""Whatever is sent, nothing breaks: requests made from the schema, and garbage made from nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.web.scenes import TOKEN, Brand, copied, opened

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="session")
def shaken(lived: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brand]:
    """A brand for whatever comes."""
    with opened(copied(lived, tmp_path_factory.mktemp("shaken") / "data")) as brand:
        yield brand


@pytest.mark.slow
def test_every_operation_answers_as_its_schema_says(shaken: Brand) -> None:
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", shaken.app)
    operations = [operation.ok() for operation in schema.get_all_operations()]

    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(
            max_examples=8, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        def answers(case: schemathesis.Case) -> None:
            case.call_and_validate(headers={"Authorization": f"Bearer {TOKEN}"}, checks=CHECKS)

        answers()
    assert len(operations) > 40


GARBAGE = {
    "nothing": b"",
    "no JSON": b"{",
    "a number": b"1",
    "a list": b"[]",
    "null": b"null",
    "deep": b"[" * 50_000,
    "binary": bytes(range(256)),
    "a surrogate": rb'{"name": "\ud800", "email": "\ud800@b.c", "password": "\ud800aaaaaaaaaa", "confirm": "\ud800"}',
    "a zero byte": rb'{"name": "a\u0000b", "email": "a\u0000@b.c", "password": "x", "time_zone": "\u0000", "confirm": "\u0000"}',
    "a number too large": b'{"with": 1e400, "handles": [1e400], "advert": 1e400, "raw": {"a": 1e400}}',
    "an integer too large": b'{"with": ' + b"9" * 5000 + b', "handles": [' + b"9" * 5000 + b'], "raw": {"a": ' + b"9" * 400 + b"}}",
    "not a number": b'{"raw": {"a": NaN}, "options": {"a": Infinity}, "format": "orders"}',
    "UTF-16": '{"name": "黛玉"}'.encode("utf-16"),
    "the wrong types": b'{"name": {}, "email": [], "password": 1, "format": 1, "columns": [], "handles": {}, "raw": [], "with": "x"}',
}  # fmt: skip


@pytest.fixture(scope="session")
def writes(shaken: Brand) -> list[tuple[str, str]]:
    """Every call that changes something, on things that may be there."""
    paths = shaken.client().get("/api/openapi.json").json()["paths"]
    known = {"group": 1, "person": 5, "reject_id": 1, "source_id": "m1"}
    return [
        (method.upper(), path.format(**(dict.fromkeys(re.findall(r"{(\w+)}", path), "x") | known)))
        for path, does in paths.items()
        for method in does
        if method in {"post", "put", "patch", "delete"} and path not in {"/api/demo", "/api/backup"}
    ]


_JSON, _OTHERS = "application/json", ("multipart/form-data; boundary=x", "text/plain", "")
SENT = [(name, _JSON) for name in GARBAGE] + [
    (name, kind) for name in ("nothing", "a list", "binary") for kind in _OTHERS
]  # fmt: skip
"""Every body as JSON; as something else, where nobody reads it as JSON, three are as good as all."""


@pytest.mark.parametrize(("name", "content_type"), SENT)
def test_garbage_breaks_nothing(
    shaken: Brand, writes: list[tuple[str, str]], name: str, content_type: str
) -> None:  # fmt: skip
    client, body = shaken.machine(), GARBAGE[name]

    for method, path in writes:
        answer = client.request(method, path, content=body, headers={"Content-Type": content_type})

        assert answer.status_code < 500, f"{method} {path}: {answer.text}"
        if answer.status_code >= 400:
            assert set(answer.json()) == {"code", "message", "facts"}, f"{method} {path}: {answer.text}"


@pytest.mark.parametrize("body", GARBAGE.values(), ids=GARBAGE.keys())
@pytest.mark.parametrize("encoding", ["", "gzip", "br"])
def test_garbage_at_the_tracking_doors_breaks_nothing(shaken: Brand, body: bytes, encoding: str) -> None:
    client = shaken.client()
    headers = {"Content-Type": "application/json"} | ({"Content-Encoding": encoding} if encoding else {})

    for door in ("track", "identify", "page", "screen", "group", "alias", "batch", "import"):
        answer = client.post(f"/v1/{door}", content=body, headers=headers, auth=("nobody", ""))

        assert 400 <= answer.status_code < 500, f"{door}: {answer.text}"


def test_addresses_that_no_browser_sends_break_nothing(shaken: Brand) -> None:
    client = shaken.machine()

    for path in ("/api/groups/%00", "/api/persons/%ff", "/api/imports/%2e%2e", "/login/%00", "/api/backup/%00", "/%ff%fe",
                 "/api/messages/%00/mark", "/api/groups?q=%ff", "/api/groups?after=%00", "/" + "a" * 5000):  # fmt: skip
        assert client.get(path).status_code < 500, path
