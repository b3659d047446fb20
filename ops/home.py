"""A home opened: the parts of the bus, wired together. The one composition root."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from bus import Parts, Unreachable
from bus.log import EmbeddedLog
from bus.store import Store, open_codec
from bus.store.binding import bind
from bus.topics import fact_topics
from ops.settings import Settings
from ops.topics import kafka_access, made_at_first_contact

if TYPE_CHECKING:
    from bus.log.kafka import KafkaLog

__all__ = ["now_ms", "opened", "opened_log", "opened_store"]


def now_ms() -> int:
    """The clock, milliseconds UTC."""
    return time.time_ns() // 1_000_000


@contextmanager
def opened(settings: Settings, wait_s: float) -> Iterator[Parts]:
    """Open a home; make it on first contact.

    Raises:
        Unreachable: a part can't be reached.
        LogMismatch: terminal; the store has read another log than the one that the settings choose.
    """
    with opened_store(settings, wait_s) as store, closing(opened_log(settings, wait_s)) as log:
        bind(store, log, fact_topics())
        yield Parts(store, log, open_codec(store), now_ms)


@contextmanager
def opened_store(settings: Settings, wait_s: float) -> Iterator[Store]:
    """Open the store only.

    Raises:
        Unreachable: it can't be reached.
    """
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unreachable(f"home {settings.home}: {error.strerror}. Name another one with --home.") from error
    store = Store(settings.store_url, wait_s)
    try:
        yield store
    finally:
        store.close()


def opened_log(settings: Settings, wait_s: float) -> EmbeddedLog | KafkaLog:
    """Open the log that the settings choose: Kafka where they name a cluster, else the home's own."""
    if settings.kafka_bootstrap is None:
        return EmbeddedLog(settings.home / "log.sqlite", partitions=settings.partitions, wait_s=wait_s)
    from bus.log.kafka import KafkaLog  # noqa: PLC0415 - the client takes half a second to import

    log = KafkaLog(kafka_access(settings), wait_s=wait_s)
    try:
        made_at_first_contact(log, settings, wait_s)
    except BaseException:
        log.close()
        raise
    return log
