"""First step of intake: store every content and statement of an export, a transaction per batch of rows."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice

from bus.intake.event import event_record
from bus.intake.export import Export, Rejected, Stated, Taken
from bus.parts import Parts
from bus.ports import MAX_RECORD_BYTES
from bus.retry import retrying
from bus.statements import State
from bus.store import deadletters, exports, outbox
from bus.store.database import Tx
from bus.store.plain import plain
from schemas import CATALOGUE, EXPORT_READ, Envelope, content_digest, encode_row, encode_values, event_id, key_problem
from schemas.values import Wrong

__all__ = ["take"]

_SHOWN = 40
"""Characters of a bad text that a message shows."""

_HEADERS = 1024
"""Frame and headers of an event but for key, version and unit: names, ids, times, digest, a source of our own."""

_HIDDEN = re.compile(
    r"\b(?!(?:rp|idr|rb|ribu|jt|juta|m|miliar|milyar|rupiah|sen)\b)[^\W\d_]{2,}|\d{15,}", re.IGNORECASE
)
"""What is no amount and may be a name or an identity number."""


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
    progress: Callable[[], None] = lambda: None,
) -> Taken:
    """Store what an export says; publish nothing but `ExportRead` (unless told not to `announce` it).

    Killed anywhere, what was committed stays, and taking the export again is harmless.
    """
    now_ms = parts.now_ms()
    taken = Taken(retrying(partial(_begin, parts, export, now_ms)))
    latest = ""
    with closing(_Seen()) as seen:
        while items := list(islice(export.items, batch)):
            staged = retrying(partial(_stage, parts, export, taken.export, items, now_ms))
            taken.rows += len(items)
            taken.rejected += len(staged.rejected)
            taken.copies += seen.add(staged.digests)
            taken.problem = next((item.message for item in staged.rejected if item.damaged), taken.problem)
            latest = max(latest, staged.latest)
            progress()
    observed = export.observed if export.dated or not latest else latest
    retrying(partial(_end, parts, export, taken, observed, announce=announce))
    return taken


def _begin(parts: Parts, export: Export, now_ms: int) -> int:
    with parts.store.write() as tx:
        return tx.insert(
            "insert into export (source, kind, file, observed, at_ms, traceparent) values (?, ?, ?, ?, ?, ?)",
            *(export.source, export.kind, export.file, export.observed, now_ms, export.traceparent),
        )


def _end(parts: Parts, export: Export, taken: Taken, observed: str, *, announce: bool) -> None:
    """Note when the export was made, and what it lacks; a damaged one can't tell that."""
    with parts.store.write() as tx:
        tx.exclusively("export")  # an export that was read before is announced once
        tx.run("update subject set observed = ? where export = ? and observed < ?", observed, taken.export, observed)
        if announce and taken.problem is None:
            taken.gone = exports.gone(tx, export.kind, observed)
            tx.run("update export set rows = ?, observed = ? where id = ?", taken.rows, observed, taken.export)
            _publish_export_read(tx, parts, export, taken, observed)


@dataclass(frozen=True, slots=True)
class _Staged:
    """What one batch came to: digests of its good rows, its rejected rows, the latest observed time."""

    digests: list[bytes]
    rejected: list[Rejected]
    latest: str


