"""Purchase models: they find what people were made with, and what they say of a person is what their papers say."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.special import hyp2f1

from tests.insight.purchases import PUBLISHED, PUBLISHED_MONEY, PUBLISHED_PARETO, rows_of, simulated, told
from tiefen.insight.models.purchases import bg_nbd, gamma_gamma, pareto_nbd
from tiefen.insight.models.purchases.bg_nbd import BgNbd
from tiefen.insight.models.purchases.fitting import Fit, Objective
from tiefen.insight.models.purchases.integrals import beta_points, waned
from tiefen.insight.models.purchases.lattice import Lattice
from tiefen.insight.models.purchases.models import ORDER_MODELS, Kind, OrderModel
from tiefen.insight.models.purchases.pareto_nbd import ParetoNbd
from tiefen.insight.models.purchases.records import Levels, Records, Rows, alike, apart
from tiefen.insight.models.purchases.rhythm import Regularity, own_silence
from tiefen.insight.models.purchases.sketch import MANY, sketch
from tiefen.insight.models.purchases.stopping import stopping

PEOPLE = st.lists(
    st.tuples(st.integers(0, 12), st.floats(0.1, 40), st.floats(0.0, 40)).map(
        lambda some: (float(some[0]), some[1] if some[0] else 0.0, some[1] + some[2])
    ),
    min_size=1,
    max_size=12,
)
POSITIVE = st.floats(0.05, 20)
MODELS: tuple[OrderModel, ...] = (PUBLISHED, PUBLISHED_PARETO)
LIKELIHOODS = {"bg_nbd": bg_nbd.likelihood, "pareto_nbd": pareto_nbd.likelihood}


def is_gradient(objective: Objective, at: np.ndarray) -> None:
    """The slope is that of the height, to what differences can tell."""
    height, slope = objective(at)
    step = 1e-5
    for place in range(len(at)):
        aside = np.zeros(len(at))
        aside[place] = step
        by_difference = (objective(at + aside)[0] - objective(at - aside)[0]) / (2 * step)
        assert slope[place] == pytest.approx(by_difference, rel=1e-4, abs=1e-6 * (1 + abs(height)))


@pytest.mark.parametrize("name", LIKELIHOODS)
@settings(max_examples=30, deadline=None)
@given(people=PEOPLE, values=st.tuples(POSITIVE, POSITIVE, POSITIVE, POSITIVE))
def test_the_gradient_is_that_of_the_likelihood(
    name: str, people: list[tuple[float, float, float]], values: tuple[float, ...]
) -> None:
    is_gradient(LIKELIHOODS[name](rows_of(*people)), np.log(values))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 100_000)), min_size=1, max_size=12),
    st.tuples(POSITIVE, POSITIVE, st.floats(1, 1e4)),
)
def test_the_gradient_of_gamma_gamma_too(paid: list[tuple[int, int]], values: tuple[float, ...]) -> None:
    known = told(*((float(times), 1.0, 2.0) for times, _ in paid), spent=tuple(float(fen) for _, fen in paid))

    is_gradient(gamma_gamma.likelihood(gamma_gamma.spending(known)), np.log(values))


@pytest.mark.parametrize("name", LIKELIHOODS)
@settings(max_examples=25, deadline=None)
@given(people=PEOPLE, again=st.integers(1, 4), values=st.tuples(POSITIVE, POSITIVE, POSITIVE, POSITIVE))
def test_putting_people_together_changes_nothing(
    name: str, people: list[tuple[float, float, float]], again: int, values: tuple[float, ...]
) -> None:
    known = told(*people * again)
    together = LIKELIHOODS[name](alike(known))(np.log(values))
    each = LIKELIHOODS[name](apart(known.frequency, known.recency, known.age))(np.log(values))

    assert together[0] == pytest.approx(each[0], rel=1e-9)
    assert together[1] == pytest.approx(each[1], rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("kind", ORDER_MODELS, ids=lambda kind: kind.name)
def test_fitting_people_together_or_apart_is_the_same(kind: object) -> None:
    known, _, _ = simulated(PUBLISHED, 3_000, age=(20, 40), horizon=0)
    days = Records(known.person, known.frequency, np.floor(known.recency), np.ceil(known.age), known.spent_fen)
    fit = getattr(kind, "fit_rows")  # noqa: B009

    together, each = fit(alike(days)), fit(apart(days.frequency, days.recency, days.age))

    assert together.model.values() == pytest.approx(each.model.values(), rel=1e-4)
    assert together.log_likelihood == pytest.approx(each.log_likelihood, abs=1e-4)


@pytest.mark.parametrize("kind", ORDER_MODELS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("days", [7.0, 1 / 24, 365.25])
def test_the_unit_of_time_does_not_matter(kind: object, days: float) -> None:
    known, _, _ = simulated(PUBLISHED, 3_000, age=(20, 40), horizon=0)
    fit = getattr(kind, "fit_rows")  # noqa: B009

    ours, scaled = fit(alike(known)), fit(alike(known.scaled(days)))

    times = np.array([name in ("alpha", "beta") for name in ours.names]) & (scaled.name == "pareto_nbd")
    times |= np.array([name == "alpha" for name in ours.names])
    assert scaled.model.values() * np.where(times, days, 1) == pytest.approx(ours.model.values(), rel=1e-4)
    rows, other = alike(known), alike(known.scaled(days))
    assert scaled.model.expected(other, 10 / days).sum() == pytest.approx(
        ours.model.expected(rows, 10.0).sum(), rel=1e-5
    )
    shift = known.frequency.sum() * np.log(days)
    assert scaled.log_likelihood == pytest.approx(ours.log_likelihood + shift, abs=1e-3)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
@given(x=st.integers(1, 60), last=st.floats(0.01, 60), silent=st.floats(0, 60), longer=st.floats(0.01, 60))
def test_the_chance_to_be_alive_falls_with_silence(
    model: OrderModel, x: int, last: float, silent: float, longer: float
) -> None:
    before, after = model.alive(rows_of((x, last, last + silent), (x, last, last + silent + longer)))
    usual, rarer = model.silence(rows_of((x, last, last + silent), (x, last, last + silent + longer)))

    assert 0 <= after < before <= 1
    assert 0 <= rarer < usual <= 1


@pytest.mark.parametrize(
    ("truth", "fit"), [(PUBLISHED, bg_nbd.fit), (PUBLISHED_PARETO, pareto_nbd.fit)], ids=["bg_nbd", "pareto_nbd"]
)
def test_it_finds_what_people_were_made_with(truth: OrderModel, fit: object) -> None:
    known, _, _ = simulated(truth, 6_000, age=(30, 80), horizon=0)  # type: ignore[arg-type]
    assert callable(fit)

    found = fit(known)

    assert found.converged
    bounds = found.interval(0.999)
    for (low, high), value in zip(bounds.values(), truth.values(), strict=True):
        assert low < value < high


def test_an_interval_of_95_in_a_hundred_holds_the_truth_about_as_often() -> None:
    inside = []
    for seed in range(40):
        known, _, _ = simulated(PUBLISHED, 2_000, age=(30, 60), horizon=0, seed=seed)
        bounds = bg_nbd.fit(known).interval()
        inside += [low < value < high for (low, high), value in zip(bounds.values(), PUBLISHED.values(), strict=True)]

    assert np.mean(inside) == pytest.approx(0.95, abs=0.05)


def test_gamma_gamma_finds_what_people_were_made_with() -> None:
    known, _, _ = simulated(PUBLISHED, 30_000, age=(30, 80), horizon=0)

    found = gamma_gamma.fit(known)

    assert found.model is not None
    assert found.model.mean == pytest.approx(PUBLISHED_MONEY.mean, rel=0.02)
    for (low, high), value in zip(found.interval(0.999).values(), PUBLISHED_MONEY.values(), strict=True):
        assert low < value < high


@settings(max_examples=60, deadline=None)
@given(
    x=st.integers(0, 40), last=st.floats(0.1, 40), silent=st.floats(0, 40), horizon=st.floats(0.1, 80),
    r=st.floats(0.05, 3), alpha=st.floats(0.5, 20), a=st.floats(0.1, 3), b=st.floats(0.3, 6),
)  # fmt: skip
def test_bg_nbd_expects_what_its_paper_does(
    x: int, last: float, silent: float, horizon: float, r: float, alpha: float, a: float, b: float
) -> None:
    """Their formula (10), where its series can be trusted."""
    assume(abs(a - 1) > 0.05)
    recency, age = (last, last + silent) if x else (0.0, last + silent)
    series = hyp2f1(r + x, b + x, a + b + x - 1, horizon / (alpha + age + horizon))
    theirs = (a + b + x - 1) / (a - 1) * (1 - ((alpha + age) / (alpha + age + horizon)) ** (r + x) * series)
    if x:
        theirs /= 1 + a / (b + x - 1) * ((alpha + age) / (alpha + recency)) ** (r + x)

    ours = BgNbd(r, alpha, a, b).expected(rows_of((x, recency, age)), horizon)[0]

    assert ours == pytest.approx(theirs, rel=1e-6, abs=1e-8)


@settings(max_examples=60, deadline=None)
@given(
    x=st.integers(0, 25), last=st.floats(0.1, 40), silent=st.floats(0.01, 40),
    r=st.floats(0.05, 3), alpha=st.floats(2, 20), s=st.floats(0.1, 3), beta=st.floats(2, 20),
)  # fmt: skip
def test_pareto_nbd_integrates_what_its_paper_has_as_a_series(
    x: int, last: float, silent: float, r: float, alpha: float, s: float, beta: float
) -> None:
    """The difference of two 2F1 by Fader and Hardie's note, where that difference can be trusted."""
    recency, age = (last, last + silent) if x else (0.0, last + silent)
    larger, power = (alpha, s + 1) if alpha >= beta else (beta, r + x)

    def term(time: float) -> float:
        series = hyp2f1(r + s + x, power, r + s + x + 1, abs(alpha - beta) / (larger + time))
        return float(series / (larger + time) ** (r + s + x))

    theirs = (term(recency) - term(age)) / (r + s + x)
    assume(theirs > 1e-6 * term(recency))

    ours = stopping(np.array([r, alpha, s, beta]), *np.array([[x], [recency], [age]]))

    assert ours.log_area[0] == pytest.approx(np.log(theirs), abs=1e-7)


