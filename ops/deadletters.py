"""Mending dead letters: redrive one, by reason or all, with a reviewed fix where a class of errors needs one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from adapters import Setting, read_again
from bus import Parts
from bus.intake import Export, Rejected, Stated, settle, take
from bus.ports import Record
from bus.store import deadletters, outbox
from bus.store.deadletters import DeadLetter
from schemas import Malformed, Undecodable, read_headers
from schemas.times import zone_named
from schemas.values import Wrong

__all__ = ["FIXES", "Redriven", "redrive"]


def _strip_nul(original: bytes) -> bytes:
    return original.replace(b"\0", b"").replace(b"\\u0000", b"")


def _latin1(original: bytes) -> bytes:
    return original.decode("cp1252", "replace").encode()


_INDONESIAN = re.compile(rb'"(?:Rp\.?\s*)?(-?\d{1,3}(?:\.\d{3})+|-?\d+)(?:,(\d{1,2}))?"')


def _indonesian_money(original: bytes) -> bytes:
    def plain(match: re.Match[bytes]) -> bytes:
        marked = b"." in match[1] or match[2] is not None or b"Rp" in match[0]
        if not marked:
            return match[0]
        return b'"' + match[1].replace(b".", b"") + (b"." + match[2] if match[2] else b"") + b'"'

    return _INDONESIAN.sub(plain, original)


FIXES: Mapping[str, Callable[[bytes], bytes]] = {
    "strip-nul": _strip_nul,
    "latin1": _latin1,
    "indonesian-money": _indonesian_money,
}
"""Reviewed fixes by name: drop NUL characters; read the bytes as Windows-1252; read texts such as
``"Rp 1.500.000,00"`` as ``"1500000.00"``."""


@dataclass(slots=True)
class Redriven:
    """What a redrive did: letters tried, letters that are mended, letters that failed again."""

    redriven: int = 0
    applied: int = 0
    failed_again: int = 0


def redrive(parts: Parts, letters: Sequence[DeadLetter], fix: str | None) -> Redriven:
    """Try letters again; each succeeds or stays the same letter, one attempt older.

    A row becomes a statement as if its file had been right; a record of the log is decoded again.
    """
    done = Redriven()
    for letter in letters:
        done.redriven += 1
        bytes_now = FIXES[fix](letter.original) if fix else letter.original
        work = _row if letter.origin == "adapter" else _record
        if work(parts, letter, bytes_now):
            done.applied += 1
            with parts.store.write() as tx:
                deadletters.close(tx, letter.id, "redriven", fix or "as it was", parts.now_ms())
        else:
            done.failed_again += 1
    settle(parts)
    outbox.relay(parts.store, parts.log)
    return done


def _again(parts: Parts, letter: DeadLetter, message: str) -> bool:
    with parts.store.write() as tx:
        deadletters.park(tx, [replace(letter, message=message)], parts.now_ms())
    return False


def _row(parts: Parts, letter: DeadLetter, original: bytes) -> bool:
    source, kind = letter.source, letter.context.get("kind") or ""
    zone = zone_named(letter.context.get("zone") or "Asia/Makassar")
    if isinstance(zone, Wrong) or letter.context.get("damaged") == "True":
        return _again(parts, letter, letter.message)
    file = letter.context.get("file") or kind
    observed = letter.context.get("observed") or ""
    item = read_again(source, kind, original, Setting(file, zone, observed, letter.context.get("device")))
    if isinstance(item, Rejected):
        return _again(parts, letter, item.message)
    return _state(parts, letter, replace(item, original=letter.original), (source, kind, file))


def _state(parts: Parts, letter: DeadLetter, item: Stated, names: tuple[str, str, str]) -> bool:
    """Take a mended row in; a field that can't be encoded parks it again under the same id."""
    export = Export(*names, observed=item.observed, items=iter([item]), sha256=str, context=letter.context)
    return not take(parts, export, announce=False).rejected


def _record(parts: Parts, letter: DeadLetter, value: bytes) -> bool:
    """Append the record to the log again, if it can be decoded now: what is known later is recorded later."""
    context = letter.context
    names = [name for name in context if not name.startswith("__connect.")]
    headers = tuple((name, str(context[name]).encode()) for name in names)
    try:
        envelope = read_headers(headers)
        parts.codec.decode(value, envelope.type)
    except (Malformed, Undecodable) as error:
        return _again(parts, letter, f"{letter.place}: still {error}. Mend its producer, or discard.")
    key = letter.key or envelope.key
    with parts.store.write() as tx:
        outbox.put(tx, parts.log, [(letter.topic or "", key, Record(key.encode(), value, headers))])
    return True
