"""What the pay engine is told: rows of section F as typed values. Pure.

A value that can't be read stays in its place as `Unreadable` and stops the work only when it is needed; what makes
a row's key must be readable at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple, TypeVar

from consumers.tukin.values import (
    BadInput,
    Read,
    local_time,
    parsed,
    read_clock,
    read_day,
    read_percent,
    read_rupiah,
    read_whole,
    use,
)

__all__ = [
    "Amount",
    "BadRow",
    "CalendarDay",
    "Employee",
    "Excuse",
    "Facts",
    "Pin",
    "Punch",
    "RosterRow",
    "Row",
    "Sanction",
    "gather",
    "plain_pin",
    "punch_of",
]


class Row(NamedTuple):
    """One row of a table: its cells by column, trimmed, and where it stands, for messages."""

    cells: Mapping[str, str]
    place: str

    def get(self, column: str) -> str:
        """A cell; an absent column is blank."""
        return self.cells.get(column, "")


class Punch(NamedTuple):
    """A punch (R1): local time first, so that punches sort by it; ties by device, then PIN (R5)."""

    time: datetime
    device: str
    pin: str


class BadRow(NamedTuple):
    """A line that is no punch (R3), trimmed."""

    text: str


@dataclass(frozen=True, slots=True)
class Pin:
    """Whose PIN it is on a device from a day on; ``*`` = on any device that has no row of its own."""

    device: str
    pin: str
    nip: str
    valid_from: date
    valid_to: Read[date | None]


@dataclass(frozen=True, slots=True)
class Employee:
    """One employee row: a post from a day on."""

    nip: str
    nama: str
    unit: str
    pola: str
    kelas_jabatan: str
    golongan: str
    status: str
    tmt_start: date
    tmt_end: Read[date | None]
    gaji_pokok: Read[int]
    skp_predikat: str
    tunjangan_profesi: Read[int]
    plt_kelas: str
    plt_jenis: str
    plt_mulai: Read[date | None]
    plt_selesai: Read[date | None]

    @property
    def shift(self) -> bool:
        """Works by roster only (R7)."""
        return self.pola == "shift"


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """What a date is: kinds that hold on it; for ``apel`` its time (None = start of duty)."""

    kinds: frozenset[str]
    apel: Read[timedelta | None] = None


@dataclass(frozen=True, slots=True)
class RosterRow:
    """A person's duty on a date: a shift, or off."""

    shift: bool
    start: Read[timedelta]
    end: Read[timedelta]


@dataclass(frozen=True, slots=True)
class Excuse:
    """An approved excuse row: leave, travel, a manual punch or a finding."""

    id: str
    kind: str
    part: str
    date_from: Read[date]
    date_to: Read[date]
    time: Read[timedelta]
    reason: str

    def covers(self, day: date) -> bool:
        """Tell whether it speaks of a day."""
        return use(self.date_from) <= day <= use(self.date_to)


@dataclass(frozen=True, slots=True)
class Sanction:
    """An approved sanction; None = the look-up of the policy decides."""

    id: str
    kode: str
    pct: Read[Fraction | None]
    months: Read[int | None]
    start_month: Read[date]