def test_where_a_parameter_is_one_nothing_jumps() -> None:
    rows = rows_of((0, 0, 10), (3, 8, 10))

    for make in (lambda one: BgNbd(0.4, 5.0, one, 2.0), lambda one: ParetoNbd(0.4, 5.0, one, 9.0)):
        below, at, above = (make(one).expected(rows, 20.0) for one in (1 - 1e-7, 1.0, 1 + 1e-7))
        assert below == pytest.approx(at, rel=1e-6)
        assert above == pytest.approx(at, rel=1e-6)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_somebody_of_ten_thousand_orders_is_no_trouble(model: OrderModel) -> None:
    rows = rows_of((10_000, 38.9, 39), (10_000, 10, 39), (10_000, 39, 39))

    alive, expected, silence = model.alive(rows), model.expected(rows, 39.0), model.silence(rows)

    assert np.all(np.isfinite([alive, expected, silence]))
    assert alive[1] < 1e-100
    assert 3_000 < expected[2] < 10_000


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_chances_add_up_to_one_and_to_what_is_expected(model: OrderModel) -> None:
    rows = rows_of((0, 0, 38.9), (0, 0, 0), (2, 30.4, 38.9), (2, 3, 38.9), (9, 38, 39))

    chances = np.array(list(islice(model.chances(rows, 39.0), 400)))

    assert chances.min() >= 0
    assert chances.sum(axis=0) == pytest.approx(1, abs=1e-6)
    assert np.arange(400) @ chances == pytest.approx(model.expected(rows, 39.0), rel=1e-4)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_people_made_by_a_model_do_as_it_says(model: OrderModel) -> None:
    known, came, _ = simulated(model, 60_000, age=(20, 60), horizon=30)  # type: ignore[arg-type]
    rows = alike(known, who=True)
    expected, alive = model.expected(rows, 30.0)[rows.of], model.alive(rows)[rows.of]

    for some in (known.frequency == 0, known.frequency == 1, known.frequency > 4, alive < 0.5, alive > 0.9):
        error = 4 * np.sqrt(came[some].var() / some.sum())
        assert came[some].mean() == pytest.approx(expected[some].mean(), abs=error)
    none = next(model.chances(rows, 30.0))[rows.of]
    assert (came == 0).mean() == pytest.approx(none.mean(), abs=0.01)


