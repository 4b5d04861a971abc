"""A store from before there was a channel."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from tests.wecom.channel.conftest import CORP
from tests.wecom.channel.pretend import PretendCorp
from tests.wecom.channel.test_broadcasts import HELLO, to
from tiefen.kit.settings import Settings
from tiefen.ledger import store as stores
from tiefen.ledger.ledger import Ledger
from tiefen.wecom.channel import Channel

pytestmark = [pytest.mark.stores, pytest.mark.bare]


def test_a_store_of_the_first_version_is_brought_up_to_date(settings: Settings, corp: PretendCorp) -> None:
    settings.data.mkdir(parents=True)
    engine = sa.create_engine(settings.store_url)
    config = Config()
    config.set_main_option("script_location", str(stores._MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    assert not sa.inspect(engine).has_table("channel_tasks")
    engine.dispose()

    with Ledger.open(settings) as ledger:
        ledger.ensure_corp(CORP, name="红楼")
        task = Channel(ledger, CORP, corp.client(), clock=corp.now_us).broadcast(to("wm_daiyu"), HELLO)

        assert ledger.facts(CORP, "touch.moved") == 1
        assert task
