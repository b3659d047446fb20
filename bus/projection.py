"""A consumer as data: which events it reads, to which node each belongs, and what a node's rows say.

The shell around it, the same for every consumer and engine: a batch inserts facts and marks nodes; a refresher
recomputes marked nodes from all their facts. No view is patched by increments, so order can't matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from bus import subjects
from bus.ports import StoredRecord
from bus.rows import Fact, KeyRows, content_by, rows_of
from bus.store import deadletters
from bus.store.database import Tx
from bus.store.facts import facts_at
from bus.subjects import Asking, Tell
from bus.views import ViewRow, put_rows
from schemas import CATALOGUE, Codec, Envelope, Malformed, Undecodable, read_headers

__all__ = ["MARKED_AGAIN", "Applied", "Projection", "ViewRow", "apply", "derived", "refresh"]


@dataclass(frozen=True, slots=True)
class Projection:
    """A consumer.

    Attributes:
        name: consumer, as in ``run --consumer``.
        reads: columns it reads, by event type: its reader schemas.
        node: node that an event belongs to, by type and key; raises `Malformed` where the key is none of that type,
            since nothing could be derived from it.
        derive: view rows of a node, from all its rows; a pure function.
        views: names of its views.
        asking: its subjects, where answers need facts of many nodes.
        refresher: recomputes marked nodes where one node needs another's facts (`bus.linked`); else `derive` does,
            a node from its own facts.
    """

    name: str
    reads: Mapping[str, tuple[str, ...]]
    node: Callable[[str, str], str]
    derive: Callable[[str, Sequence[KeyRows]], Iterable[ViewRow]]
    views: tuple[str, ...]
    asking: Asking | None = None

    @property
    def nodeless(self) -> frozenset[str]:
        """Types of which no node says anything: they are read for subjects alone."""
        return self.asking.alone if self.asking else frozenset()

    refresher: Callable[[Tx, int, Codec, int], int] | None = None

    @property
    def topics(self) -> list[str]:
        """Topics that hold its events, sorted."""
        return sorted({CATALOGUE[event].topic for event in self.reads})


@dataclass(frozen=True, slots=True)
class Applied:
    """What a batch did: events that were new, and records that became dead letters."""

    events: int
    dead_letters: int


def apply(
    tx: Tx,
    projection: Projection,
    generation: int,
    codec: Codec,
    batch: Sequence[tuple[str, int, StoredRecord]],
    now_ms: int,
) -> Applied:
    """Take in a batch of records, given as (topic, partition, record): facts, marks, dead letters.

    Exactly once in effect: an event that the inbox knows is dropped.
    """
    facts: dict[str, Fact] = {}
    letters = []
    for topic, partition, stored in batch:
        envelope = None
        try:
            envelope = read_headers(zip(stored.names, stored.values, strict=True))
            if envelope.type not in projection.reads:
                continue
            payload = stored.value or b""
            _check(codec.decode(payload, envelope.type, projection.reads[envelope.type]))
            fact = _fact(projection, envelope, stored.recorded_ms, payload)
        except (Malformed, Undecodable) as error:
            letters.append(_letter(projection, (topic, partition), stored, envelope, error))
            continue
        facts.setdefault(fact.event_id, fact)
    parked = deadletters.park(tx, letters, now_ms)
    new = [facts[event_id] for _, event_id in tx.add_new("inbox", [(generation, name) for name in sorted(facts)])]
    tx.add("fact", [(generation, *fact) for fact in new])
    if projection.asking is not None:
        _note(tx, projection.asking, generation, codec, new)
    nodes = sorted({fact.node for fact in new if fact.event not in projection.nodeless})
    # Last: a mark stays locked until the end, and others wait for it.
    tx.merge("dirty", [(generation, node) for node in nodes], MARKED_AGAIN)
    return Applied(len(new), parked)


MARKED_AGAIN = "(generation, node) do update set node = excluded.node"
"""Not ``do nothing``: that would leave a mark which a refresher holds and is about to clear, and the facts of this
transaction, which it can't see, would stay out of the views."""


