"""What is asked of a client: a step for every endpoint, against what WeCom's pages say and what is so in the sandbox."""

from __future__ import annotations

from collections.abc import Callable

from tests.peers.wecom.walks import account, customers, groups, selling, sending
from tests.peers.wecom.walks.scene import ApiRefused, NoSuchPage, Scene

STEPS: dict[str, Callable[[Scene], None]] = {
    **account.STEPS, **customers.STEPS, **groups.STEPS, **sending.STEPS, **selling.STEPS,
}  # fmt: skip

__all__ = ["STEPS", "ApiRefused", "NoSuchPage", "Scene"]
