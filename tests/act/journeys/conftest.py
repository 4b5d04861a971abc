import pytest

from tests.act.journeys.scenes import Garden
from tiefen.ledger.ledger import Ledger


@pytest.fixture
def garden(ledger: Ledger) -> Garden:
    return Garden(ledger)
