"""Mending dead letters: redrive one, by reason or all, with a reviewed fix where a class of errors needs one."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from adapters import Setting, read_again
from adapters.csvrows import CsvRow, Header, csv_rows
from bus import Parts
from bus.intake import Export, Rejected, Stated, settle, take
from bus.ports import Record
from bus.store import deadletters, outbox
from bus.store.deadletters import DeadLetter
from ops.tukin.policies import checked_one
from schemas import Malformed, Undecodable, money_columns, read_headers
from schemas.times import zone_named
from schemas.values import Wrong

__all__ = ["FIXES", "Redriven", "redrive"]


def _strip_nul(original: bytes, _event: str) -> bytes:
    return original.replace(b"\0", b"").replace(b"\\u0000", b"")


def _latin1(original: bytes, _event: str) -> bytes:
    """Read only those bytes as Windows-1252 that are no UTF-8."""
    text = original.decode("utf-8", "surrogateescape")
    return _NO_UTF8.sub(
        lambda run: run[0].encode("utf-8", "surrogateescape").decode("cp1252", "replace"), text
    ).encode()


_NO_UTF8 = re.compile("[\udc80-\udcff]+")
_INDONESIAN = rb'(\s*:\s*)"\s*(Rp\.?)?\s*(-?\d{1,3}(?:\.\d{3})+|-?\d+)(?:,(\d{1,2}|-))?\s*"'


def _indonesian_money(original: bytes, event: str) -> bytes:
    """Rewrite the money columns alone: a document number may look like money."""
    if not original.lstrip().startswith(b"{"):
        return _indonesian_cells(original, event)

    def plain(match: re.Match[bytes]) -> bytes:
        name, between, currency, whole, sen = match.groups()
        if not (currency or sen or b"." in whole):
            return match[0]
        return name + between + b'"' + whole.replace(b".", b"") + (b"." + sen if sen and sen != b"-" else b"") + b'"'

    names = b"|".join(re.escape(column).encode() for column in money_columns(event))
    return re.sub(b'("(?:' + names + b')")' + _INDONESIAN, plain, original)


_INDONESIAN_CELL = re.compile(r"\s*(?:Rp\.?)?\s*(-?\d{1,3}(?:\.\d{3})+|-?\d+)(?:,(\d{1,2}|-))?\s*", re.ASCII)


def _indonesian_cells(original: bytes, event: str) -> bytes:
    """The same for a row of CSV behind its header."""
    money = frozenset(money_columns(event))
    header, *rows = csv_rows(io.BytesIO(original), money)
    if not isinstance(header, Header) or len(rows) != 1 or not isinstance(row := rows[0], CsvRow):
        return original
    cells = [_plain(cell) if name in money else cell for name, cell in zip(header.names, row.cells, strict=True)]
    out = io.StringIO()
    csv.writer(out, delimiter=header.separator, lineterminator="\n").writerow(cells)
    return header.original + out.getvalue().encode()


def _plain(cell: str) -> str:
    match = _INDONESIAN_CELL.fullmatch(cell)
    if match is None:
        return cell
    whole, sen = match.groups()
    return whole.replace(".", "") + (f".{sen}" if sen and sen != "-" else "")


FIXES: Mapping[str, Callable[[bytes, str], bytes]] = {
    "strip-nul": _strip_nul,
    "latin1": _latin1,
    "indonesian-money": _indonesian_money,
}
"""Reviewed fixes of rows by name, from the row's bytes and event type: drop NUL characters; read bytes that are no
UTF-8 as Windows-1252; read money such as ``"Rp 1.500.000,00"`` as ``"1500000.00"``."""


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
    with parts.store.alone(wait=True):
        for letter in letters:
            done.redriven += 1
            if _mended(parts, letter, fix):
                done.applied += 1
                with parts.store.write() as tx:
                    deadletters.close(tx, letter.id, "redriven", fix or "as it was", parts.now_ms())
            else:
                done.failed_again += 1
        settle(parts)
    outbox.relay(parts.store, parts.log)
    return done


def _mended(parts: Parts, letter: DeadLetter, fix: str | None) -> bool:
    """Try one letter again. Fixes are for rows: they would break the frame of a record."""
    if letter.origin == "consumer":
        return _record(parts, letter)
    fixed = FIXES[fix](letter.original, letter.event or "") if fix else letter.original
    return _row(parts, letter, fixed)


def _again(parts: Parts, letter: DeadLetter, message: str) -> bool:
    with parts.store.write() as tx:
        deadletters.park(tx, [replace(letter, message=message)], parts.now_ms())
    return False


def _row(parts: Parts, letter: DeadLetter, original: bytes) -> bool:
    source, kind = letter.source, letter.context.get("kind") or ""
    zone = zone_named(letter.context.get("zone") or "Asia/Makassar")
    if isinstance(zone, Wrong) or letter.context.get("damaged"):
        return _again(parts, letter, letter.message)
    file = letter.context.get("file") or kind
    items = [
        checked_one(read_again(source, kind, original, Setting(file, zone, observed, letter.context.get("device"))))
        for observed in letter.observed
    ]
    place = letter.place.removeprefix(f"{file} ")
    for item in items:
        if isinstance(item, Rejected):
            message = item.message.replace(f"{file} {item.place}", letter.place, 1)
            return _again(parts, replace(letter, reason=item.reason), message)
    stated = [replace(item, original=letter.original, place=place) for item in items if isinstance(item, Stated)]
    export = Export(
        source=source,
        kind=kind,
        event=letter.event or "",
        file=file,
        observed=letter.observed[-1],
        items=iter(stated),
        sha256=str,
        context=letter.context,
    )
    return not take(parts, export, announce=False).rejected


def _record(parts: Parts, letter: DeadLetter) -> bool:
    """Append the record to the log again, if it can be decoded now: what is known later is recorded later."""
    context, value = letter.context, letter.original
    names = [name for name in context if not name.startswith("__connect.")]
    headers = tuple((name, str(context[name]).encode()) for name in names)
    try:
        envelope = read_headers(headers)
        parts.codec.decode(value, envelope.type)
    except (Malformed, Undecodable) as error:
        return _again(parts, letter, f"{letter.place}: still {error}. Mend its producer, or discard.")
    key = letter.key or envelope.key
    with parts.store.write() as tx:
        outbox.put(tx, parts.log, [(letter.topic or "", key, Record.of(key.encode(), value, headers))])
    return True
