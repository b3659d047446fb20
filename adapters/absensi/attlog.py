"""Attendance devices' attlog files: five, six or named columns, tabs or commas; one punch a line.

Which column is the device's serial number differs from layout to layout, so the device is, in this order: a
named device column, ``--device``, the manifest, a first line with the serial number alone, the third of six
columns. Status and verify are kept as written: direction comes from the schedule, not from them.

Only a file that begins with a serial number (the devices' extended form) may end with a checksum.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from zoneinfo import ZoneInfo

from adapters.files import READ_ERRORS, FileKind
from adapters.jsonrows import MAX_ROW, Reads
from adapters.lines import lines as read_lines
from adapters.shown import masked
from bus.intake import Rejected, Stated
from schemas import join_key
from schemas.times import instant, utc_text
from schemas.values import Wrong

__all__ = ["KINDS", "read_file", "read_original"]

KINDS = (
    FileKind(
        source="absensi",
        name="attlog",
        pattern=r".*attlog.*\.(dat|txt|csv|tsv)(\.gz)?|.*\.dat(\.gz)?|punches.*\.csv(\.gz)?",
        stage="attendance",
        event="AttendancePunched",
        shown="*attlog*.dat",
    ),
)

_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_SERIAL = re.compile(r"(?!\d{15})(?=(?:[A-Z-]*\d){3})(?=.{5,24}\Z)[A-Z0-9]+(?:-[A-Z0-9]+)?", re.ASCII)
"""A device's serial number alone on its line: capitals and digits, one hyphen at most. Devices' own have up to 14
digits in a row; a NIK has 16, a NIP 18."""

_CHECKSUM = re.compile(r"[0-9A-Fa-f]{1,64}", re.ASCII)
_NAMES = {
    "device": "device", "deviceid": "device", "sn": "device", "serial": "device",
    "pin": "pin", "id": "pin", "userid": "pin", "user_id": "pin", "usercustomid": "pin",
    "time": "time", "datetime": "time", "timestamp": "time", "devicetime": "time", "waktu": "time",
    "name": "name", "nama": "name", "status": "status", "recordpunch": "status", "punch": "status",
    "verify": "verify", "verified": "verify", "recordstatus": "verify", "workcode": "workcode",
}  # fmt: skip
"""Columns of files with a header, by their name in lower case."""

_FIVE = ("pin", "time", "device_column", "status", "verify")
_NAMED_FIVE = ("pin", "name", "time", "device_column", "status")
_SIX = ("pin", "time", "device_column", "status", "verify", "workcode")


@dataclass(slots=True)
class _File:
    """What is known of the file so far: its opening line (a header or a serial number), and what that said."""

    file: str
    zone: ZoneInfo
    observed: str
    device: str | None
    header: tuple[str, ...] | None = None
    separator: str = "\t"
    begun: bool = False
    extended: bool = False
    opening: bytes = b""

    def cells(self, text: str) -> list[str]:
        """Split a line; cells of files with a header, or with another separator than tabs, may be quoted.

        Raises:
            csv.Error: a quote is never closed.
        """
        if self.header is None and self.separator == "\t":
            return [cell.strip() for cell in text.split("\t")]
        return _quoted(text, self.separator)


def _quoted(text: str, separator: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([text], delimiter=separator, strict=True))]


def read_file(
    stream: Reads, *, file: str, zone: ZoneInfo, observed: str, device: str | None = None
) -> Iterator[Stated | Rejected]:
    """Read the punches of one file, in its order, one at a time."""
    known = _File(file, zone, observed, device)
    lines = (line.removesuffix(b"\n") for line in read_lines(stream))
    start = next(lines, None)
    if start is None:
        why = "the file has no byte. Export it again, or remove it if nobody punched"
        yield Rejected("empty_file", f"{file} start: {why}.", "start", b"", damaged=True)
        return
    for number, line, following in _followed(chain([start], lines)):
        item = _line(known, number, line, following)
        if item is not None:
            yield item


def read_original(
    original: bytes, *, file: str, zone: ZoneInfo, observed: str, device: str | None
) -> Stated | Rejected:
    """Read one line again from its bytes, which begin with the opening line of its file if there was one."""
    known = _File(file, zone, observed, device)
    items = [_line(known, *line) for line in _followed(original.split(b"\n"))]
    item = items[-1] if items else None
    return item or Rejected("bad_line", f"{file}: the line holds no punch.", "redrive", original)


def _followed(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes, bytes | None]]:
    """Number and bytes of each line that isn't blank, with the next such line; that is empty if it can't be read."""
    held: tuple[int, bytes] | None = None
    try:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            if held is not None:
                yield *held, line
            held = number, line
    except READ_ERRORS:
        if held is not None:
            yield *held, b""
        raise
    if held is not None:
        yield *held, None


def _line(known: _File, number: int, line: bytes, following: bytes | None) -> Stated | Rejected | None:
    """Read a line; ``following`` is the next one that isn't blank. None: it belongs to the form, not to the rows."""
    first, known.begun = not known.begun, True
    place = f"row {number}"

    def reject(reason: str, why: str, remedy: str = "Correct it in the export and ingest again.") -> Rejected:
        return Rejected(reason, f"{known.file} {place}: {why}. {remedy}", place, known.opening + line)

    if len(line) > MAX_ROW:
        return reject("oversize", f"the line is too long, the limit is {MAX_ROW} bytes")
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r")
    except UnicodeDecodeError:
        return reject("wrong_encoding", "the line holds bytes that are no UTF-8")
    if "\0" in text:
        return reject("nul_byte", "the line holds a NUL character")
    if not text.strip():
        return None
    if first and _begin(known, text, following):
        known.opening = line + b"\n"
        return None
    if known.extended and following is None and _CHECKSUM.fullmatch(text):
        return None
    try:
        cells = known.cells(text)
    except csv.Error as error:
        return reject("bad_line", f"the line's quotes can't be read ({error})")
    columns = _columns(known, cells)
    if columns is None:
        return reject("bad_line", f"{len(cells)} columns are no attlog line of five, six or named columns")
    return _punch(known, columns, line, reject, place)