def _check(record: Mapping[str, Any]) -> None:
    """Refuse what no source can state and not every database stores."""
    for column, value in record.items():
        texts = value if isinstance(value, list) else (value,) if isinstance(value, str) else ()
        if any("\0" in text for text in texts):
            raise Undecodable(f"{column} holds a NUL")


def _note(tx: Tx, asking: Asking, generation: int, codec: Codec, facts: Iterable[Fact]) -> None:
    """Keep what facts state whose type the subjects are about."""
    content = content_by(codec)
    about = [(fact, content(fact)) for fact in facts if fact.event in asking.events]
    if about:
        subjects.note(tx, asking, generation, about)


def _fact(projection: Projection, envelope: Envelope, recorded_ms: int, payload: bytes) -> Fact:
    return Fact(
        projection.node(envelope.type, envelope.key),
        envelope.type,
        envelope.key,
        envelope.version,
        envelope.observed,
        envelope.event_ms,
        recorded_ms,
        envelope.id,
        envelope.digest,
        payload,
    )


def _letter(
    projection: Projection,
    place: tuple[str, int],
    stored: StoredRecord,
    envelope: Envelope | None,
    error: Exception,
) -> deadletters.DeadLetter:
    topic, partition = place
    key = (stored.key or b"").decode("utf-8", "replace")
    headers = {name: value.decode("utf-8", "replace") for name, value in stored.headers}
    return deadletters.DeadLetter(
        origin="consumer",
        reason="malformed" if isinstance(error, Malformed) else "undecodable",
        source=projection.name,
        event=envelope.type if envelope else None,
        topic=topic,
        key=key,
        node=key.split("|")[0],
        place=f"{topic}/{partition} offset {stored.offset}",
        message=f"{topic}/{partition} offset {stored.offset} (key {key}): {error}. "
        "Mend its producer, then redrive or discard.",
        original=stored.value or b"",
        context={
            **headers,
            "__connect.errors.topic": topic,
            "__connect.errors.partition": str(partition),
            "__connect.errors.offset": str(stored.offset),
            "__connect.errors.exception.message": str(error),
        },
    )


def refresh(
    tx: Tx, projection: Projection, generation: int, codec: Codec, limit: int = 500, tell: Tell | None = None
) -> int:
    """Recompute some marked nodes from all their facts, then marked subjects; return how many. 0 = none is marked.

    Args:
        tell: takes notices of what changed; None = nobody is told.
    """
    if projection.refresher is not None:
        return projection.refresher(tx, generation, codec, limit)
    # Marks are locked before facts are read: what is marked later is seen by the next refresher.
    marks = "select node from dirty where generation = ? order by node limit ? for update skip locked"
    nodes = [row[0] for row in tx.all(marks, generation, limit)]
    if not nodes:
        asking = projection.asking
        return subjects.refresh_subjects(tx, asking, generation, codec, limit, tell) if asking else 0
    facts = sorted(facts_at(tx, generation, nodes), key=attrgetter("node"))
    put_rows(tx, generation, nodes, derived(projection, codec, facts))
    tx.run_in("delete from dirty where generation = ? and node in (?*)", nodes, generation)
    return len(nodes)


def derived(projection: Projection, codec: Codec, facts: Iterable[Fact]) -> Iterator[tuple[str, ViewRow]]:
    """View rows of every node, from facts grouped by node.

    The one way from facts to views: live, rebuilt, as known at a time or as true on a date.
    """

    def decode(fact: Fact) -> Mapping[str, Any]:
        return codec.decode(fact.payload, fact.event, projection.reads[fact.event])

    content = content_by(codec)
    about = (fact for fact in facts if fact.event not in projection.nodeless)
    for node, members in groupby(about, key=attrgetter("node")):
        for row in projection.derive(node, rows_of(members, decode, content)):
            yield node, row
