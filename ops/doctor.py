"""The doctor: what is not as it should be, each with its remedy. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bus import LogCorrupt, LogTruncated, Parts, StoreCorrupt
from bus.log import EmbeddedLog
from bus.store import Tx, deadletters, exports, generations, outbox
from bus.topics import Change
from consumers import CONSUMERS

__all__ = ["problems"]

Problem = dict[str, str]

_NAMED = 20
"""Gone keys named of each kind of file; the rest are counted."""


def problems(parts: Parts, changes: Sequence[Change] = ()) -> list[Problem]:
    """Every problem of a home, gravest first.

    Args:
        changes: how the cluster's topics differ from what is declared.
    """
    try:
        return [*_problems(parts), *map(_differs, changes)]
    except (StoreCorrupt, LogCorrupt) as error:
        return [_problem(str(error), "Restore the home from a backup.")]


def _problems(parts: Parts) -> list[Problem]:
    with parts.store.read() as tx:
        return [
            *_damage(parts, tx),
            *_letters(tx),
            *_unsettled(tx),
            *_lag(parts, tx),
            *_unfinished(tx),
            *_gone(tx),
        ]


def _problem(what: str, remedy: str) -> Problem:
    return {"what": what, "remedy": remedy}


def _damage(parts: Parts, tx: Tx) -> Iterator[Problem]:
    for said in tx.damage():
        yield _problem(f"store: {said}", "Restore the home from a backup.")
    if not isinstance(parts.log, EmbeddedLog):
        return  # a cluster checks its own replicas, and reading 10^8 records takes half an hour
    topics = sorted({topic for consumer in CONSUMERS.values() for topic in consumer.topics})
    for topic in topics:
        starts = parts.log.start_offsets(topic)
        for partition, end in parts.log.end_offsets(topic).items():
            yield from _read_through(parts, topic, partition, starts[partition], end)


def _read_through(parts: Parts, topic: str, partition: int, offset: int, end: int) -> Iterator[Problem]:
    try:
        while offset < end:
            found = parts.log.read(topic, partition, offset, 10_000).next_offset
            if found == offset:
                yield _problem(
                    f"{topic}/{partition}: the log ends at {offset}, not at {end} as it says",
                    "Restore the log from a backup.",
                )
                return
            offset = found
    except LogCorrupt as error:
        yield _problem(str(error), "Restore the home from a backup; the views are still whole.")


def _differs(change: Change) -> Problem:
    return _problem(change.message, change.remedy)


def _letters(tx: Tx) -> Iterator[Problem]:
    for reason, number in deadletters.open_count(tx).items():
        yield _problem(
            f"{number} open dead letters: {reason}",
            f"grms dlq list --reason {reason}; mend, then grms dlq redrive --reason {reason} --yes",
        )


def _unsettled(tx: Tx) -> Iterator[Problem]:
    row = tx.one("select count(*) from statement where state = 0")
    if row and row[0]:
        remedy = "Run the same grms ingest again; what it read already is published by grms run --until-caught-up."
        yield _problem(f"{row[0]} statements of an ingest that was cut off", remedy)
    waiting = outbox.waiting(tx)
    if waiting:
        yield _problem(f"{waiting} events wait in the outbox", "grms run --until-caught-up")


def _lag(parts: Parts, tx: Tx) -> Iterator[Problem]:
    for consumer in CONSUMERS.values():
        live = generations.live(tx, consumer.name)
        done = generations.positions(tx, live) if live else {}
        lag = 0
        for topic in consumer.topics:
            starts = parts.log.start_offsets(topic)
            for partition, end in parts.log.end_offsets(topic).items():
                at = done.get((topic, partition), generations.START).next_offset
                lag += end - at
                if not starts[partition] <= at <= end:
                    error = LogTruncated(topic, partition, at, start=starts[partition], end=end)
                    yield _problem(
                        f"consumer {consumer.name}: {error}", "grms run reads on once the log holds it again"
                    )
        if lag > 0:
            yield _problem(f"consumer {consumer.name} lags by {lag} records", "grms run --until-caught-up")
        row = tx.one("select count(*) from dirty where generation = ?", live)
        if row and row[0]:
            what = f"{row[0]} nodes of {consumer.name} wait to be recomputed"
            yield _problem(what, "grms run --until-caught-up")


def _unfinished(tx: Tx) -> Iterator[Problem]:
    for number, consumer in generations.unfinished(tx):
        what = f"a rebuild of {consumer} was cut off (generation {number})"
        yield _problem(what, "grms view rebuild; it clears the rest away")


def _gone(tx: Tx) -> Iterator[Problem]:
    """Keys that the latest export of their kind lacks. Absence says nothing: they stay in the views."""
    for kind, keys in exports.gone_keys(tx).items():
        named = ", ".join(keys[:_NAMED]) + (f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else "")
        yield _problem(
            f"{len(keys)} keys of {kind} are gone from its latest export: {named}",
            "Ask the source whether they were withdrawn; until it says so they stay.",
        )
