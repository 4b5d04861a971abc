"""What may go wrong on purpose. Probabilities are decided by the seed and the number of the call."""

from __future__ import annotations

from typing import Any, Generic, TypeVar, overload

from tiefen.sandbox.state import Store

T = TypeVar("T", float, bool)


class _Kept(Generic[T]):
    """An attribute that is written down as soon as it is set."""

    def __init__(self, default: T) -> None:
        self.default: T = default

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, faults: None, owner: type) -> _Kept[T]: ...
    @overload
    def __get__(self, faults: Faults, owner: type) -> T: ...
    def __get__(self, faults: Faults | None, owner: type) -> T | _Kept[T]:
        if faults is None:
            return self
        value: T = faults.values.get(self.name, self.default)
        return value

    def __set__(self, faults: Faults, value: T) -> None:
        faults.keep({**faults.values, self.name: value})


class Faults:
    """Switches. `at` sets some of the first five for one endpoint alone."""

    slow = _Kept(0.0)
    """Seconds every answer takes longer."""
    http_5xx = _Kept(0.0)
    dropped = _Kept(0.0)
    """The connection ends without an answer, half of the time after the call was carried out."""
    busy = _Kept(0.0)
    """-1."""
    storm = _Kept(0.0)
    """45009 although nobody called too often."""
    token_rotates = _Kept(False)
    """Every `gettoken` makes a new token and ends the one before."""
    callback_lost = _Kept(0.0)
    callback_doubled = _Kept(0.0)
    callback_reordered = _Kept(0.0)
    retry_on_status = _Kept(True)
    """Whether a callback answered with another status than 200 is tried again: the documentation contradicts itself."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.values: dict[str, Any] = store.setting("faults", {})
        self._here: dict[str, dict[str, float]] = store.setting("faults_at", {})

    def at(self, endpoint: str, **values: float) -> None:
        """Other values for one endpoint (`externalcontact/get`); none at all takes them back."""
        unknown = set(values) - {"slow", "http_5xx", "dropped", "busy", "storm"}
        if unknown:
            raise ValueError(f"no such faults of an endpoint: {', '.join(sorted(unknown))}")
        here = {name: of for name, of in self._here.items() if name != endpoint}
        self._here = {**here, endpoint: dict(values)} if values else here
        self._write("faults_at", self._here)

    def of(self, name: str, endpoint: str) -> float:
        """The value of one of the first five for an endpoint."""
        return float(self._here.get(endpoint, {}).get(name, self.values.get(name, 0.0)))

    @property
    def by_endpoint(self) -> dict[str, dict[str, float]]:
        return {endpoint: dict(values) for endpoint, values in self._here.items()}

    def clear(self) -> None:
        """All is well again."""
        self.keep({})
        self._here = {}
        self._write("faults_at", {})

    def keep(self, values: dict[str, Any]) -> None:
        self.values = values
        self._write("faults", values)

    def _write(self, key: str, values: Any) -> None:
        with self._store.unit():
            self._store.set(key, values)
