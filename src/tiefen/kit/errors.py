"""What can go wrong on purpose. Anything else is a bug and should crash loudly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(eq=False)
class TiefenError(Exception):
    """A caller asked for something we cannot do, and here is why.

    A subclass is one situation: its name is the `code`, its fields are the facts, its
    `says` is the English sentence. The console translates by `code` and fills in the facts.
    """

    status: ClassVar[int] = 400
    says: ClassVar[str] = "Something was asked for that cannot be done."

    @property
    def code(self) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()

    @property
    def facts(self) -> dict[str, Any]:
        return dict(vars(self))

    def __str__(self) -> str:
        return self.says.format(**vars(self))