def _stage(parts: Parts, export: Export, number: int, items: list[Stated | Rejected], now_ms: int) -> _Staged:
    """Store one batch, whole or not at all."""
    told = [_storable(export, item) for item in items]
    stated = [item for item in told if isinstance(item, Stated)]
    rejected = [item for item in told if isinstance(item, Rejected)]
    digests = [content_digest(row.event, row.key, row.version, row.content) for row in stated]
    with parts.store.write() as tx:
        known = {row[0] for row in tx.where_in("select digest from content where digest in (?*)", list(set(digests)))}
        contents: list[tuple[bytes, int | None, str | None, bytes]] = []
        good: list[tuple[Stated, bytes]] = []
        for row, digest in zip(stated, digests, strict=True):
            if digest not in known:
                body = encode_row(row.event, row.content)
                if isinstance(body, tuple):
                    rejected.append(_bad_field(export, row, *body))
                    continue
                if _event_bytes(row, body) > MAX_RECORD_BYTES:
                    rejected.append(_oversize(export, row, _event_bytes(row, body)))
                    continue
                contents.append((digest, row.event_ms, row.unit, body))
                known.add(digest)
            good.append((row, digest))
        tx.merge("content", sorted(contents), "(digest) do nothing")
        tx.merge(
            "statement",
            sorted(
                {
                    (row.event, row.key, row.version, row.observed, digest, int(State.NEW), number)
                    for row, digest in good
                }
            ),
            "(event, key, version, observed, digest) do update set export = excluded.export where statement.state = 0",
        )
        tx.merge(
            "subject",
            sorted({(export.kind, row.key, "", number) for row, _ in good if not CATALOGUE[row.event].journal}),
            "(kind, key) do update set export = excluded.export",
        )
        tx.many(
            "update subject set export = ? where kind = ? and (key = ? or key >= ? and key < ?)",
            [(number, export.kind, key, f"{key}|", f"{key}}}") for key in sorted({i.key for i in rejected if i.key})],
        )
        deadletters.park(tx, [_letter(export, item) for item in rejected], now_ms)
    return _Staged([digest for _, digest in good], rejected, max((row.observed for row, _ in good), default=""))


def _storable(export: Export, item: Stated | Rejected) -> Stated | Rejected:
    """A row whose key is none that a store can hold is rejected."""
    problem = key_problem(item.key, item.version) if isinstance(item, Stated) else None
    if problem is None:
        return item
    reason, why = problem
    return Rejected(
        reason=reason,
        message=f"{export.file} {item.place}: {why}. Correct it in the source and export again, or discard.",
        place=item.place,
        original=item.original,
        key=plain(item.key),
    )


def _bad_field(export: Export, row: Stated, column: str, wrong: Wrong) -> Rejected:
    said = "" if CATALOGUE[row.event].personal_key else f" (key {row.key})"
    return Rejected(
        reason="bad_money",
        message=f'{export.file} {row.place}{said}: {column} "{_shown(wrong.raw)}" {wrong.why}. '
        "Correct it in the source and export again, or redrive with a fix.",
        place=row.place,
        original=row.original,
        key=row.key,
    )


def _event_bytes(row: Stated, body: bytes) -> int:
    """How large the row's event can become at most; its key stands in it twice."""
    return len(body) + 2 * len(row.key.encode()) + len(row.version.encode()) + len((row.unit or "").encode()) + _HEADERS


def _oversize(export: Export, row: Stated, size: int) -> Rejected:
    return Rejected(
        reason="oversize",
        message=f"{export.file} {row.place}: an event of {size:,} bytes, and a log takes {MAX_RECORD_BYTES:,}. "
        "Shorten the row's longest text in the source and export again, or discard.",
        place=row.place,
        original=row.original,
        key=row.key,
    )


def _shown(text: str) -> str:
    """What a message shows of a text that should be an amount.

    >>> _shown("1,5 jt"), _shown("BUDI SANTOSO 198501012010011001")
    ('1,5 jt', '… … …')
    """
    shown = _HIDDEN.sub("…", text)
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"


def _letter(export: Export, item: Rejected) -> deadletters.DeadLetter:
    context = {**export.context, "kind": export.kind, "observed": export.observed, "file": export.file}
    return deadletters.DeadLetter(
        origin="adapter",
        reason=item.reason,
        source=export.source,
        place=f"{export.file} {item.place}",
        message=item.message,
        original=item.original,
        event=export.event,
        topic=CATALOGUE[export.event].topic,
        key=item.key,
        node=None if item.key is None else item.key.split("|")[0],
        context={**context, "damaged": "yes"} if item.damaged else context,
    )


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
        "tahun_anggaran": export.stated.get("tahun_anggaran"),
    }
    digest = content_digest(EXPORT_READ.name, key, "", {name: str(value) for name, value in values.items()})
    name = event_id(digest, observed)
    if tx.one("select 1 from export where event_id = ?", name):
        return
    tx.run("update export set event_id = ? where id = ?", name, taken.export)
    envelope = Envelope(
        name, EXPORT_READ.name, f"/{key}", key, "", observed, digest.hex(), traceparent=export.traceparent
    )
    outbox.put(tx, parts.log, [event_record(parts.codec, envelope, encode_values(EXPORT_READ.name, values))])
