"""The models of who comes back. A new one is a file and a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, Self

from tiefen.insight.models.purchases import bg_nbd, pareto_nbd
from tiefen.insight.models.purchases.fitting import Fit
from tiefen.insight.models.purchases.records import Floats, Rows


class OrderModel(Protocol):
    """What a model says of people with such records, once its parameters are known."""

    def values(self) -> Floats: ...

    @classmethod
    def of(cls, values: Floats) -> Self: ...

    def alive(self, rows: Rows) -> Floats: ...
    def expected(self, rows: Rows, horizon: float) -> Floats: ...
    def expected_of_new(self, times: Floats) -> Floats: ...
    def chances(self, rows: Rows, horizon: float) -> Iterator[Floats]: ...
    def silence(self, rows: Rows) -> Floats: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """A model, its name in two languages, and where it comes from."""

    name: str
    zh: str
    en: str
    source: str
    fit_rows: Callable[[Rows], Fit[Any]]


ORDER_MODELS = (
    Kind("bg_nbd", "BG/NBD 复购模型", "BG/NBD", "Fader, Hardie and Lee 2005", bg_nbd.fit_rows),
    Kind(
        "pareto_nbd", "Pareto/NBD 复购模型", "Pareto/NBD", "Schmittlein, Morrison and Colombo 1987", pareto_nbd.fit_rows
    ),
)

BY_NAME = {kind.name: kind for kind in ORDER_MODELS}
