"""Rebuild: views from the start of the log, beside the live ones, compared, then dropped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bus import Parts, Projection
from bus.engine import BULK, Report, catch_up, live_generation, refresh_all, view_hash
from bus.store import generations

__all__ = ["hashes", "rebuild"]


def hashes(parts: Parts, consumers: Sequence[Projection]) -> dict[str, str]:
    """Hash of every live view."""
    found: dict[str, str] = {}
    with parts.store.read() as tx:
        for consumer in consumers:
            found.update(view_hash(tx, consumer, generations.live(tx, consumer.name)))
    return found


def rebuild(
    parts: Parts, consumers: Sequence[Projection], progress: Callable[[int], None] = lambda _records: None
) -> dict[str, Any]:
    """Derive everything anew up to where the live views have read, and compare.

    Returns:
        The document of ``grms view rebuild --json``. Of the live views only what a killed run left is finished.
    """
    with parts.store.read() as tx:
        stale = [number for number, consumer in generations.unfinished(tx) if consumer in {c.name for c in consumers}]
    for number in stale:
        generations.drop(parts.store, number)
    views: dict[str, Any] = {}
    for consumer in consumers:
        refresh_all(parts, consumer, live_generation(parts, consumer))
        with parts.store.write() as tx:
            live = generations.live(tx, consumer.name)
            positions = generations.positions(tx, live) if live else {}
            before = view_hash(tx, consumer, live)
            beside = generations.make(tx, consumer.name, "filling", "view rebuild", parts.now_ms())
        ends = {place: position.next_offset for place, position in positions.items()}
        catch_up(parts, consumer, beside, pace=BULK, report=Report(), ends=ends, progress=progress)
        with parts.store.read() as tx:
            after = view_hash(tx, consumer, beside)
        for view in consumer.views:
            same = before[view] == after[view]
            views[view] = {"equal": same, "live": before[view], "rebuilt": after[view]}
        generations.drop(parts.store, beside)
    return {"equal": all(view["equal"] for view in views.values()), "views": views}
