"""Waiting out transient failures. A data failure is not retried: it becomes a dead letter where it shows."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bus.errors import TransientError

__all__ = ["RetryPolicy", "Sleep", "retrying"]

T = TypeVar("T")
Sleep = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Backoff that doubles up to a ceiling; seconds."""

    first_s: float = 0.05
    ceiling_s: float = 5.0

    def delay_s(self, attempt: int, jitter: float) -> float:
        """Delay after the attempt number ``attempt`` (from 1); jitter in [0, 1) spreads it over 50-100 %.

        >>> RetryPolicy().delay_s(3, 0.0), RetryPolicy().delay_s(50, 0.0)
        (0.1, 2.5)
        """
        full: float = min(self.ceiling_s, self.first_s * 2.0 ** min(attempt - 1, 32))
        return full * (0.5 + jitter / 2)


_POLICY = RetryPolicy()


def retrying(work: Callable[[], T], sleep: Sleep | None = None) -> T:
    """Do work until no transient failure stops it, waiting longer after each.

    Args:
        work: all or nothing, so that it can be done again.
        sleep: how to wait, seconds; what it raises ends the waiting.

    Invariant: a transient error never becomes a dead letter; every other error is the caller's.
    """
    attempt = 1
    while True:
        try:
            return work()
        except TransientError:
            (sleep or time.sleep)(_POLICY.delay_s(attempt, random.random()))  # noqa: S311 - jitter
            attempt += 1
