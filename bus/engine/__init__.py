"""Engines: ways to run the same projections. Embedded needs no server."""

from bus.engine.embedded import (
    Progress,
    Report,
    catch_up,
    lag,
    live_generation,
    recorded,
    refresh_all,
    run,
    view_hash,
    watermark,
)

__all__ = [
    "Progress",
    "Report",
    "catch_up",
    "lag",
    "live_generation",
    "recorded",
    "refresh_all",
    "run",
    "view_hash",
    "watermark",
]
