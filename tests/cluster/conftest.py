"""One cluster for all, and the worlds that are asked about here and there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.both import Both, both_of
from tests.cluster.spark_cluster import spark_cluster
from tests.real.world import brought
from tests.web.scenes import live
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Nothing here waits for three minutes only because a cluster starts."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Spark Connect server with a cluster behind it (one of your own with TIEFEN_TEST_SPARK)."""
    if url := os.environ.get("TIEFEN_TEST_SPARK"):
        yield url
        return
    with spark_cluster(tmp_path_factory.mktemp("spark")) as own:
        yield own


@pytest.fixture(scope="session")
def brand(cluster: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """A brand that has lived for two months: orders, contacts, costs and groups; part in the lake, part in the tail."""
    data = tmp_path_factory.mktemp("brand") / "data"
    live(data)
    with Ledger.open(Settings(data=data)) as ledger, both_of(ledger.snapshot("main"), ledger.settings, cluster) as both:
        yield both


@pytest.fixture(scope="session")
def chat(cluster: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """The public log of a chat with replies and mentions."""
    with (
        brought(tmp_path_factory.mktemp("chat"), "chat_gitter") as some,
        both_of(some.snapshot, some.ledger.settings, cluster) as both,
    ):
        yield both
