"""A home opened: the parts of the bus, wired together. The one composition root."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from bus import Parts, Unreachable
from bus.log import EmbeddedLog
from bus.store import Store, open_codec
from ops.settings import Misuse, Settings

__all__ = ["now_ms", "opened"]


def now_ms() -> int:
    """The clock, milliseconds UTC."""
    return time.time_ns() // 1_000_000


@contextmanager
def opened(settings: Settings, wait_s: float) -> Iterator[Parts]:
    """Open a home; make it on first contact.

    Raises:
        Unreachable: a part can't be reached.
        Misuse: a setting asks for a part that this build has not.
    """
    if settings.kafka_bootstrap:
        raise Misuse("GRMS_KAFKA_BOOTSTRAP is set, but this build has the embedded log only. Unset it.")
    if not str(settings.store_url).startswith("sqlite:"):
        raise Misuse("GRMS_DATABASE_URL names no SQLite database, and this build has no other. Unset it.")
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unreachable(f"home {settings.home}: {error.strerror}. Name another one with --home.") from error
    store = Store(settings.store_url, wait_s)
    log = EmbeddedLog(settings.home / "log.sqlite", partitions=settings.partitions, wait_s=wait_s)
    try:
        yield Parts(store, log, open_codec(store), now_ms)
    finally:
        log.close()
        store.close()
