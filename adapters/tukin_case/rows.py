"""Tables of a case folder as statements for the bus: one CSV row, or one policy, is one event.

A row that pay could not be computed from (no date, no time where one is needed) is rejected here, with its reason.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import yaml

from adapters.files import FileKind
from adapters.jsonrows import MAX_ROW, Reads
from adapters.shown import masked
from bus.intake import Rejected, Stated
from schemas import join_key
from schemas.times import calendar_date, instant, utc_text
from schemas.values import Wrong

__all__ = ["KINDS", "read_file", "read_original"]

_BLOCK = 1 << 18
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}(\.\d{1,12})?", re.ASCII)
_WHOLE = re.compile(r"\d{1,6}", re.ASCII)
_UTC = ZoneInfo("UTC")
_DAT = b"pin\ttime\tdevice\tstatus\tverify\tworkcode"
"""Columns of punches.dat, which has no header."""
_MANUAL = ("alat_rusak", "belum_terdaftar", "kahar")


class _Reject(Exception):
    def __init__(self, reason: str, problem: str) -> None:
        self.reason = reason
        self.problem = problem


@dataclass(frozen=True, slots=True)
class _Table:
    """One kind of table: its event, columns of its key, the column of its event time, and what is checked."""

    event: str
    key: tuple[str, ...]
    time: str
    check: Callable[[Mapping[str, str]], None]
    renamed: Mapping[str, str]


def _day(cells: Mapping[str, str], column: str, *, blank: bool = False) -> None:
    text = cells.get(column, "")
    if blank and not text:
        return
    if not _DAY.fullmatch(text) or isinstance(calendar_date(text), Wrong):
        raise _Reject("bad_date", f'{column} "{masked(text)}" is no date YYYY-MM-DD')


def _matches(cells: Mapping[str, str], column: str, form: re.Pattern[str], what: str, *, blank: bool = False) -> None:
    text = cells.get(column, "")
    if not (blank and not text) and not form.fullmatch(text):
        raise _Reject("bad_value", f'{column} "{masked(text)}" is no {what}')


def _one_of(cells: Mapping[str, str], column: str, *allowed: str) -> None:
    if cells.get(column, "") not in allowed:
        raise _Reject("bad_value", f"{column} is none of {', '.join(allowed)}")


def _employee(cells: Mapping[str, str]) -> None:
    _day(cells, "tmt_start")
    for column in ("tmt_end", "plt_mulai", "plt_selesai"):
        _day(cells, column, blank=True)


def _pin(cells: Mapping[str, str]) -> None:
    _day(cells, "berlaku_mulai")
    _day(cells, "berlaku_sampai", blank=True)


def _calendar(cells: Mapping[str, str]) -> None:
    _day(cells, "date")
    if cells.get("status") != "void":
        _one_of(cells, "kind", "libur", "cuti_bersama", "ramadan", "apel", "khusus")
        _matches(cells, "time", _CLOCK, "time HH:MM", blank=True)


def _roster(cells: Mapping[str, str]) -> None:
    _day(cells, "date")
    _one_of(cells, "kind", "shift", "off")
    if cells["kind"] == "shift":
        _matches(cells, "start", _CLOCK, "time HH:MM")
        _matches(cells, "end", _CLOCK, "time HH:MM")


def _excuse(cells: Mapping[str, str]) -> None:
    if cells.get("status") != "approved":
        return
    _day(cells, "date_from")
    _day(cells, "date_to", blank=True)
    if cells.get("kind") in ("manual_in", "manual_out") and cells.get("reason") in _MANUAL:
        _matches(cells, "time", _CLOCK, "time HH:MM")


def _sanction(cells: Mapping[str, str]) -> None:
    if cells.get("status") == "approved":
        _matches(cells, "start_month", _MONTH, "month YYYY-MM")
        _matches(cells, "pct", _NUMBER, "percent", blank=True)
        _matches(cells, "months", _WHOLE, "number of months", blank=True)


def _amount(cells: Mapping[str, str]) -> None:
    _day(cells, "berlaku")
    _matches(cells, "amount_rp", _NUMBER, "amount of rupiah")


def _punch(cells: Mapping[str, str]) -> None:
    text = cells.get("time", "")
    if not _TIME.fullmatch(text) or isinstance(instant(text, _UTC, trust_offset=True), Wrong):
        raise _Reject("bad_date", f'time "{masked(text)}" is no time YYYY-MM-DD HH:MM:SS')


_PINS = {"device": "sn", "valid_from": "berlaku_mulai", "valid_to": "berlaku_sampai"}

_TABLES: dict[str, _Table] = {
    "employees": _Table("EmployeeListed", ("nip", "tmt_start"), "tmt_start", _employee, {}),
    "pins": _Table("PinAssigned", ("sn", "pin", "berlaku_mulai"), "berlaku_mulai", _pin, _PINS),
    "calendar": _Table("CalendarDayDeclared", ("date", "kind"), "date", _calendar, {}),
    "roster": _Table("DutyRostered", ("nip", "date"), "date", _roster, {}),
    "excuses": _Table("ExcuseFiled", ("id",), "date_from", _excuse, {}),
    "sanctions": _Table("SanctionImposed", ("id",), "start_month", _sanction, {}),
    "class_amounts": _Table("ClassAmountSet", ("table", "kelas", "berlaku"), "berlaku", _amount, {}),
    "punches": _Table("AttendancePunched", ("device", "pin", "time"), "time", _punch, {}),
}
"""Every table by the name of its file."""

_STAGES = {"employees": "staffing", "sanctions": "staffing", "class_amounts": "pay", "policy": "pay"}

KINDS = (
    *(
        FileKind(
            "tukin-case", name, rf"{name}\.csv(\.gz)?", _STAGES.get(name, "attendance"), table.event, f"{name}.csv"
        )
        for name, table in _TABLES.items()
        if name != "punches"
    ),
    FileKind("tukin-case", "policy-book", r"policy-book\.ya?ml", "pay", "PolicyBookPublished", "policy-book.yaml"),
    FileKind("tukin-case", "policy", r"policy\.ya?ml", "pay", "PolicyPublished", "policy.yaml"),
    FileKind(
        "tukin-case", "punches", r"punches\.(dat|csv)(\.gz)?", "attendance", "AttendancePunched", "punches.dat, .csv"
    ),
)


def read_file(stream: Reads, *, file: str, kind: str, zone: ZoneInfo, observed: str) -> Iterator[Stated | Rejected]:
    """Rows of one table, in its order, or the policies of a file."""
    if kind == "policy":
        yield from _policies(b"".join(iter(lambda: stream.read(_BLOCK), b"")), _Reading(file, kind, zone, observed))
        return
    if kind == "policy-book":
        yield _book(b"".join(iter(lambda: stream.read(_BLOCK), b"")), _Reading(file, kind, zone, observed))
        return
    header = _DAT if kind == "punches" and ".dat" in file.lower() else None
    columns: Sequence[str] = _columns(header) if header else ()
    reading = _Reading(file, kind, zone, observed)
    seen: dict[str, int] = {}
    for number, line in enumerate(_lines(stream), 1):
        if not line.strip():
            continue
        if header is None:
            header = line
            columns = _columns(line)
            continue
        item = reading.row(columns, header, line, f"row {number}")
        yield item if kind == "punches" else _once(item, seen, reading.file)


def read_original(original: bytes, *, file: str, kind: str, zone: ZoneInfo, observed: str) -> Stated | Rejected:
    """Read one row again from its bytes: the header line and its own; of a policy, its whole text."""
    reading = _Reading(file, kind, zone, observed)
    if kind == "policy":
        found = list(_policies(original, reading))
        return found[0] if len(found) == 1 else Rejected("bad_policy", f"{file}: not one policy.", "redrive", original)
    if kind == "policy-book":
        return _book(original, reading)
    header, _, line = original.partition(b"\n")
    return reading.row(_columns(header), header, line, "redrive")


def _lines(stream: Reads) -> Iterator[bytes]:
    rest = b""
    while block := stream.read(_BLOCK):
        *whole, rest = (rest + block).split(b"\n") if len(rest) <= MAX_ROW else (*block.split(b"\n")[1:], b"")
        yield from whole
    if rest:
        yield rest


def _columns(header: bytes) -> Sequence[str]:
    try:
        text = header.decode("utf-8-sig").rstrip("\r")
        return [cell.strip() for cell in (text.split("\t") if header == _DAT else next(csv.reader([text])))]
    except (UnicodeDecodeError, csv.Error, StopIteration):
        return ()


def _once(item: Stated | Rejected, seen: dict[str, int], file: str) -> Stated | Rejected:
    """A key stands once in a file; the same row twice is a copy."""
    if isinstance(item, Rejected):
        return item
    content = hash(tuple(item.content.items()))
    if seen.setdefault(item.key, content) == content:
        return item
    why = "the key of this row stands in the file before, with another content. Keep one of them and ingest again."
    return Rejected("duplicate_key", f"{file} {item.place}: {why}", item.place, item.original)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What is known of the file that a row stands in."""

    file: str
    kind: str
    zone: ZoneInfo
    observed: str

    def row(self, columns: Sequence[str], header: bytes, line: bytes, place: str) -> Stated | Rejected:
        original = header + b"\n" + line
        try:
            return self._stated(columns, header, line, place)
        except _Reject as reject:
            remedy = "Correct it in the table and ingest again."
            return Rejected(reject.reason, f"{self.file} {place}: {reject.problem}. {remedy}", place, original)

    def _stated(self, columns: Sequence[str], header: bytes, line: bytes, place: str) -> Stated:
        if len(line) > MAX_ROW:
            raise _Reject("oversize", f"the line is too long, the limit is {MAX_ROW} bytes")
        try:
            text = line.decode("utf-8").rstrip("\r")
            cells = text.split("\t") if header == _DAT else next(csv.reader([text], strict=True))
        except UnicodeDecodeError:
            raise _Reject("wrong_encoding", "the line holds bytes that are no UTF-8") from None
        except csv.Error as error:
            raise _Reject("bad_line", f"the line can't be read ({error})") from None
        table = _TABLES[self.kind]
        named = {table.renamed.get(name, name): cell.strip() for name, cell in zip(columns, cells, strict=False)}
        if any("\0" in cell for cell in named.values()):
            raise _Reject("nul_byte", "the line holds a NUL character")
        content = {name: cell for name, cell in sorted(named.items()) if name and cell}
        for column in table.key:
            if column not in content:
                raise _Reject("missing_key", f"{column} is blank or no column, and the key is made of it")
        table.check(content)
        moment = self._event_ms(content.get(table.time, ""))
        if self.kind == "punches" and moment is not None:
            moment -= moment % 1000
        key = join_key(_part(column, content[column], moment) for column in table.key)
        return Stated(table.event, key, "", self.observed, moment, None, content, place, header + b"\n" + line)

    def _event_ms(self, text: str) -> int | None:
        moment = instant(f"{text}-01" if _MONTH.fullmatch(text) else text, self.zone, trust_offset=True)
        return None if isinstance(moment, Wrong) else moment


