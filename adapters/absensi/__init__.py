"""Attendance devices' attlog files: five, six or named columns, tabs or commas; one punch a line.

Which column is the device's serial number differs from layout to layout, so the device is, in this order: a
named device column, ``--device``, the manifest, a first line with the serial number alone, the third of six
columns. Status and verify are kept as written: direction comes from the schedule, not from them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from adapters.files import FileKind
from adapters.jsonrows import MAX_ROW, Reads
from bus.intake import Rejected, Stated
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
    """What is known of the file so far: its header and its device."""

    file: str
    zone: ZoneInfo
    observed: str
    device: str | None
    header: tuple[str, ...] | None = None
    separator: str = "\t"


def read_file(
    stream: Reads, *, file: str, zone: ZoneInfo, observed: str, device: str | None = None
) -> Iterator[Stated | Rejected]:
    """Read the punches of one file, in its order, one at a time."""
    known = _File(file, zone, observed, device)
    number = 0
    for number, line in enumerate(_lines(stream), 1):
        item = _line(known, number, line)
        if item is not None:
            yield item
    if not number:
        yield Rejected(
            "empty_file",
            f"{file} start: the file has no byte. Export it again, or remove it if nobody punched.",
            "start",
            b"",
            damaged=True,
        )


def read_original(
    original: bytes, *, file: str, zone: ZoneInfo, observed: str, device: str | None
) -> Stated | Rejected:
    """Read one line again from its bytes, as a redrive does."""
    item = _line(_File(file, zone, observed, device), 1, original)
    return item or Rejected("bad_line", f"{file}: the line holds no punch.", "redrive", original)


def _lines(stream: Reads) -> Iterator[bytes]:
    """Lines without their ends; one longer than a row may be comes in one piece, too."""
    rest = b""
    while block := stream.read(1 << 18):
        pieces = (rest + block).split(b"\n") if b"\n" in block else [rest + block]
        rest = pieces.pop()
        yield from pieces
    if rest:
        yield rest


def _line(known: _File, number: int, line: bytes) -> Stated | Rejected | None:
    place = f"row {number}"

    def reject(reason: str, why: str, remedy: str = "Correct it in the export and ingest again.") -> Rejected:
        return Rejected(reason, f"{known.file} {place}: {why}. {remedy}", place, line)

    if len(line) > MAX_ROW:
        return reject("oversize", f"the line has {len(line)} bytes, the limit is {MAX_ROW}")
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r")
    except UnicodeDecodeError:
        return reject("wrong_encoding", "the line holds bytes that are no UTF-8")
    if "\0" in text:
        return reject("nul_byte", "the line holds a NUL character")
    if not text.strip():
        return None
    if number == 1 and _begin(known, text):
        return None
    cells = [cell.strip() for cell in text.split(known.separator)]
    if number > 1 and len(cells) == 1 and re.fullmatch(r"[0-9A-Fa-f]{1,64}", cells[0]):
        return None
    columns = _columns(known, cells)
    if columns is None:
        return reject("bad_line", f"{len(cells)} columns are no attlog line of five, six or named columns")
    return _punch(known, columns, line, reject, place)


def _begin(known: _File, text: str) -> bool:
    """Look at the first line: a serial number alone, or a header; tell whether it is used up."""
    for separator in ("\t", ";", ","):
        names = tuple(_NAMES.get(cell.strip().strip('"').lower(), cell.strip()) for cell in text.split(separator))
        if {"pin", "time"} <= set(names):
            known.header, known.separator = names, separator
            return True
    if _TIME.search(text) is None and "\t" not in text and re.fullmatch(r"[\w-]{4,40}", text.strip()):
        known.device = known.device or text.strip()
        return True
    if "\t" not in text and "," in text:
        known.separator = ","
    return False


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
    if device is None and len(columns) == len(_SIX):
        device = columns["device_column"]
    if not device:
        return reject("missing_device", "no device is named", "Ingest again with --device SERIAL.")
    time = columns.get("time", "")
    moment = instant(time, known.zone, trust_offset=True) if _TIME.fullmatch(time) else Wrong(time, "is no time")
    if isinstance(moment, Wrong):
        return reject("bad_date", f'time "{time[:40]}" {moment.why}')
    moment -= moment % 1000
    content = {name: cell for name, cell in sorted({**columns, "device": device}.items()) if cell}
    return Stated(
        event="AttendancePunched",
        key=f"{device}|{pin}|{utc_text(moment)[:19]}Z",
        version="",
        observed=known.observed,
        event_ms=moment,
        unit=None,
        content=content,
        place=place,
        original=line,
    )