@settings(max_examples=8, deadline=None)
@given(
    values=st.tuples(st.floats(0.1, 5), st.floats(0.5, 60), st.floats(0.1, 5), st.floats(1, 200)),
    most=st.sampled_from([60, 3_000]),
)
@example(values=(0.5, 1e-4, 9.0, 1e-3), most=60)
def test_adding_up_by_days_or_by_rows_is_the_same(values: tuple[float, ...], most: int) -> None:
    """Also where there are so many orders, or α is so small, that areas differ by more than a number can hold."""
    rows = in_days(300, 90, most)
    at = np.array(values)

    lattice = Lattice(rows, Levels.of(rows.frequency, rows.people))
    height, slope = lattice.said(at)

    stops = stopping(at, rows.frequency, rows.recency, rows.age, 60, 5)
    lived = -(at[0] + rows.frequency) * np.log(at[1] + rows.age) - at[2] * np.log(at[3] + rows.age)
    assert height == pytest.approx(np.logaddexp(lived, np.log(at[2]) + stops.log_area).sum(), rel=1e-7)
    for place, value in enumerate(at):
        aside = np.zeros(4)
        aside[place] = 1e-4 * value
        more, less = lattice.said(at + aside)[0], lattice.said(at - aside)[0]
        assert slope[place] == pytest.approx((more - less) / (2e-4 * value), rel=1e-4, abs=1e-6 * abs(height) / value)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 400), st.integers(0, 400)), min_size=1, max_size=40))
