"""Intake: rows of exports become statements, and statements become events.

Two steps, so that a statement is known whole before it is judged, whatever files and batches it came in:

1. `take` stores every content and statement of an export, a transaction per batch of rows.
2. `settle` decides which statements differ from what precedes them and puts their events into the outbox.

Killed anywhere, the next command finds the undecided statements and settles them.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from bus.parts import Parts
from bus.ports import Record
from bus.statements import State, decide
from bus.store import deadletters, outbox
from bus.store.database import Tx
from schemas import (
    CATALOGUE,
    EXPORT_READ,
    Codec,
    Content,
    Envelope,
    content_digest,
    encode_row,
    encode_values,
    event_id,
    write_headers,
)

__all__ = ["Export", "Rejected", "Stated", "Taken", "settle", "take"]

_CHUNK = 2000
"""Keys settled in one transaction: 2,000 events are about 2 MB of outbox."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A row that says something about a key.

    Attributes:
        event: event type of the catalogue.
        observed: when the source said so (`schemas.observed_text`).
        event_ms: when it happened, milliseconds UTC; None = not stated, or true on every date.
        place: row number, for messages.
        original: the row's bytes.
    """

    event: str
    key: str
    version: str
    observed: str
    event_ms: int | None
    unit: str | None
    content: Content
    place: str
    original: bytes


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that can't be used; ``damaged`` = the file can't be read from here on."""

    reason: str
    message: str
    place: str
    original: bytes
    key: str | None = None
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Export:
    """One file being read.

    Attributes:
        source: system, as on the command line.
        kind: kind of file, ``spse-nontender-kontrak``.
        file: base name.
        observed: observed time of rows that carry none.
        items: the rows, read once, in the file's order.
        sha256: digest of the file's bytes, right once ``items`` is exhausted.
        stated: what the manifest says: ``pulled``, ``as_of``.
        context: what a redrive of one of its rows needs.
    """

    source: str
    kind: str
    file: str
    observed: str
    items: Iterator[Stated | Rejected]
    sha256: Callable[[], str]
    stated: Mapping[str, str | None] = field(default_factory=dict)
    context: Mapping[str, str | None] = field(default_factory=dict)
    traceparent: str | None = None


@dataclass(slots=True)
class Taken:
    """What was counted while an export was taken in; all counts are rows."""

    export: int
    rows: int = 0
    rejected: int = 0
    copies: int = 0
    gone: int = 0
    problem: str | None = None


