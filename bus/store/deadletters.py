"""Dead letters: what could not be used, whole, with place, reason and remedy.

A letter's identity is where it comes from and its bytes, so the same thing failing again is the same letter,
one attempt older.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import NAMESPACE_URL, uuid5

from bus.store.database import Tx

__all__ = ["DeadLetter", "close", "find", "listing", "open_by_node", "open_count", "park"]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One thing that could not be used.

    Attributes:
        origin: ``adapter`` (a row or file) or ``consumer`` (a record of the log).
        reason: class of error, snake case.
        source: system, or consumer.
        place: file and row, or topic, partition and offset.
        message: what happened, where, and what to do.
        context: what a redrive needs besides the bytes.
        original: the bytes themselves.
    """

    origin: str
    reason: str
    source: str
    place: str
    message: str
    original: bytes
    topic: str | None = None
    key: str | None = None
    node: str | None = None
    context: Mapping[str, str | None] = ()  # type: ignore[assignment]  # an empty mapping
    id: str = ""
    state: str = "open"
    attempts: int = 1
    at_ms: int = 0
    because: str | None = None

    def named(self) -> DeadLetter:
        """The letter with its id: UUIDv5 of origin, source, file kind and bytes."""
        kind = dict(self.context).get("kind", "")
        name = f"{self.origin}|{self.source}|{kind}|{hashlib.sha256(self.original).hexdigest()}"
        return replace(self, id=str(uuid5(NAMESPACE_URL, name)))


_COLUMNS = (
    "id, state, origin, reason, source, topic, key, node, place, message, context, original, attempts, at_ms, because"
)


def park(tx: Tx, letters: Sequence[DeadLetter], now_ms: int) -> int:
    """Keep letters; return how many are new. One that was closed and comes again is open again.

    A discarded letter stays discarded: somebody looked at these very bytes and said why.
    """
    if not letters:
        return 0
    rows = [
        (
            letter.id,
            letter.origin,
            letter.reason,
            letter.source,
            letter.topic,
            letter.key,
            letter.node,
            letter.place,
            letter.message,
            json.dumps(dict(letter.context)),
            zlib.compress(letter.original, 1),
            now_ms,
        )
        for letter in map(DeadLetter.named, letters)
    ]
    before = _total(tx)
    tx.many(
        "insert into dead_letter (id, state, origin, reason, source, topic, key, node, place, message, context, "
        "original, attempts, at_ms) values (?, 'open', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?) on conflict (id) do update "
        "set attempts = attempts + 1, place = excluded.place, message = excluded.message, reason = excluded.reason, "
        "state = case state when 'discarded' then state else 'open' end",
        rows,
    )
    return _total(tx) - before


def _total(tx: Tx) -> int:
    row = tx.one("select count(*) from dead_letter")
    return int(row[0]) if row else 0


def _letter(row: tuple[object, ...]) -> DeadLetter:
    values = dict(zip(_COLUMNS.split(", "), row, strict=True))
    values["context"] = json.loads(str(values["context"]))
    values["original"] = zlib.decompress(values["original"])  # type: ignore[arg-type]  # a blob column
    return DeadLetter(**values)  # type: ignore[arg-type]  # columns are named as the fields


def listing(tx: Tx, *, reason: str | None = None, source: str | None = None) -> list[DeadLetter]:
    """Open letters, oldest first, of one reason or source if asked, without their bytes."""
    rows = tx.all(
        f"select {_COLUMNS.replace('original', 'null')} from dead_letter where state = 'open' "  # noqa: S608 - constants
        "and (? is null or reason = ?) and (? is null or source = ?) order by at_ms, id",
        *(reason, reason, source, source),
    )
    return [_letter((*row[:11], zlib.compress(b""), *row[12:])) for row in rows]


def find(tx: Tx, letter_id: str) -> DeadLetter | None:
    """One letter, open or closed."""
    row = tx.one(f"select {_COLUMNS} from dead_letter where id = ?", letter_id)  # noqa: S608 - constants
    return None if row is None else _letter(row)


def close(tx: Tx, letter_id: str, state: str, because: str, now_ms: int) -> None:
    """Close a letter as ``redriven`` or ``discarded``, with the reason."""
    tx.run(
        "update dead_letter set state = ?, because = ?, closed_ms = ? where id = ?",
        state,
        because,
        now_ms,
        letter_id,
    )


def open_by_node(tx: Tx, nodes: Sequence[str]) -> list[str]:
    """Ids of open letters that belong to some nodes."""
    rows = tx.where_in("select id from dead_letter where state = 'open' and node in (?*) order by id", nodes)
    return [row[0] for row in rows]


def open_count(tx: Tx) -> dict[str, int]:
    """Number of open letters by reason."""
    return dict(tx.all("select reason, count(*) from dead_letter where state = 'open' group by reason order by reason"))
