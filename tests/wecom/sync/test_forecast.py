"""How long the real one would take."""

from __future__ import annotations

from tiefen.wecom.client import Limits
from tiefen.wecom.sync import forecast


def test_calls_are_counted_by_endpoint() -> None:
    of = {part.endpoint: part.calls for part in forecast(100_000, 2_000, 100, departments=5).parts}

    assert of["externalcontact/batch/get_by_user"] == 1_004
    assert of["externalcontact/groupchat/get"] == 2_000
    assert of["externalcontact/groupchat/list"] == 2
    assert of["externalcontact/get_user_behavior_data"] == 100


def test_a_small_company_waits_for_answers_and_a_large_one_for_its_limits() -> None:
    small = {part.endpoint: part for part in forecast(1_000, 20, 5).parts}
    large = {part.endpoint: part for part in forecast(1_000, 200_000, 5_000, latency=0.01).parts}

    assert small["externalcontact/groupchat/get"].by == "answering"
    assert large["externalcontact/groupchat/get"].by == "hour"
    assert large["externalcontact/groupchat/get"].seconds >= 3_600


def test_slower_answers_and_a_smaller_share_of_the_limits_take_longer() -> None:
    usual = forecast(100_000, 2_000, 100)

    assert forecast(100_000, 2_000, 100, latency=1.0).seconds > usual.seconds
    assert (
        forecast(2_000_000, 200_000, 100, limits=Limits(share=0.1)).seconds > forecast(2_000_000, 200_000, 100).seconds
    )