class _Seen:
    """Digests of one file. They lie in a temporary database, so memory doesn't grow with the file."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript("pragma synchronous = off; create table seen (digest blob primary key) without rowid")
        self._db.execute("begin")

    def add(self, digests: list[bytes]) -> int:
        """Add digests; return how many were there already."""
        before = self._db.total_changes
        self._db.executemany("insert or ignore into seen values (?)", [(digest,) for digest in digests])
        return len(digests) - (self._db.total_changes - before)

    def close(self) -> None:
        self._db.close()


def take(
    parts: Parts,
    export: Export,
    *,
    batch: int = 1000,
    announce: bool = True,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Taken:
    """Store what an export says; publish nothing but `ExportRead` (unless told not to `announce` it).

    Raises:
        TransientError: retriable; what was committed stays, and taking the export again is harmless.
    """
    store, now_ms = parts.store, parts.now_ms()
    with store.write() as tx:
        number = tx.insert(
            "insert into export (source, kind, file, observed, at_ms, traceparent) values (?, ?, ?, ?, ?, ?)",
            *(export.source, export.kind, export.file, export.observed, now_ms, export.traceparent),
        )
    taken = Taken(number)
    latest = ""
    with closing(_Seen()) as seen:
        while items := list(islice(export.items, batch)):
            with store.write() as tx:
                latest = max(latest, _stage(tx, export, taken, items, seen, now_ms))
            progress(len(items))
    observed = latest or export.observed
    with store.write() as tx:
        taken.gone = _gone(tx, export.kind, number, observed)
        tx.run("update export set rows = ?, observed = ? where id = ?", taken.rows, observed, number)
        if announce and taken.problem is None:
            _publish_export_read(tx, parts, export, taken, observed)
    return taken


def _stage(tx: Tx, export: Export, taken: Taken, items: list[Stated | Rejected], seen: _Seen, now_ms: int) -> str:
    """Store one batch; return the latest observed time in it."""
    stated = [item for item in items if isinstance(item, Stated)]
    rejected = [item for item in items if isinstance(item, Rejected)]
    digests = [content_digest(row.event, row.key, row.version, row.content) for row in stated]
    known = {row[0] for row in tx.where_in("select digest from content where digest in (?*)", list(set(digests)))}
    contents: list[tuple[bytes, int | None, str | None, bytes]] = []
    good: list[tuple[Stated, bytes]] = []
    for row, digest in zip(stated, digests, strict=True):
        if digest not in known:
            body = encode_row(row.event, row.content)
            if isinstance(body, tuple):
                rejected.append(_bad_field(export, row, *body))
                continue
            contents.append((digest, row.event_ms, row.unit, body))
            known.add(digest)
        good.append((row, digest))
    tx.many("insert into content values (?, ?, ?, ?)", contents)
    tx.many(
        "insert into statement values (?, ?, ?, ?, ?, 0, ?) "
        "on conflict do update set export = excluded.export where state = 0",
        [(row.event, row.key, row.version, row.observed, digest, taken.export) for row, digest in good],
    )
    tx.many(
        "insert into subject values (?, ?, ?, ?) on conflict do update "
        "set observed = max(observed, excluded.observed), export = excluded.export",
        [(export.kind, row.key, row.observed, taken.export) for row, _ in good],
    )
    deadletters.park(tx, [_letter(export, item) for item in rejected], now_ms)
    taken.rows += len(items)
    taken.rejected += len(rejected)
    taken.copies += seen.add([digest for _, digest in good])
    for item in rejected:
        if item.damaged:
            taken.problem = item.message
    return max((row.observed for row, _ in good), default="")


def _bad_field(export: Export, row: Stated, column: str, wrong: object) -> Rejected:
    why, raw = getattr(wrong, "why", str(wrong)), getattr(wrong, "raw", "")
    shown = raw if len(raw) <= _SHOWN else raw[:_SHOWN] + "…"
    return Rejected(
        reason="bad_money",
        message=f'{export.file} {row.place} (key {row.key}): {column} "{shown}" {why}. '
        "Correct it in the source and export again, or redrive with a fix.",
        place=row.place,
        original=row.original,
        key=row.key,
    )


def _letter(export: Export, item: Rejected) -> deadletters.DeadLetter:
    context = {
        **export.context,
        "kind": export.kind,
        "observed": export.observed,
        "file": export.file,
        "damaged": str(item.damaged),
    }
    return deadletters.DeadLetter(
        origin="adapter",
        reason=item.reason,
        source=export.source,
        place=f"{export.file} {item.place}",
        message=item.message,
        original=item.original,
        key=item.key,
        node=None if item.key is None else item.key.split("|")[0],
        context=context,
    )


def _gone(tx: Tx, kind: str, export: int, observed: str) -> int:
    row = tx.one("select count(*) from subject where kind = ? and export <> ? and observed < ?", kind, export, observed)
    return int(row[0]) if row else 0


def _publish_export_read(tx: Tx, parts: Parts, export: Export, taken: Taken, observed: str) -> None:
    key = f"{export.source}/{export.kind}"
    values: dict[str, object] = {
        "source": export.source,
        "kind": export.kind,
        "file": export.file,
        "rows": taken.rows,
        "copies": taken.copies,
        "sha256": export.sha256(),
        "observed": observed,
        "pulled": export.stated.get("pulled"),
        "as_of": export.stated.get("as_of"),
    }
    digest = content_digest(EXPORT_READ.name, key, "", {name: str(value) for name, value in values.items()})
    name = event_id(digest, observed)
    if tx.one("select 1 from export where event_id = ?", name):
        return
    tx.run("update export set event_id = ? where id = ?", name, taken.export)
    envelope = Envelope(
        name, EXPORT_READ.name, f"/{key}", key, "", observed, digest.hex(), traceparent=export.traceparent
    )
    outbox.put(tx, parts.log, [_event(parts.codec, envelope, encode_values(EXPORT_READ.name, values))])


def _event(codec: Codec, envelope: Envelope, body: bytes) -> tuple[str, str, Record]:
    headers = write_headers(envelope, codec.schema_id(envelope.type))
    record = Record(envelope.key.encode(), codec.frame(envelope.type, body), headers)
    return CATALOGUE[envelope.type].topic, envelope.key, record


_TOUCHED = """
with touched as (
    select event, key, version, min(observed) as lo, max(observed) as hi
    from statement where state = 0 group by event, key, version limit ?)
