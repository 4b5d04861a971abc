"""An app that WeCom calls."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.wecom.callbacks.scenes import Called, called
from tiefen.ledger.ledger import Ledger


@pytest.fixture
def app(ledger: Ledger) -> Iterator[Called]:
    with called(ledger) as running:
        yield running
