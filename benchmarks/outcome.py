"""Whether intervals hold the truth, daily looking fools nobody, and worth-first sending beats first-come, on people whose true reactions are known."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tiefen.act.gate import History, Touch, admit, weariness
from tiefen.act.proposal import Proposal, Purpose
from tiefen.decide.attention import GUESS, Event, Told, Weariness, learn, leaving, told, wearing
from tiefen.decide.attention.learning import ANSWER_US, fates
from tiefen.decide.experiments import Experiment, arms
from tiefen.decide.policy import Policy, Quota, moment
from tiefen.insight.engine import opened
from tiefen.kit.clock import DAY_US, to_us
from tiefen.kit.settings import Settings
from tiefen.ledger.lake import KIND_OF, WORDS, schema_of
from tiefen.ledger.snapshot import OFFER, Snapshot
from tiefen.outcome.measures import MEASURES
from tiefen.outcome.results import Design, Result, measure
from tiefen.sandbox.population import goods
from tiefen.sandbox.population.people import Heart, Person, draw, heart
from tiefen.sandbox.population.reactions import BURDEN, HALF_LIFE, freshness
from tiefen.sandbox.population.sources import ORIGINS

Numbers = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
BEGAN = to_us(datetime.fromisoformat("2020-01-01T00:00:00+08:00"))
WINDOW = 14
PACE = 20
"""Days from one campaign to the next."""


def run(quick: bool = False) -> dict[str, Any]:
    """Shares of intervals that hold the truth; false alarms of daily looking; value and leavers of two ways to choose."""
    campaigns, people, seeds = (20, 800, 1) if quick else (200, 3_000, 5)
    return (
        _coverage(campaigns, people)
        | _peeking(campaigns, people)
        | _arbitration(300 if quick else 1_500, 30 if quick else 90, seeds)
    )


# ---- campaigns whose effects are known ----


@dataclass(frozen=True)
class World:
    """People as the sandbox draws them, with what messages do to them and how often they buy anyway."""

    people: list[Person]
    hearts: list[Heart]
    rate: Numbers
    """Orders a day without a message; those who buy do so for good, so that all campaigns meet the same people."""
    basket: Numbers
    """What an order comes to on average, in fen."""


def _world(many: int, seed: int) -> World:
    rng = Random(seed)
    people = [draw(n, 0, rng.randrange(len(ORIGINS)), rng) for n in range(1, many + 1)]
    rates = [rng.gammavariate(0.243, 1 / 4.414) / 7 * (0.5 + 0.5 * one.source.quality) for one in people]
    baskets = [goods.expected_basket(one) for one in people]
    return World(people, [heart(seed, one) for one in people], np.array(rates), np.array(baskets))


def _coverage(campaigns: int, many: int) -> dict[str, Any]:
    kinds = ("offer", "event", "value", "care")
    began = time.monotonic()
    results = _campaigns(campaigns, many, 11, kinds, looks=False)
    held: Counter[str] = Counter()
    always: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for result, truth in results:
        for one in result.measures:
            if one.key in truth:
                against = one.against[0]
                assert against.low is not None and against.high is not None
                assert against.always_low is not None and against.always_high is not None
                held[one.key] += against.low <= truth[one.key] <= against.high
                always[one.key] += against.always_low <= truth[one.key] <= against.always_high
                found[one.key] += against.verdict == "better"
    every = sum(held.values()) / (len(held) * campaigns)
    figures: dict[str, Any] = {"coverage: all intervals, share that hold the truth": every}
    for key in held:
        figures[f"coverage: {key}, 95 % interval for one look"] = held[key] / campaigns
        figures[f"coverage: {key}, interval for every look"] = always[key] / campaigns
        figures[f"coverage: {key}, effects told apart from none"] = found[key] / campaigns
    figures["coverage: seconds a campaign"] = (time.monotonic() - began) / campaigns
    return figures


def _peeking(campaigns: int, many: int) -> dict[str, Any]:
    alarms: Counter[str] = Counter()
    naive: Counter[str] = Counter()
    for result, _ in _campaigns(campaigns, many, 12, ("other",), looks=True):
        for one in result.measures:
            if one.key in ("money", "orders", "buyers"):
                looks = one.against[0].looks
                alarms[one.key] += any(_apart(look.always_low, look.always_high) for look in looks)
                naive[one.key] += any(_apart(look.low, look.high) for look in looks)
    figures = {f"no effect, looked at daily: {key}, false alarms": alarms[key] / campaigns for key in naive}
    return figures | {
        f"no effect, looked at daily: {key}, false alarms of 95 % intervals": naive[key] / campaigns for key in naive
    }


def _apart(low: float | None, high: float | None) -> bool:
    return low is not None and high is not None and (low > 0 or high < 0)


def _campaigns(
    campaigns: int, many: int, seed: int, kinds: tuple[str, ...], *, looks: bool
) -> list[tuple[Result, dict[str, float]]]:
    """Campaigns one after the other, as facts, each measured as the console measures it, with the true effect a head."""
    rng, world = np.random.default_rng(seed), _world(many, seed)
    contacts = np.array([n for n, one in enumerate(world.people) if one.contact])
    days = campaigns * PACE + 120
    facts = _Facts()
    orders = rng.poisson(world.rate * days)
    who = np.repeat(np.arange(many), orders)
    facts.order(who, BEGAN + (rng.random(len(who)) * days * DAY_US).astype(np.int64), _paid(world, who, rng))
    designs, truths = [], []
    for number in range(campaigns):
        at = BEGAN + (100 + number * PACE) * DAY_US
        kind = kinds[number % len(kinds)]
        holdout = (0.1, 0.2, 0.3)[number % 3]
        experiment = Experiment(experiment_id=f"{seed}-{number}", holdout=holdout)
        audience = np.sort(rng.choice(contacts, int(len(contacts) * 0.7), replace=False))
        drawn = np.array(arms(experiment, audience + 1))
        facts.drawn(experiment.experiment_id, audience, drawn, at)
        chance = np.array([world.hearts[n].order[kind] for n in audience])
        bought = audience[(drawn == "sent") & (rng.random(len(audience)) < chance)]
        later = at + (np.minimum(2.8 * 86_400, rng.lognormal(9.3, 1.1, len(bought))) * 1e6).astype(np.int64)
        facts.order(bought, later, _paid(world, bought, rng))
        still = np.exp(-world.rate[audience] * WINDOW)
        truths.append(
            {
                "orders": float(chance.mean()), "money": float((chance * world.basket[audience]).mean()),
                "buyers": float((chance * still).mean()),
            }
        )  # fmt: skip
        designs.append(
            Design(
                experiment_id=experiment.experiment_id,
                unit="person",
                shares=experiment.shares,
                window_days=WINDOW,
                began_us=at,
            )
        )
    wanted = [one for one in MEASURES if one.key in ("money", "orders", "buyers")]
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(facts.snapshot(many), Settings(data=Path(folder)), keeping=True) as t,
    ):
        return [
            (measure(t, design, measures=wanted, now_us=design.began_us + WINDOW * DAY_US, looks=looks), truth)
            for design, truth in zip(designs, truths, strict=True)
        ]


def _paid(world: World, who: Ints, rng: np.random.Generator) -> Ints:
    return np.maximum(1, (world.basket[who] * rng.gamma(2.0, 0.5, len(who))).round()).astype(np.int64)


class _Facts:
    """Facts as columns, straight into a snapshot."""

    def __init__(self) -> None:
        self._orders: list[tuple[Ints, Ints, Ints]] = []
        self._drawn: list[tuple[str, Ints, npt.NDArray[np.str_], int]] = []

    def order(self, who: Ints, us: Ints, fen: Ints) -> None:
        self._orders.append((who + 1, us, fen))

    def drawn(self, experiment: str, who: Ints, arm: npt.NDArray[np.str_], at_us: int) -> None:
        self._drawn.append((experiment, who + 1, arm, at_us))

    def snapshot(self, people: int) -> Snapshot:
        who, us, fen = (np.concatenate([one[at] for one in self._orders]) for at in range(3))
        person = np.concatenate([one[1] for one in self._drawn])
        tail = {name: schema_of(name).empty_table() for name in (*KIND_OF, WORDS)}
        tail["order_paid"] = _table(
            "order_paid", us, person=who, amount_fen=fen, order=[f"o{n}" for n in range(len(who))]
        )
        tail["arm_assigned"] = _table(
            "arm_assigned", np.concatenate([np.full(len(one[1]), one[3]) for one in self._drawn]), person=person,
            experiment=[one[0] for one in self._drawn for _ in one[1]], arm=[arm for one in self._drawn for arm in one[2].tolist()],
        )  # fmt: skip
        rows = {
            "stay": _small(stay_id=int, group=int, member=int, joined_at="t", left_at="t", join_known=bool, left_known=bool, via=str, how=str, invited_by=int),
            "merge": _small(handle=int, person=int), "group": _small(group=int, created_at="t", dismissed_at="t"),
            "source": _small(source=int, name=str), "advert_mark": _small(message=str, advert=bool, talk=str),
            "person": pa.table({"person": np.arange(1, people + 1), "staff": np.zeros(people, bool)}),
            "offer": OFFER.empty_table(),
        }  # fmt: skip
        last = int(us.max())
        return Snapshot(
            "bench", len(who) + len(person), last + 1, "Asia/Shanghai", "CNY", int(us.min()), last, {}, tail, rows, last
        )


def _table(name: str, us: Ints, **columns: Any) -> pa.Table:
    n = len(us)
    given = {
        **columns, "seq": np.arange(n), "corp_id": pa.array(["bench"] * n), "source_id": pa.array([str(i) for i in range(n)]),
        "happened_at": pa.array(us).cast(pa.timestamp("us", "UTC")), "origin": pa.array(["bench"] * n),
        "month": pa.array([""] * n),
    }  # fmt: skip
    return pa.Table.from_arrays(
        [
            _column(given[field.name], field.type) if field.name in given else pa.nulls(n, field.type)
            for field in schema_of(name)
        ],
        schema=schema_of(name),
    )


def _column(values: Any, kind: pa.DataType) -> pa.Array:
    return values.cast(kind) if isinstance(values, pa.Array) else pa.array(values, kind)


def _small(**columns: Any) -> pa.Table:
    types = {int: pa.int64(), str: pa.string(), bool: pa.bool_(), "t": pa.timestamp("us", "UTC")}
    return pa.schema([(name, types[kind]) for name, kind in columns.items()]).empty_table()


# ---- which message goes ----

PURPOSES: dict[str, Purpose] = {"offer": "sell", "event": "give", "value": "give", "question": "care", "care": "care"}
PLANNED = ("offer", "offer", "offer", "event", "value", "question", "care")
"""Of these four want to be sent on a day."""
CAPACITY = 0.06
"""Messages a day that staff have time for, a contact: one in two weeks and a half."""
WRONG = 0.5
"""How wrong guesses of worth are (σ of the logarithm): by a factor of 1.4 up or down as often as not."""


@dataclass
class _Lived:
    """What became of ninety days."""

    value_fen: float = 0.0
    sends: int = 0
    left: int = 0
    muted: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    wears: Weariness = GUESS


def _arbitration(many: int, days: int, seeds: int) -> dict[str, Any]:
    """As many messages a day as staff have time for, filled by worth within learned budgets, or by whoever comes first: in the order
    of the plans, or, which is harder to beat, with everything that sells first."""
    figures: dict[str, Any] = {}
    for rival, selling in (("first come", False), ("first come, selling first", True)):
        gains, leavers, sends = [], [], []
        for seed in range(seeds):
            worth = _live(many, days, seed, by_worth=True, selling=selling)
            first = _live(many, days, seed, by_worth=False, selling=selling)
            gains.append(worth.value_fen / first.value_fen - 1)
            leavers.append((worth.left + worth.muted) / max(1, first.left + first.muted) - 1)
            sends.append(worth.sends / first.sends - 1)
            for name, lived in (("worth first, budget learned", worth), (rival, first)):
                figures[f"against {rival}, seed {seed}: {name}"] = (
                    f"value ¥{lived.value_fen / 100:,.0f}, {lived.sends:,} messages, {lived.left} left, {lived.muted} muted"
                )
        figures[f"against {rival}: true value more, mean of seeds"] = float(np.mean(gains))
        figures[f"against {rival}: true value more, least of seeds"] = float(np.min(gains))
        figures[f"against {rival}: messages more, mean of seeds"] = float(np.mean(sends))
        figures[f"against {rival}: who left or muted more, mean of seeds"] = float(np.mean(leavers))
        figures[f"against {rival}: who left or muted more, most of seeds"] = float(np.max(leavers))
    return figures | _frontier(many, days, min(seeds, 3))


def _frontier(many: int, days: int, seeds: int) -> dict[str, Any]:
    """What the rule for weariness (`Policy.weary_loss`) trades between value and people, against first come in the order of the plans."""
    first = [_live(many, days, seed, by_worth=False, selling=False) for seed in range(seeds)]
    figures: dict[str, Any] = {}
    for loss in (0.0, 0.25, 0.5, 0.75, 1.0):
        lived = [_live(many, days, seed, by_worth=True, selling=False, loss=loss) for seed in range(seeds)]
        value = np.mean([ours.value_fen / theirs.value_fen - 1 for ours, theirs in zip(lived, first, strict=True)])
        lost = np.mean([(a.left + a.muted) / max(1, b.left + b.muted) - 1 for a, b in zip(lived, first, strict=True)])
        sold = sum(one.kinds["offer"] for one in lived) / sum(one.sends for one in lived)
        even = all(a.sends == b.sends for a, b in zip(lived, first, strict=True))
        figures[f"weary_loss {loss}: against first come"] = (
            f"true value {value:+.0%}, left or muted {lost:+.0%}, {sold:.0%} offers, "
            + ("as many messages" if even else "NOT as many messages")
        )
    return figures


def _live(
    many: int, days: int, seed: int, *, by_worth: bool, selling: bool, loss: float = Policy().weary_loss
) -> _Lived:
    """So many days of sending through the gate. Plans, chances and what people do are the same for both ways to choose."""
    world = _world(many, 100 + seed)
    contacts = [n for n, one in enumerate(world.people) if one.contact]
    policy = Policy(person=Quota(day=1), quiet_from="00:00", quiet_until="00:00", rest="never", weary_loss=loss)
    plans = _plans(contacts, days, seed, selling=selling)
    guess = _guesses(world, seed)
    ahead = _planned(plans, many)
    value = _values(guess)
    load, load_at = np.zeros(many), np.full(many, -1e9)
    muted, quit_ = np.zeros(many, bool), np.zeros(many, bool)
    events: list[list[Event]] = [[] for _ in range(many)]
    start = History(senders=("s",), budget=policy.budget if by_worth else policy.budget_most)
    known = [replace(start, value_fen=int(value[n]) if by_worth else 0) for n in range(many)]
    lived = _Lived()
    for day in range(days):
        now = BEGAN + day * DAY_US + 10 * DAY_US // 24
        if by_worth and day and day % 7 == 0:
            lived.wears = _learn(events, contacts, policy, now, known, value)
        at = moment(policy, now, "Asia/Shanghai")
        room = round(CAPACITY * len(contacts))
        sent_today: set[int] = set()
        offers = [
            (
                weariness(PURPOSES[kind], known[n], policy, now) - guess[kind][n] if by_worth else 0.0,
                place if by_worth else 0, n if by_worth else 0, n, kind, place,
            )
            for place, (kind, audience) in enumerate(plans[day])
            for n in audience
        ]  # fmt: skip
        if by_worth:
            offers.sort()
        for cost, _, _, n, kind, place in offers:
            if room <= 0:
                break
            if quit_[n] or n in sent_today:
                continue
            proposal = Proposal(
                proposal_id=f"{day}:{place}:{n}", campaign_id=f"{day}:{place}", person=n, channel="contact",
                purpose=PURPOSES[kind], content_id=f"{day}:{place}", worth_fen=max(1, int(guess[kind][n])) if by_worth else 0,
                due_us=now, expires_us=now + DAY_US,
            )  # fmt: skip
            promised = 0.0
            if by_worth:
                net = {
                    kind: float(guess[kind][n]) - weariness(what, known[n], policy, now)
                    for kind, what in PURPOSES.items()
                }
                promised = _promised(ahead, net, known[n].wears, n, day, -cost)
            answer = admit(proposal, known[n], policy, at, promised=promised)
            if not isinstance(answer, Touch):
                continue
            room -= 1
            sent_today.add(n)
            lately = replace(known[n], spent=tuple(one for one in known[n].spent if one[0] > now - 28 * DAY_US))
            known[n] = replace(lately.after(answer, now), day=0, week=0, month=0, told={})
            events[n].append(Event(now, told(PURPOSES[kind])))
            lived.sends += 1
            lived.kinds[kind] += 1
            _react(world, n, kind, day, seed, load, load_at, muted, quit_, events, lived, now)
    lived.muted, lived.left = int((muted & ~quit_).sum()), int(quit_.sum())
    return lived


def _plans(contacts: list[int], days: int, seed: int, *, selling: bool) -> list[list[tuple[str, list[int]]]]:
    """Four campaigns a day, each for four in ten people, in whatever order these come."""
    rng = Random(f"plans:{seed}")

    def audience() -> list[int]:
        some = [n for n in contacts if rng.random() < 0.4]
        rng.shuffle(some)
        return some

    found = []
    for _ in range(days):
        chosen = rng.sample(range(len(PLANNED)), 4)
        found.append([(PLANNED[at], audience()) for at in (sorted(chosen) if selling else chosen)])
    return found


def _guesses(world: World, seed: int) -> dict[str, Numbers]:
    """What a message is thought to be worth to somebody: what it truly is, but for an error."""
    rng = np.random.default_rng(seed)
    return {
        kind: np.array([one.order[kind] for one in world.hearts])
        * world.basket
        * rng.lognormal(0, WRONG, len(world.people))
        for kind in PURPOSES
    }


def _planned(plans: list[list[tuple[str, list[int]]]], many: int) -> dict[str, npt.NDArray[np.bool_]]:
    """By kind (day, person): whether anything of it is planned for somebody on a day."""
    found = {kind: np.zeros((len(plans) + 7, many), bool) for kind in PURPOSES}
    for day, planned in enumerate(plans):
        for kind, audience in planned:
            found[kind][day, audience] = True
    return found


def _promised(
    ahead: dict[str, npt.NDArray[np.bool_]], net: dict[str, float], wears: Weariness, n: int, day: int, mine: float
) -> float:
    """What the best message of each of the next seven days costs, where it is worth more than this one."""
    best, costs = np.full(7, max(mine, 0.0)), np.zeros(7)
    for kind, worth in net.items():
        better = ahead[kind][day + 1 : day + 8, n] & (worth > best)
        best[better], costs[better] = worth, wears.cost(PURPOSES[kind])
    return float(costs.sum())


def _react(
    world: World, n: int, kind: str, day: int, seed: int, load: Numbers, load_at: Numbers, muted: npt.NDArray[np.bool_],
    quit_: npt.NDArray[np.bool_], events: list[list[Event]], lived: _Lived, now: int,
) -> None:  # fmt: skip
    """What the sandbox's people do about a message, with the same chances as theirs (`sandbox.population.reactions`)."""
    rng, feels = Random(f"{seed}:{day}:{n}"), world.hearts[n]
    reach = 0.08 if muted[n] else 1.0
    load[n] = load[n] * 0.5 ** ((day - load_at[n]) * 86_400 / HALF_LIFE) + reach * BURDEN[kind]
    load_at[n] = day
    if load[n] > feels.bears and rng.random() < min(0.6, feels.temper * (load[n] / feels.bears)):
        if muted[n]:
            quit_[n] = True
            events[n].append(Event(now + 3_600_000_000, "deleted"))
        else:
            muted[n] = True  # which no platform tells
    chance = feels.order[kind] * reach * freshness(float(load[n]), feels.bears)
    lived.value_fen += chance * float(world.basket[n])
    if rng.random() < chance:
        events[n].append(Event(now + 7_200_000_000, "bought"))
    elif rng.random() < 3 * chance:
        events[n].append(Event(now + 1_800_000_000, "clicked"))
    if rng.random() < feels.answer[kind] * reach:
        events[n].append(Event(now + 900_000_000, "replied"))