select s.event, s.key, s.version, s.observed, s.digest, s.state, s.export, s.observed < t.lo
from touched t join statement s on s.event = t.event and s.key = t.key and s.version = t.version
and s.observed >= coalesce((select max(p.observed) from statement p where p.event = t.event and p.key = t.key
    and p.version = t.version and p.observed < t.lo), t.lo)
and s.observed <= coalesce((select min(p.observed) from statement p where p.event = t.event and p.key = t.key
    and p.version = t.version and p.observed > t.hi), t.hi)
order by s.event, s.key, s.version, s.observed, s.digest
"""
"""Undecided statements with their neighbours: the one before the first, and the one after the last."""


def settle(parts: Parts) -> Counter[int]:
    """Decide every undecided statement and put the events of those that differ into the outbox.

    Returns:
        Number of new events by the export that stated them last.
    """
    published: Counter[int] = Counter()
    while True:
        with parts.store.write() as tx:
            rows = tx.all(_TOUCHED, _CHUNK)
            if not rows:
                return published
            changes = _decide_all(rows)
            tx.many(
                "update statement set state = ? "
                "where event = ? and key = ? and version = ? and observed = ? and digest = ?",
                [(state, *place) for place, (state, _) in changes.items()],
            )
            events = {place: export for place, (state, export) in changes.items() if state is State.PUBLISHED}
            outbox.put(tx, parts.log, _events(tx, parts.codec, events))
        published.update(events.values())


_SHOWN = 40
"""Characters of a bad text that a message shows."""

Place = tuple[str, str, str, str, bytes]


def _decide_all(rows: list[tuple[Any, ...]]) -> dict[Place, tuple[State, int]]:
    changes: dict[Place, tuple[State, int]] = {}
    for group, members in groupby(rows, key=itemgetter(0, 1, 2)):
        history: list[tuple[str, dict[bytes, State]]] = []
        exports: dict[tuple[str, bytes], int] = {}
        context = False
        for _, _, _, observed, digest, state, export, before in members:
            if not history or history[-1][0] != observed:
                history.append((observed, {}))
            history[-1][1][digest] = State(state)
            exports[observed, digest] = export
            context = context or bool(before)
        for observed, digest, state in decide(history, first_is_context=context):
            changes[(*group, observed, digest)] = (state, exports[observed, digest])
    return changes


def _events(tx: Tx, codec: Codec, places: Mapping[Place, int]) -> Iterator[tuple[str, str, Record]]:
    digests = list({place[4] for place in places})
    contents = {
        digest: (event_ms, unit, body)
        for digest, event_ms, unit, body in tx.where_in(
            "select digest, event_ms, unit, body from content where digest in (?*)", digests
        )
    }
    exports = {
        number: (f"/{source}/{kind}", traceparent)
        for number, source, kind, traceparent in tx.where_in(
            "select id, source, kind, traceparent from export where id in (?*)", list(set(places.values()))
        )
    }
    for (event, key, version, observed, digest), export in places.items():
        event_ms, unit, body = contents[digest]
        source, traceparent = exports[export]
        name = event_id(digest, observed)
        envelope = Envelope(name, event, source, key, version, observed, digest.hex(), event_ms, unit, traceparent)
        yield _event(codec, envelope, body)
