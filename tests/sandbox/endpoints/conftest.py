from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.endpoints.scenes import Mansion, mansion


@pytest.fixture
def home() -> Iterator[Mansion]:
    with mansion() as home:
        yield home
