"""The demonstration on real servers: the same feed through every engine, and the same views out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bus import BusError
from bus.engine import BULK, run
from consumers import CONSUMERS
from ops.demo import FEED, story
from ops.home import opened
from ops.ingest import Request, ingest
from ops.rebuild import hashes
from ops.settings import Settings
from ops.stack import Stack
from ops.workers import supervise

__all__ = ["Engine", "shown"]

OBSERVED_AT = "2025-10-03T00:00:00+07:00"
"""One time for every way in, so that each takes in the same facts."""
_WORKERS = 3
_ALL = tuple(CONSUMERS.values())


@dataclass(frozen=True, slots=True)
class Engine:
    """What one way gave: hash of each view, and seconds of its run."""

    name: str
    seconds: float
    hashes: Mapping[str, str]


def shown(home: Path, wait_s: float) -> tuple[dict[str, Any], list[Engine]]:
    """Run the feed through embedded, live and bulk engines; the servers are stopped afterwards.

    Returns:
        The document of ``grms demo``, told from the live workers' views, and what each engine gave.
    """
    embedded, live, bulk = (Settings(home=home / name) for name in ("embedded", "live", "bulk"))
    with _servers(home) as at:
        live = live.model_copy(update=at)
        bulk = bulk.model_copy(update={"kafka_bootstrap": at["kafka_bootstrap"]})
        began = time.monotonic()
        _ingested(embedded, wait_s)
        read = _ingested(live, wait_s)
        engines = [
            _timed("embedded log, SQLite", embedded, wait_s, _pulled),
            _timed(f"Kafka, {_WORKERS} Faust workers, PostgreSQL", live, wait_s, _worked),
            _timed("Kafka, bulk, SQLite", bulk, wait_s, _pulled),
        ]
        with opened(live, wait_s) as parts:
            document = story(parts, read, time.monotonic() - began)
    return document, engines


@contextmanager
def _servers(home: Path) -> Iterator[dict[str, str]]:
    settings = Settings(home=home)
    stack = Stack.of(settings)
    stack.up(settings)
    try:
        told = stack.status()
        yield {"kafka_bootstrap": str(told["kafka"]["bootstrap"]), "database_url": str(told["postgres"]["url"])}
    finally:
        stack.down()


def _ingested(settings: Settings, wait_s: float) -> dict[str, Any]:
    with opened(settings, wait_s) as parts:
        return ingest(parts, Request("isb", [FEED], default_zone="Asia/Jakarta", observed_at=OBSERVED_AT))


def _timed(name: str, settings: Settings, wait_s: float, work: Callable[[Settings, float], None]) -> Engine:
    began = time.monotonic()
    work(settings, wait_s)
    took = time.monotonic() - began
    with opened(settings, wait_s) as parts:
        return Engine(name, took, hashes(parts, _ALL))


def _pulled(settings: Settings, wait_s: float) -> None:
    with opened(settings, wait_s) as parts:
        run(parts, _ALL, pace=BULK, until_caught_up=True)


def _worked(settings: Settings, wait_s: float) -> None:
    options = ["--engine", "faust", "--until-caught-up", "--home", str(settings.home), "--wait", str(wait_s)]
    told = {
        "GRMS_KAFKA_BOOTSTRAP": str(settings.kafka_bootstrap),
        "GRMS_DATABASE_URL": str(settings.database_url),
    }
    _, code = supervise(options, _WORKERS, stop=lambda: False, settings=told)
    if code:
        raise BusError(f"a live worker ended with exit code {code}; its message is above")
