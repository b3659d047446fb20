"""``grms log copy``: the home's own log to a Kafka cluster, or back. The store stays where it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any

from bus import LogMismatch
from bus.log import EmbeddedLog
from bus.log.copy import CopiedPartition, copy_partition
from bus.ports import Log
from bus.store import Store
from bus.store.binding import Copy, bind, note_copy
from bus.topics import declared, fact_topics
from ops.home import opened_store
from ops.settings import Misuse, Settings
from ops.topics import kafka_access, make_missing
from schemas.catalogue import topics

__all__ = ["copied"]

Progress = Callable[[int], None]
Bar = Callable[[str, int], AbstractContextManager[Progress]]


def copied(settings: Settings, to: str, wait_s: float, bar: Bar) -> dict[str, Any]:
    """Copy the log that the home's store reads to the other kind; a killed copying goes on where it was.

    Args:
        to: ``kafka`` or ``embedded``.
        bar: shows progress: a label and the number of offsets.

    Returns:
        The document of ``grms log copy --json``. All counts are records.

    Raises:
        LogMismatch: terminal; the target holds something else, or has other partitions, or the store reads another log.
        Misuse: no cluster is named, or the home has no log of its own to copy.
    """
    began = time.monotonic()
    with opened_store(settings, wait_s) as store, _both(settings, to, wait_s) as (source, target):
        names = _names(source, settings.partitions)
        with (
            store.alone(wait=True),
            store.alone("relay", wait=True),
            bar("copying", _offsets(source, names)) as progress,
        ):
            bind(store, source, {*names} & {*fact_topics()})
            _prepare(settings, source, target, names, wait_s)
            rounds = _rounds(store, source, target, names, progress)
    told = {
        name: {
            "already": sum(part.already for part in rounds[0][name]),
            "copied": sum(part.copied for done in rounds for part in done[name]),
        }
        for name in names
    }
    return {
        "to": to,
        "already": sum(topic["already"] for topic in told.values()),
        "copied": sum(topic["copied"] for topic in told.values()),
        "same_offsets": _same_offsets(rounds[-1]),
        "topics": told,
        "seconds": round(time.monotonic() - began, 3),
    }


def _offsets(log: Log, names: Sequence[str]) -> int:
    return sum(sum(log.end_offsets(name).values()) for name in names)


@contextmanager
def _both(settings: Settings, to: str, wait_s: float) -> Iterator[tuple[Log, Log]]:
    """Source and target."""
    from bus.log.kafka import KafkaLog  # noqa: PLC0415 - the client takes half a second to import

    access = kafka_access(settings)
    path = settings.home / "log.sqlite"
    if to == "kafka" and not path.exists():
        raise Misuse(f"{settings.home} has no log of its own to copy; --home names another home.")
    with (
        closing(KafkaLog(access, wait_s=wait_s)) as kafka,
        closing(EmbeddedLog(path, partitions=settings.partitions, wait_s=wait_s)) as embedded,
    ):
        yield (embedded, kafka) if to == "kafka" else (kafka, embedded)


def _names(source: Log, partitions: int) -> list[str]:
    """Topics to copy. The embedded log makes one at the first question; the copy of a store's log has them all."""
    known = source.topics() & {topic.name for topic in declared()}
    if isinstance(source, EmbeddedLog):
        usual = max(map(source.partitions, known), default=partitions)
        for name in set(topics()) - known:
            source.make(name, usual)
        known |= set(topics())
    return sorted(known)


def _prepare(settings: Settings, source: Log, target: Log, names: Sequence[str], wait_s: float) -> None:
    """Make the topics that the target lacks, with the source's partitions."""
    sizes = {name: source.partitions(name) for name in names}
    usual = max(sizes.values(), default=settings.partitions)
    if isinstance(target, EmbeddedLog):
        for name, partitions in sizes.items():
            target.make(name, partitions)
    else:
        make_missing(settings, {topic.name: sizes.get(topic.name, usual) for topic in declared()}, wait_s)
    for name, partitions in sizes.items():
        if target.partitions(name) != partitions:
            raise LogMismatch(
                f"{name} has {partitions} partitions in the log that is copied and {target.partitions(name)} in the "
                "other one; keys would lose their order. Nothing was copied. Copy to a log without that topic."
            )


Done = dict[str, list[CopiedPartition]]


def _rounds(store: Store, source: Log, target: Log, names: Sequence[str], progress: Progress) -> list[Done]:
    """Copy until the source has nothing more, and note what now equals what.

    The note is made before the last look at the ends: whoever appends afterwards takes it away again.
    """
    rounds: list[Done] = []
    while not rounds or _grown(source, rounds[-1]):
        done = {
            name: [copy_partition(source, target, name, at, progress) for at in range(source.partitions(name))]
            for name in names
        }
        rounds.append(done)
        if _same_offsets(done):
            copies = {name: Copy(target.history(name), [part.end for part in parts]) for name, parts in done.items()}
            with store.write() as tx:
                note_copy(tx, copies)
    return rounds


def _same_offsets(done: Done) -> bool:
    return all(part.same_offsets for parts in done.values() for part in parts)


def _grown(source: Log, done: Done) -> bool:
    ends = {name: dict(enumerate(part.read_until for part in parts)) for name, parts in done.items()}
    return any(source.end_offsets(name) != until for name, until in ends.items())
