"""Launches: waves in order, each a broadcast, and what each is planned to bring."""

from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa

from tests.act.broadcasts.scenes import NOW, Shop, deliver, id_of
from tests.conftest import CORP
from tiefen.act.broadcasts import keeping, launches
from tiefen.act.broadcasts.brought import brought
from tiefen.act.broadcasts.errors import BadPlan, CampaignChanged, CampaignNotFound, NotInThisState
from tiefen.act.broadcasts.launches import Launch
from tiefen.act.broadcasts.plan import ToGroups, ToPersons, Whom
from tiefen.act.copy_checks import Copy, look_at
from tiefen.kit.clock import DAY_US, to_us
from tiefen.ledger.batch import Batch
from tiefen.ledger.facts import OrderPaid
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema.touches import campaigns

pytestmark = pytest.mark.stores
OPENS = to_us(datetime.fromisoformat("2026-12-01T20:00:00+08:00"))
HOUR = DAY_US // 24


@pytest.fixture
def shop(ledger: Ledger) -> Shop:
    return Shop(ledger)


def made(shop: Shop, whom: Whom | None = None, **more: object) -> Launch:
    """A launch that holds nobody out: of one person chance would hold out one in twenty."""
    with shop.ledger.write() as connection:
        launch = launches.create(
            connection, CORP, "明前茶", "明前{龙井}", OPENS, whom or ToPersons(everyone=True), "Asia/Shanghai", NOW,
            **more,  # type: ignore[arg-type]
        )  # fmt: skip
        for wave in launch.waves:
            same = campaigns.c.campaign_id == wave.campaign_id
            body = wave.raw.replace('"holdout":0.05', '"holdout":0.0')
            connection.execute(sa.update(campaigns).where(same).values(body=body))
        return launches.get(connection, CORP, launch.campaign_id)


def test_a_launch_begins_with_five_drafts_at_their_usual_times(shop: Shop) -> None:
    launch = made(shop, planned_orders=100, price_fen=9_900)

    assert [wave.plan.wave for wave in launch.waves] == ["announce", "questions", "scroll_back", "results", "free_talk"]
    assert [round((wave.plan.when.at_us or 0) - OPENS) // HOUR for wave in launch.waves] == [-58, -24, -8, 0, 24]
    assert [wave.plan.goal.planned_orders for wave in launch.waves] == [0, 0, 20, 70, 10]
    assert launch.waves[3].plan.goal.planned_fen == 70 * 9_900
    assert launch.state == "draft"


@pytest.mark.parametrize("whom", [ToPersons(everyone=True), ToGroups(everyone=True)])
def test_the_words_to_begin_with_can_go_out_as_they_are(shop: Shop, whom: Whom) -> None:
    for wave in made(shop, whom).waves:
        message = wave.plan.variants[0].message
        found = look_at(Copy(message=message, channel=wave.plan.channel, purpose=wave.purpose))
        assert [one.check.key for one in found if one.finding.severity != "hint"] == []
        assert "{{ name_of_goods" not in message.text


def test_approved_waves_wait_each_for_its_own_time(shop: Shop) -> None:
    shop.people("黛玉")
    launch = made(shop)
    with shop.ledger.write() as connection:
        launches.approve(connection, CORP, launch.campaign_id, "xifeng", NOW)

    shop.turn(OPENS - 24 * HOUR)

    with shop.ledger.read() as connection:
        states = [wave.state for wave in launches.get(connection, CORP, launch.campaign_id).waves]
        now = launches.get(connection, CORP, launch.campaign_id).state
    assert states == ["sending", "sending", "scheduled", "scheduled", "scheduled"]
    assert now == "running"


def test_whoever_has_ordered_is_left_in_peace_by_the_late_waves(shop: Shop) -> None:
    _, wukong = shop.people("黛玉", "悟空")
    launch = made(shop)
    results = launch.waves[3]
    bought = OrderPaid(happened_us=OPENS - HOUR, source_id="o", person=id_of("黛玉"), order="o", amount_fen=9_900)
    shop.ledger.append(Batch(CORP, "shop", [bought]))

    shop.approve(results)
    shop.turn(OPENS)

    progress = shop.get(results).body.progress
    assert progress is not None and progress.audience == 1
    assert {row.person for row in shop.rows(results)} <= {wukong}


def test_an_order_belongs_to_the_wave_said_last_before_it(shop: Shop) -> None:
    shop.people("黛玉")
    launch = made(shop)
    with shop.ledger.write() as connection:
        launches.approve(connection, CORP, launch.campaign_id, "xifeng", NOW)
    for wave in launch.waves[:4]:
        at = wave.plan.when.at_us or 0
        shop.turn(at)
        deliver(shop, wave, at)
    bought = OrderPaid(happened_us=OPENS - HOUR, source_id="o", person=id_of("黛玉"), order="o", amount_fen=9_900)
    shop.ledger.append(Batch(CORP, "shop", [bought]))

    acts = brought(shop.ledger, shop.ledger.settings, CORP, launch.waves)

    assert [act.campaign_id for act in acts] == [launch.waves[2].campaign_id]


def test_a_cancelled_launch_lets_go_of_all_its_waves(shop: Shop) -> None:
    shop.people("黛玉")
    launch = made(shop)
    with shop.ledger.write() as connection:
        launches.approve(connection, CORP, launch.campaign_id, "xifeng", NOW)
    shop.turn(OPENS - 58 * HOUR)

    with shop.ledger.together() as together:
        cancelled, tasks = launches.cancel(together, CORP, launch.campaign_id, NOW)

    assert (cancelled.state, tasks) == ("cancelled", [])
    assert {row.state for wave in launch.waves for row in shop.rows(wave)} <= {"refused"}
    with pytest.raises(NotInThisState), shop.ledger.together() as together:
        launches.cancel(together, CORP, launch.campaign_id, NOW)


def test_a_wave_whose_time_is_over_holds_up_the_approval(shop: Shop) -> None:
    launch = made(shop)

    with pytest.raises(BadPlan) as no, shop.ledger.write() as connection:
        launches.approve(connection, CORP, launch.campaign_id, "xifeng", OPENS)

    assert no.value.field == "when"
    with shop.ledger.read() as connection:
        assert {wave.state for wave in launches.get(connection, CORP, launch.campaign_id).waves} == {"draft"}


def test_names_are_changed_by_version_and_what_there_is_not_is_said(shop: Shop) -> None:
    launch = made(shop, keys=("announce", "results"))
    with shop.ledger.write() as connection:
        launches.rename(connection, CORP, launch.campaign_id, 1, "雨前茶", NOW)

    with pytest.raises(CampaignChanged), shop.ledger.write() as connection:
        launches.rename(connection, CORP, launch.campaign_id, 1, "谷雨茶", NOW)
    with pytest.raises(CampaignNotFound), shop.ledger.read() as connection:
        launches.get(connection, CORP, "nothing")
    with pytest.raises(BadPlan), shop.ledger.write() as connection:
        launches.create(connection, CORP, "x", "x", OPENS, ToPersons(), "Asia/Shanghai", NOW, keys=("encore",))
    with shop.ledger.read() as connection:
        assert [one.name for one in launches.every(connection, CORP)] == ["雨前茶"]
        assert len(keeping.every(connection, CORP, launch=launch.campaign_id)) == 2