def test_a_sketch_of_rows_is_of_as_many_people_as_many_orders_and_as_much_time(
    some: list[tuple[int, int, int]],
) -> None:
    rows = alike(told(*((float(x), float(last if x else 0), float(last + more)) for x, last, more in some)))
    assume(rows.age.max() > 0)

    few = sketch(rows)

    assert few.people.sum() == pytest.approx(rows.people.sum())
    for ours, theirs in ((few.frequency, rows.frequency), (few.recency, rows.recency), (few.age, rows.age)):
        assert few.people @ ours == pytest.approx(rows.people @ theirs)
    assert (few.recency <= few.age).all()
    assert few.people[few.frequency == 0].sum() == pytest.approx(rows.people[rows.frequency == 0].sum())
    assert not few.recency[few.frequency == 0].any()


def many_in_days(model: BgNbd) -> Rows:
    weeks, _, _ = simulated(model, 60_000, age=(2, 104), horizon=0)
    days = weeks.scaled(1 / 7)
    rows = alike(Records(days.person, days.frequency, np.floor(days.recency), np.ceil(days.age), days.spent_fen))
    assert len(rows) > MANY
    return rows


def fitted_to_all_at_once(kind: Kind, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> Fit[Any]:
    monkeypatch.setattr({"bg_nbd": bg_nbd, "pareto_nbd": pareto_nbd}[kind.name], "MANY", len(rows))
    return kind.fit_rows(rows)


@pytest.mark.parametrize("kind", ORDER_MODELS, ids=lambda kind: kind.name)
def test_a_fit_that_began_with_few_ends_where_one_of_all_does(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = many_in_days(PUBLISHED)

    quick, whole = kind.fit_rows(rows), fitted_to_all_at_once(kind, rows, monkeypatch)

    assert quick.model is not None and whole.model is not None
    assert quick.evaluations < whole.evaluations
    assert quick.log_likelihood == pytest.approx(whole.log_likelihood, abs=1e-5)
    assert quick.model.values() == pytest.approx(whole.model.values(), rel=1e-4)
    assert quick.errors == pytest.approx(whole.errors, rel=2e-3)


@pytest.mark.parametrize("kind", ORDER_MODELS, ids=lambda kind: kind.name)
def test_where_nobody_ever_stops_a_fit_that_began_with_few_says_so_as_well(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = many_in_days(BgNbd(0.243, 4.414, 1e-9, 2.0))

    quick, whole = kind.fit_rows(rows), fitted_to_all_at_once(kind, rows, monkeypatch)

    assert quick.model is None and whole.model is None
    assert {quick.why, whole.why} <= {"at_the_edge", "flat"}


def test_who_ordered_first_and_last_on_the_days_it_began_and_ended_is_no_trouble() -> None:
    some = in_days(300, 280, 9)
    rows = apart(*(np.append(a, b) for a, b in ((some.frequency, 5.0), (some.recency, 280.0), (some.age, 280.0))))

    height, slope = Lattice(rows, Levels.of(rows.frequency, rows.people)).said(np.array([0.5, 70.0, 0.7, 180.0]))

    assert np.all(np.isfinite([height, *slope]))


def in_days(people: int, oldest: int, most: int) -> Rows:
    """People of whom anything may be true, in whole days."""
    dice = np.random.default_rng(2)
    age = dice.integers(1, oldest, people)
    recency = dice.integers(0, age + 1)
    frequency = np.where(recency > 0, dice.integers(1, most, people) ** dice.random(people) // 1, 0)
    return apart(*(column.astype(np.float64) for column in (frequency, recency, age)))


def test_means_under_a_beta_law_are_its_moments() -> None:
    b = np.array([0.7, 3.0, 4_000.0])
    places, weights = beta_points(0.4, b, 12)

    assert weights.sum(axis=1) == pytest.approx(1)
    assert (weights * places).sum(axis=1) == pytest.approx(0.4 / (0.4 + b))
    assert (weights * places**2).sum(axis=1) == pytest.approx(0.4 * 1.4 / ((0.4 + b) * (1.4 + b)))


def test_what_waned_is_smooth_at_zero() -> None:
    logs = np.array([0.0, 0.5, 3.0])

    assert waned(0.0, logs) == pytest.approx(logs)
    assert waned(1e-9, logs) == pytest.approx(logs, rel=1e-6)
    assert waned(1.0, logs) == pytest.approx(1 - np.exp(-logs))


def test_own_waits_of_pure_chance_say_that_a_silence_is_as_usual_as_it_is() -> None:
    """Of people at a steady rate who are still there, one in twenty is silent as rarely as one in twenty."""
    dice = np.random.default_rng(3)
    for shape in (1.0, 3.0):
        waits = dice.gamma(shape, 1, (20_000, 6)) * dice.gamma(1, 1, (20_000, 1))
        last, following = waits[:, :5].sum(axis=1), waits[:, 5]
        rows = apart(np.full(20_000, 5.0), last, last + following)

        usual = own_silence(rows, Regularity(shape, 99))

        for chance in (0.05, 0.5, 0.8):
            assert (usual < chance).mean() == pytest.approx(chance, abs=0.01)


def test_the_more_evenly_people_order_the_sooner_silence_is_strange() -> None:
    rows = rows_of((6, 60, 85))

    assert own_silence(rows, Regularity(4.0, 99))[0] < 0.05 < own_silence(rows, Regularity(1.0, 99))[0]


def test_who_has_no_rhythm_has_no_strange_silence() -> None:
    usual = own_silence(rows_of((0, 0, 90), (1, 10, 90), (2, 20, 90)), Regularity(1.0, 99))

    assert np.isnan(usual).tolist() == [True, True, False]
