"""Whether real chats will fall silent, told to groups that were held out at times that were to come (docs/science.md)."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.real.lives import GITTER, LEAN, SHIPPED, arrivals_of, foretold, learned_from, line_with, notice
from tiefen.insight.models.life.growth import CURVES, grown
from tiefen.insight.models.life.hazard import WARN, WITHIN

both = pytest.mark.parametrize("name", [GITTER, LEAN])


@both
@pytest.mark.parametrize("within", WITHIN)
def test_a_silence_is_told_better_than_by_days_of_silence_and_by_last_months_volume(name: str, within: int) -> None:
    some = foretold(name)

    ours, silent, volume = (some.scores(p, within) for p in (some.chance, some.silent, some.volume))

    assert ours["auc"] > max(silent["auc"], volume["auc"])
    assert ours["brier"] < min(silent["brier"], volume["brier"])
    assert 0.8 <= ours["slope"] <= 1.4
    assert abs(ours["told"] - ours["came"]) < 0.09


@pytest.mark.parametrize(("name", "auc"), [(GITTER, (0.910, 0.906, 0.913)), (LEAN, (0.862, 0.850, 0.856))])
def test_it_is_told_as_well_as_docs_science_says(name: str, auc: tuple[float, ...]) -> None:
    some = foretold(name)

    assert [some.scores(some.chance, days)["auc"] for days in WITHIN] == pytest.approx(list(auc), abs=0.002)


@both
def test_the_lead_is_no_luck_of_which_groups_there_are(name: str) -> None:
    some = foretold(name)

    assert some.ahead(lambda s: s.silent) > 0.02
    assert some.ahead(lambda s: s.volume) > 0


@both
def test_the_warning_comes_days_before_that_of_days_of_silence_and_about_when_that_of_volume_does(name: str) -> None:
    some = foretold(name)

    ours = notice(some, some.chance, WARN)
    silent, volume = (notice(some, p, line_with(some, p, ours["false"])) for p in (some.silent, some.volume))

    assert ours["median_days"] >= silent["median_days"] + 4
    assert abs(ours["median_days"] - volume["median_days"]) <= 2


def test_the_shipped_coefficients_are_what_the_two_chats_say() -> None:
    again, shipped = learned_from(GITTER, LEAN, until_cut=False).numbers(), json.loads(SHIPPED.read_text("utf-8"))

    for name in ("centre", "spread", "coefficients", "information", "months"):
        assert np.allclose(again[name], shipped[name], rtol=1e-4, atol=1e-4)
    assert again["silences"] == shipped["silences"]


@both
def test_nettide_tells_the_last_fifth_of_arrivals_better_than_its_rivals(name: str) -> None:
    found = grown(*arrivals_of(name))

    known = found.curve >= 0
    each = dict(zip(CURVES, np.median(found.errors[known], axis=0).tolist(), strict=True))
    assert known.sum() >= 45
    assert each["nettide"] < each["logistic"] < each["power_law"]
    assert each["nettide"] < 0.06
