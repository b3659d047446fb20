"""Dead letters: what could not be used, whole, with place, reason and remedy.

A letter's identity is where it comes from and its bytes, so the same row failing again is the same letter, one
attempt older; it remembers every time that the row was observed, since a redrive has to state it at each of them.
A file's damage is of that file alone.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import NAMESPACE_URL, uuid5

from bus.store.database import Tx
from bus.store.plain import plain

__all__ = ["DeadLetter", "close", "find", "listing", "open_about", "open_count", "park"]


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
        event: event type that it would have been, where that is known.
        node: code of the object that it speaks of: the first part of its key.
    """

    origin: str
    reason: str
    source: str
    place: str
    message: str
    original: bytes
    event: str | None = None
    topic: str | None = None
    key: str | None = None
    node: str | None = None
    context: Mapping[str, str | None] = field(default_factory=dict)
    id: str = ""
    state: str = "open"
    attempts: int = 1
    at_ms: int = 0
    because: str | None = None

    def named(self) -> DeadLetter:
        """The letter with its id, UUIDv5 of where it comes from and its bytes, and with texts that can be stored."""
        sha256 = hashlib.sha256(self.original).hexdigest()
        if self.origin == "consumer":  # whichever consumer meets a record that is no event: one letter
            parts = [self.origin, self.place, sha256]
        else:
            parts = [self.origin, self.source, self.context.get("kind") or "", sha256]
            parts += [self.context.get("device") or "", self.context.get("zone") or ""]
        if self.damaged:
            parts += [self.context.get("file") or "", self.reason]
        texts = {name: plain(getattr(self, name)) for name in _TEXTS}
        return replace(self, **texts, id=str(uuid5(NAMESPACE_URL, plain("|".join(parts)))))

    @property
    def damaged(self) -> bool:
        """Whether it is a file that can't be read on, not a row of it."""
        return bool(self.context.get("damaged"))

    @property
    def observed(self) -> list[str]:
        """Every time that the row was observed, earliest first."""
        return (self.context.get("observed") or "").split()


_TEXTS = ("reason", "source", "event", "topic", "key", "node", "place", "message")
"""Fields that dirty input may have come into."""

_COLUMNS = (
    "id, state, origin, reason, source, event, topic, key, node, place, message, context, original, attempts, "
    "at_ms, because"
)


def park(tx: Tx, letters: Sequence[DeadLetter], now_ms: int) -> int:
    """Keep letters; return how many are new. One that was closed and comes again is open again.

    A discarded row stays discarded: somebody looked at these very bytes and said why. A file that is damaged
    another time is looked at another time.
    """
    parked: dict[str, list[DeadLetter]] = defaultdict(list)
    for letter in letters:
        named = letter.named()
        parked[named.id].append(named)
    new = tx.add_new("dead_letter", [_row(parked[name], now_ms) for name in sorted(parked)])
    known = tx.where_in(
        "select id, context from dead_letter where id in (?*) order by id for update",
        sorted(parked.keys() - {row[0] for row in new}),
    )
    tx.many(
        "update dead_letter set context = ?, attempts = attempts + ?, place = ?, message = ?, reason = ?, "
        "state = case when state = 'discarded' and not ? then state else 'open' end where id = ?",
        [_again(parked[name], json.loads(context)) for name, context in known],
    )
    return len(new)


def _row(letters: Sequence[DeadLetter], now_ms: int) -> tuple[object, ...]:
    """Row of a letter that came for the first time, once or several times."""
    letter = letters[-1]
    return (
        letter.id,
        "open",
        letter.origin,
        letter.reason,
        letter.source,
        letter.event,
        letter.topic,
        letter.key,
        letter.node,
        letter.place,
        letter.message,
        _context(letters, []),
        zlib.compress(letters[0].original, 1),
        len(letters),
        now_ms,
        None,
        None,
    )


def _again(letters: Sequence[DeadLetter], context: Mapping[str, str | None]) -> tuple[object, ...]:
    """What changes in a letter that came again."""
    letter = letters[-1]
    before = (context.get("observed") or "").split()
    looked_at = not (letter.damaged and {time for one in letters for time in one.observed}.difference(before))
    return (
        _context(letters, before),
        len(letters),
        letter.place,
        letter.message,
        letter.reason,
        not looked_at,
        letter.id,
    )


def _context(letters: Sequence[DeadLetter], before: Sequence[str]) -> str:
    """Context of the last letter, as JSON, with every time that the row was observed."""
    observed = sorted({*before, *(time for letter in letters for time in letter.observed)})
    context = letters[-1].context
    return json.dumps({**context, "observed": " ".join(observed)} if observed else context)


def _letter(row: tuple[object, ...]) -> DeadLetter:
    values = dict(zip(_COLUMNS.split(", "), row, strict=True))
    values["context"] = json.loads(str(values["context"]))
    values["original"] = zlib.decompress(values["original"])  # type: ignore[arg-type]  # a blob column
    return DeadLetter(**values)  # type: ignore[arg-type]  # columns are named as the fields


def listing(tx: Tx, *, reason: str | None = None, source: str | None = None) -> list[DeadLetter]:
    """Open letters, oldest first, of one reason or source if asked, without their bytes."""
    asked = {"reason": reason, "source": source}
    told = {name: text for name, text in asked.items() if text is not None}
    rows = tx.all(
        f"select {_COLUMNS.replace('original', 'null')} from dead_letter where state = 'open' "  # noqa: S608 - constants
        f"{''.join(f'and {name} = ? ' for name in told)}order by at_ms, id",
        *told.values(),
    )
    return [_letter((*row[:12], zlib.compress(b""), *row[13:])) for row in rows]


def find(tx: Tx, letter_id: str) -> DeadLetter | None:
    """One letter, open or closed."""
    row = tx.one(f"select {_COLUMNS} from dead_letter where id = ?", letter_id)  # noqa: S608 - constants
    return None if row is None else _letter(row)


def close(tx: Tx, letter_id: str, state: str, because: str, now_ms: int) -> None:
    """Close a letter as ``redriven`` or ``discarded``, with the reason."""
    tx.run(
        "update dead_letter set state = ?, because = ?, closed_ms = ? where id = ?",
        state,
        plain(because),
        now_ms,
        letter_id,
    )


def open_about(tx: Tx, codes: Sequence[str], until_ms: int) -> list[tuple[str, str | None, str]]:
    """Open letters made by some time that speak of some objects, by the objects' codes: id, event type, key."""
    found = tx.where_in(
        "select id, event, key from dead_letter where state = 'open' and at_ms <= ? and node in (?*)", codes, until_ms
    )
    return [(row[0], row[1], row[2]) for row in sorted(found)]


def open_count(tx: Tx) -> dict[str, int]:
    """Number of open letters by reason."""
    return dict(tx.all("select reason, count(*) from dead_letter where state = 'open' group by reason order by reason"))