@dataclass(frozen=True, slots=True)
class Amount:
    """Monthly amount of a class from a day on."""

    berlaku: date
    amount_rp: Read[int]


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known at one close, by what it is looked up with.

    Attributes:
        employees: by NIP, rows by rising tmt_start.
        pins: by PIN.
        excuses, sanctions: approved ones by NIP, by id.
        amounts: by (table, class), by rising berlaku.
    """

    punches: frozenset[Punch] = frozenset()
    bad_rows: frozenset[BadRow] = frozenset()
    employees: Mapping[str, tuple[Employee, ...]] = field(default_factory=dict)
    pins: Mapping[str, tuple[Pin, ...]] = field(default_factory=dict)
    calendar: Mapping[date, CalendarDay] = field(default_factory=dict)
    roster: Mapping[str, Mapping[date, RosterRow]] = field(default_factory=dict)
    excuses: Mapping[str, tuple[Excuse, ...]] = field(default_factory=dict)
    sanctions: Mapping[str, tuple[Sanction, ...]] = field(default_factory=dict)
    amounts: Mapping[tuple[str, str], tuple[Amount, ...]] = field(default_factory=dict)


def plain_pin(text: str) -> str:
    """A PIN without leading zeros (R1)."""
    return text.strip().lstrip("0") or ("0" if text.strip() else "")


def gather(
    tables: Mapping[str, Iterable[Row]], punches: Iterable[Punch] = (), bad_rows: Iterable[BadRow] = ()
) -> Facts:
    """Facts from rows, one row a key.

    Args:
        tables: rows by table: employees, pins, calendar, roster, excuses, sanctions, class_amounts.

    Raises:
        BadInput: a date that is part of a key can't be read, or a kind is unknown.
    """
    employees: dict[str, list[Employee]] = {}
    for row in tables.get("employees", ()):
        employees.setdefault(row.get("nip"), []).append(employee(row))
    pins: dict[str, list[Pin]] = {}
    for row in tables.get("pins", ()):
        pin = _pin(row)
        pins.setdefault(pin.pin, []).append(pin)
    roster: dict[str, dict[date, RosterRow]] = {}
    for row in tables.get("roster", ()):
        roster.setdefault(row.get("nip"), {})[_key_day(row, "date")] = _roster(row)
    amounts: dict[tuple[str, str], list[Amount]] = {}
    for row in tables.get("class_amounts", ()):
        amounts.setdefault((row.get("table"), row.get("kelas")), []).append(_amount(row))
    return Facts(
        punches=frozenset(punches),
        bad_rows=frozenset(bad_rows),
        employees={nip: tuple(sorted(rows, key=lambda row: row.tmt_start)) for nip, rows in employees.items()},
        pins={pin: tuple(rows) for pin, rows in pins.items()},
        calendar=_calendar(tables.get("calendar", ())),
        roster=roster,
        excuses=_by_nip(tables.get("excuses", ()), _excuse),
        sanctions=_by_nip(tables.get("sanctions", ()), _sanction),
        amounts={key: tuple(sorted(rows, key=lambda row: row.berlaku)) for key, rows in amounts.items()},
    )


def _key_day(row: Row, column: str) -> date:
    return use(parsed(row.get(column), row.place, column, read_day))


def _open_day(row: Row, column: str) -> Read[date | None]:
    return parsed(row.get(column), row.place, column, read_day) if row.get(column) else None


def _optional_rupiah(row: Row, column: str) -> Read[int]:
    return parsed(row.get(column), row.place, column, read_rupiah) if row.get(column) else 0


def employee(row: Row) -> Employee:
    """One employee row.

    Raises:
        BadInput: its tmt_start can't be read.
    """
    return Employee(
        nip=row.get("nip"),
        nama=row.get("nama"),
        unit=row.get("unit"),
        pola=row.get("pola"),
        kelas_jabatan=row.get("kelas_jabatan"),
        golongan=row.get("golongan"),
        status=row.get("status"),
        tmt_start=_key_day(row, "tmt_start"),
        tmt_end=_open_day(row, "tmt_end"),
        gaji_pokok=parsed(row.get("gaji_pokok"), row.place, "gaji_pokok", read_rupiah),
        skp_predikat=row.get("skp_predikat"),
        tunjangan_profesi=_optional_rupiah(row, "tunjangan_profesi"),
        plt_kelas=row.get("plt_kelas"),
        plt_jenis=row.get("plt_jenis"),
        plt_mulai=_open_day(row, "plt_mulai"),
        plt_selesai=_open_day(row, "plt_selesai"),
    )


def _pin(row: Row) -> Pin:
    valid_to = _open_day(row, "valid_to")
    return Pin(row.get("device"), plain_pin(row.get("pin")), row.get("nip"), _key_day(row, "valid_from"), valid_to)


def _one_of(row: Row, column: str, allowed: Sequence[str]) -> str:
    kind = row.get(column)
    if kind not in allowed:
        raise BadInput(f"{row.place}: {column} is none of {', '.join(allowed)}. Correct it and run again.")
    return kind


_DAY_KINDS = ("libur", "cuti_bersama", "ramadan", "apel", "khusus")


def _calendar(rows: Iterable[Row]) -> dict[date, CalendarDay]:
    kinds: dict[date, set[str]] = {}
    apel: dict[date, Read[timedelta | None]] = {}
    for row in rows:
        if row.get("status") == "void":
            continue
        day, kind = _key_day(row, "date"), _one_of(row, "kind", _DAY_KINDS)
        kinds.setdefault(day, set()).add(kind)
        if kind == "apel":
            apel[day] = parsed(row.get("time"), row.place, "time", read_clock) if row.get("time") else None
    return {day: CalendarDay(frozenset(found), apel.get(day)) for day, found in kinds.items()}


def _roster(row: Row) -> RosterRow:
    kind = _one_of(row, "kind", ("shift", "off"))
    start, end = (parsed(row.get(column), row.place, column, read_clock) for column in ("start", "end"))
    return RosterRow(kind == "shift", start, end)


def _excuse(row: Row) -> Excuse:
    date_from = parsed(row.get("date_from"), row.place, "date_from", read_day)
    date_to = parsed(row.get("date_to"), row.place, "date_to", read_day) if row.get("date_to") else date_from
    time = parsed(row.get("time"), row.place, "time", read_clock)
    return Excuse(row.get("id"), row.get("kind"), row.get("part"), date_from, date_to, time, row.get("reason"))


def _sanction(row: Row) -> Sanction:
    pct = parsed(row.get("pct"), row.place, "pct", read_percent) if row.get("pct") else None
    months = parsed(row.get("months"), row.place, "months", read_whole) if row.get("months") else None
    start = row.get("start_month")
    first = parsed(f"{start}-01" if start else "", row.place, "start_month", read_day)
    return Sanction(row.get("id"), row.get("kode"), pct, months, first)


def _amount(row: Row) -> Amount:
    return Amount(_key_day(row, "berlaku"), parsed(row.get("amount_rp"), row.place, "amount_rp", read_rupiah))


_Named = TypeVar("_Named", Excuse, Sanction)


def _by_nip(rows: Iterable[Row], read: Callable[[Row], _Named]) -> dict[str, tuple[_Named, ...]]:
    """Approved rows by NIP, by id."""
    found: dict[str, list[_Named]] = {}
    for row in rows:
        if row.get("status") == "approved":
            found.setdefault(row.get("nip"), []).append(read(row))
    return {nip: tuple(sorted(named, key=lambda one: one.id)) for nip, named in found.items()}


def punch_of(device: str, pin: str, time: str, line: str) -> Punch | BadRow:
    """A punch from its three texts; else the line itself (R1 to R3)."""
    moment = local_time(time.strip())
    if moment is None or not device.strip() or not pin.strip():
        return BadRow(line.strip())
    return Punch(moment, device.strip(), plain_pin(pin))
