"""Engines: ways to run the same projections. Pulling needs no server; Faust workers are live on Kafka."""

from bus.engine.pull import BULK, EMBEDDED, Pace, Progress, catch_up, run
from bus.engine.state import behind, lag, live_generation, recorded, view_bodies, view_hash, watermark
from bus.engine.step import Report, refresh_all

__all__ = [
    "BULK",
    "EMBEDDED",
    "Pace",
    "Progress",
    "Report",
    "behind",
    "catch_up",
    "lag",
    "live_generation",
    "recorded",
    "refresh_all",
    "run",
    "view_bodies",
    "view_hash",
    "watermark",
]
