"""The bus: intake, outbox, log, projections, engines, store. File map and pitfalls: ``bus/DESIGN.md``."""

from bus.errors import (
    BusError,
    LogCorrupt,
    LogMismatch,
    LogRefused,
    LogTruncated,
    Oversize,
    StoreCorrupt,
    StoreMismatch,
    TransientError,
    Unreachable,
)
from bus.parts import Parts
from bus.projection import Projection, ViewRow

__all__ = [
    "BusError",
    "LogCorrupt",
    "LogMismatch",
    "LogRefused",
    "LogTruncated",
    "Oversize",
    "Parts",
    "Projection",
    "StoreCorrupt",
    "StoreMismatch",
    "TransientError",
    "Unreachable",
    "ViewRow",
]