def _part(column: str, text: str, moment: int | None) -> str:
    """A part of a key: a PIN without its leading zeros; of a punch its instant, as in the devices' own files."""
    if column == "time" and moment is not None:
        return f"{utc_text(moment)[:19]}Z"
    return text.lstrip("0") or "0" if column == "pin" else text


def _policies(data: bytes, reading: _Reading) -> Iterator[Stated | Rejected]:
    """Policies of a YAML file: each is one fact, whole."""

    def reject(why: str, original: bytes = data) -> Rejected:
        return Rejected("bad_policy", f"{reading.file}: {why}. Correct the file and ingest again.", "policy", original)

    try:
        found = yaml.safe_load(data.decode("utf-8-sig"))
    except (yaml.YAMLError, ValueError, RecursionError):
        yield reject("no readable YAML")
        return
    for number, policy in enumerate(found if isinstance(found, list) else [found] if found else [], 1):
        if not isinstance(policy, dict) or not isinstance(policy.get("id"), str):
            yield reject(f"policy {number} has no id")
            continue
        try:
            body = json.dumps(policy, ensure_ascii=False, separators=(",", ":"))
        except (TypeError, ValueError):
            yield reject(f"policy {number} holds a value that is no text, number or list; quote its dates")
            continue
        head = ("id", "dasar_hukum", "sumber", "status", "jenis", "diundangkan", "berlaku", "sampai")
        told = {name: str(policy[name]) for name in head if policy.get(name)}
        content = dict(sorted({**told, "isi": body}.items()))
        moment = instant(told.get("berlaku", ""), reading.zone)
        time = None if isinstance(moment, Wrong) else moment
        yield Stated(
            "PolicyPublished", join_key([policy["id"]]), "", reading.observed, time, None, content,
            f"policy {number}", body.encode(),
        )  # fmt: skip


def _book(data: bytes, reading: _Reading) -> Stated | Rejected:
    """The policy book of a file: one fact, whole."""
    try:
        body = json.dumps(yaml.safe_load(data.decode("utf-8-sig")), ensure_ascii=False, separators=(",", ":"))
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        why = "no readable YAML of texts and lists. Correct the file and ingest again."
        return Rejected("bad_policy", f"{reading.file}: {why}", "book", data)
    content = {"id": "book", "isi": body}
    return Stated("PolicyBookPublished", "book", "", reading.observed, None, None, content, "book", data)