def _begin(known: _File, text: str, following: bytes | None) -> bool:
    """Look at the first line: a serial number alone, or a header; tell whether it is used up."""
    for separator in ("\t", ";", ","):
        names = _header(text, separator)
        if {"pin", "time"} <= set(names):
            known.header, known.separator = names, separator
            return True
    if _SERIAL.fullmatch(text) and (following is None or b"\t" in following):
        known.device = known.device or text
        known.extended = True
        return True
    if "\t" not in text and "," in text:
        known.separator = ","
    return False


def _header(text: str, separator: str) -> tuple[str, ...]:
    try:
        return tuple(_NAMES.get(cell.lower(), cell) for cell in _quoted(text, separator))
    except csv.Error:
        return ()


def _columns(known: _File, cells: list[str]) -> Mapping[str, str] | None:
    if known.header is not None:
        layout = known.header if len(cells) == len(known.header) else None
    elif len(cells) > 2 and not _TIME.fullmatch(cells[1]) and _TIME.fullmatch(cells[2]):  # noqa: PLR2004
        layout = _NAMED_FIVE if len(cells) <= len(_NAMED_FIVE) else None
    elif len(cells) < 2:  # noqa: PLR2004 - PIN and time
        layout = None
    else:
        layout = _SIX if len(cells) == len(_SIX) else _FIVE if len(cells) == len(_FIVE) else None
        if layout is None and len(cells) == 3 and not known.header:  # noqa: PLR2004
            layout = ("pin", "time", "status")
    return None if layout is None else dict(zip(layout, cells, strict=False))


def _punch(
    known: _File, columns: Mapping[str, str], line: bytes, reject: Callable[..., Rejected], place: str
) -> Stated | Rejected:
    pin = columns.get("pin", "").lstrip("0") or ("0" if columns.get("pin") else "")
    if not pin:
        rejected: Rejected = reject("missing_key", "the PIN is blank, and the key is made of it")
        return rejected
    device = columns.get("device") or known.device
    if device is None and known.header is None and len(columns) == len(_SIX):
        device = columns["device_column"]
    if not device:
        return reject("missing_device", "no device is named", "Ingest again with --device SERIAL.")
    time = columns.get("time", "")
    moment = instant(time, known.zone, trust_offset=True) if _TIME.fullmatch(time) else Wrong(time, "is no time")
    if isinstance(moment, Wrong):
        return reject("bad_date", f'time "{masked(time)}" {moment.why}')
    moment -= moment % 1000
    content = {name: cell for name, cell in sorted({**columns, "device": device}.items()) if cell}
    return Stated(
        event="AttendancePunched",
        key=join_key([device, pin, f"{utc_text(moment)[:19]}Z"]),
        version="",
        observed=known.observed,
        event_ms=moment,
        unit=None,
        content=content,
        place=place,
        original=known.opening + line,
    )
