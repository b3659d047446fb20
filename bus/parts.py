"""The parts that every room of the bus works with, put together once, at the edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bus.ports import Log
from bus.store.database import Store
from schemas import Codec

__all__ = ["Parts"]


@dataclass(frozen=True, slots=True)
class Parts:
    """Store, log, codec, and the clock (milliseconds UTC)."""

    store: Store
    log: Log
    codec: Codec
    now_ms: Callable[[], int]
