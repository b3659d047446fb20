"""Which log a store has read. Its positions are offsets of that log and mean nothing in another one.

The name of each topic's history is kept beside the positions, and with it the name of a copy that holds the same
records at the same offsets, for as long as nothing is appended to the one that is read: so a store can go over to the
copy, and a store under the wrong log is refused instead of skipping what lies there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from bus.errors import LogMismatch
from bus.ports import Log
from bus.store.database import Store, Tx

__all__ = ["bind", "forget_copies", "note_copy"]

_READ, _COPY = "log ", "copy "
"""Names in ``meta``: these and the topic."""


class Copy(NamedTuple):
    """A history that equals the one that is read up to these ends, by partition."""

    history: str
    ends: Sequence[int]


def bind(store: Store, log: Log, topics: Iterable[str]) -> None:
    """Hold a store to the log that it reads, from the first contact on.

    Raises:
        LogMismatch: terminal; it has read another one, of which this one is no complete copy.
    """
    histories = {topic: log.history(topic) for topic in topics}
    with store.read() as tx:
        read = _named(tx, _READ)
    if all(read.get(topic) == history for topic, history in histories.items()):
        return
    with store.write() as tx:
        tx.exclusively("log")
        read, copies = _named(tx, _READ), _copies(tx)
        for topic, history in histories.items():
            known = read.get(topic)
            if known not in (None, history):
                ends = _checked(tx, topic, history, copies.get(topic))
                _note(tx, _COPY + topic, json.dumps([known, ends]))
            _note(tx, _READ + topic, history)


def _checked(tx: Tx, topic: str, history: str, copy: Copy | None) -> Sequence[int]:
    """Ends of a copy that a store may go over to."""
    if copy is None or copy.history != history or _beyond(tx, topic, copy.ends):
        raise LogMismatch(
            f"The store has read another log than this one: its positions in {topic} mean nothing here, and events "
            "would be skipped. Name the log that it has read (GRMS_KAFKA_BOOTSTRAP; unset, it is the home's own), "
            "bring that log's records here with grms log copy, or let a new store read this log (another home or "
            "GRMS_DATABASE_URL)."
        )
    return copy.ends


def _beyond(tx: Tx, topic: str, ends: Sequence[int]) -> bool:
    rows = tx.all("select partition, max(next_offset) from position where topic = ? group by partition", topic)
    return any(partition >= len(ends) or offset > ends[partition] for partition, offset in rows)


def note_copy(tx: Tx, copies: Mapping[str, Copy]) -> None:
    """Note which history of each topic now equals the one that is read."""
    for topic, copy in copies.items():
        _note(tx, _COPY + topic, json.dumps([copy.history, list(copy.ends)]))


def forget_copies(tx: Tx, topics: Iterable[str]) -> None:
    """Note that these topics have grown, so that nothing is their copy any more."""
    tx.run_in("delete from meta where name in (?*)", [_COPY + topic for topic in topics])


def _copies(tx: Tx) -> dict[str, Copy]:
    return {topic: Copy(*json.loads(text)) for topic, text in _named(tx, _COPY).items()}


def _named(tx: Tx, prefix: str) -> dict[str, str]:
    rows = tx.all("select name, value from meta")
    return {name.removeprefix(prefix): value for name, value in rows if name.startswith(prefix)}


def _note(tx: Tx, name: str, value: str) -> None:
    tx.run("insert into meta values (?, ?) on conflict (name) do update set value = excluded.value", name, value)
