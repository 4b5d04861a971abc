"""Small matrices on one core: threads of BLAS that wake up for them cost ten times what they save."""

from __future__ import annotations

from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController


def one_core() -> Any:
    """A context in which BLAS has one thread, in the whole process; it leaves the number as it found it."""
    return _blas().limit(limits=1, user_api="blas")


@cache
def _blas() -> ThreadpoolController:
    """Looks for the libraries once; that takes longer than a fit."""
    return ThreadpoolController()
