"""Retry as data: what follows a failure is decided here, done elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from bus.errors import BusError, DataError

__all__ = ["Park", "Retry", "RetryPolicy", "next_step"]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Backoff that doubles up to a ceiling; seconds."""

    first_s: float = 0.05
    ceiling_s: float = 5.0

    def delay_s(self, attempt: int, jitter: float) -> float:
        """Delay before the attempt after ``attempt`` (from 1); jitter in [0, 1) spreads it over 50-100 %.

        >>> RetryPolicy().delay_s(3, 0.0), RetryPolicy().delay_s(50, 0.0)
        (0.1, 2.5)
        """
        full: float = min(self.ceiling_s, self.first_s * 2.0 ** min(attempt - 1, 32))
        return full * (0.5 + jitter / 2)


@dataclass(frozen=True, slots=True)
class Retry:
    """Wait, then deliver again."""

    after_s: float


@dataclass(frozen=True, slots=True)
class Park:
    """Put it to the dead letters and go on."""

    reason: str


def next_step(error: BusError, attempt: int, policy: RetryPolicy, jitter: float = 0.0) -> Retry | Park:
    """Decide what follows a failed delivery.

    Args:
        error: what happened.
        attempt: counts from 1.
        policy: the backoff.
        jitter: a number in [0, 1) drawn by the caller.

    Raises:
        BusError: the error itself, where it is neither transient nor one record's fault.

    Invariant: a retriable error never becomes a dead letter.
    """
    if error.retriable:
        return Retry(policy.delay_s(attempt, jitter))
    if isinstance(error, DataError):
        return Park(error.reason)
    raise error
