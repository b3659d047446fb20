"""A home opened: the parts of the bus, wired together. The one composition root."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bus import Parts, Unreachable
from bus.log import EmbeddedLog
from bus.store import Store, open_codec
from ops.settings import Misuse, Settings

if TYPE_CHECKING:
    from bus.log.kafka import KafkaAccess, KafkaLog

__all__ = ["kafka_access", "now_ms", "opened"]


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
    if not str(settings.store_url).startswith("sqlite:"):
        raise Misuse("GRMS_DATABASE_URL names no SQLite database, and this build has no other. Unset it.")
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unreachable(f"home {settings.home}: {error.strerror}. Name another one with --home.") from error
    store = Store(settings.store_url, wait_s)
    log = _log(settings, wait_s)
    try:
        yield Parts(store, log, open_codec(store), now_ms)
    finally:
        log.close()
        store.close()


def kafka_access(settings: Settings) -> KafkaAccess | None:
    """How to reach Kafka; None where the log is embedded."""
    from bus.log.kafka import KafkaAccess  # noqa: PLC0415 - Kafka's clients take half a second to import

    return KafkaAccess.of(settings.kafka_bootstrap) if settings.kafka_bootstrap else None


def _log(settings: Settings, wait_s: float) -> EmbeddedLog | KafkaLog:
    access = kafka_access(settings)
    if access is None:
        return EmbeddedLog(settings.home / "log.sqlite", partitions=settings.partitions, wait_s=wait_s)
    from bus.log.kafka import KafkaLog  # noqa: PLC0415 - as above

    return KafkaLog(access, wait_s=wait_s)