def _learn(
    events: list[list[Event]], contacts: list[int], policy: Policy, now: int, known: list[History], value: Numbers
) -> Weariness:
    """Costs and budgets learned anew, from everything that was seen; who is muted is not seen."""
    before: list[tuple[int, bool]] = []
    streams: list[list[Told]] = []
    untold = 0.0
    for n in contacts:
        theirs = sorted(event for event in events[n] if event.at_us > now - 90 * DAY_US)
        in_a_row, stream = 0, []
        for message, fate in fates(theirs, now):
            before.append((in_a_row, fate == "left"))
            in_a_row = in_a_row + 1 if fate == "ignored" else 0
            stream.append(Told(message.at_us, message.purpose or "", fate))
        streams.append(stream)
        untold += max(0.0, (now - BEGAN) / ANSWER_US - len(stream))
    rates = leaving(before, 0, untold)
    wears = wearing(streams, anyway=rates.anyway or 0.0)
    for n in contacts:
        found = learn(events[n], policy, now, rates=rates, value_fen=int(value[n]), wears=wears)
        known[n] = replace(known[n], budget=found.budget, weariness_fen=found.weariness_fen, wears=wears)
    return wears


def _values(guess: dict[str, Numbers]) -> Numbers:
    """What somebody is thought to bring in a year: as many messages as staff have time for, of what is planned."""
    return np.asarray(365 * CAPACITY * np.mean([guess[kind] for kind in PLANNED], axis=0), np.float64)
