"""A corp with 凤姐 and 平儿, whom four contacts know, and its channel."""

from __future__ import annotations

import pytest

from tests.wecom.channel.pretend import PretendCorp
from tiefen.ledger.ledger import Ledger
from tiefen.wecom.channel import Channel

CORP = "honglou"


@pytest.fixture
def corp() -> PretendCorp:
    return PretendCorp(
        {"xifeng": ["wm_daiyu", "wm_baochai", "wm_tanchun"], "pinger": ["wm_xiren"]},
        {"xifeng": ["wr_poetry", "wr_kitchen"], "pinger": []},
    )


@pytest.fixture
def channel(ledger: Ledger, corp: PretendCorp) -> Channel:
    return Channel(ledger, CORP, corp.client(), clock=corp.now_us)
