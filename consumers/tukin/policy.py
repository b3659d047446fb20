"""A policy as typed values, and which one governs a day (R22). Shares are exact fractions of the whole. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal

__all__ = [
    "Amounts",
    "Book",
    "Bpjs",
    "ExcuseRule",
    "Flex",
    "Hours",
    "Overlay",
    "Policy",
    "SanctionRule",
    "Scale",
    "SpecialDay",
    "Table",
    "Window",
    "WorkHours",
]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows (from, share), rising: the last row with from <= number counts, below the first 0."""

    rows: tuple[tuple[int, Fraction], ...]

    def at(self, number: int) -> Fraction:
        """Share at a number."""
        found = Fraction(0)
        for start, share in self.rows:
            if start > number:
                break
            found = share
        return found


@dataclass(frozen=True, slots=True)
class Scale:
    """R12: what minutes of one side cost, by a table or linearly (share per ``per_min`` minutes).

    Attributes:
        clock: the table was written as clock times.
    """

    table: Table | None
    share: Fraction = Fraction(0)
    per_min: int = 1
    clock: bool = False

    def cut(self, minutes: int) -> Fraction:
        """Share cut for whole minutes."""
        if self.table is not None:
            return self.table.at(minutes)
        return minutes * self.share / self.per_min


@dataclass(frozen=True, slots=True)
class Flex:
    """R11: minutes that may be repaid on the same day."""

    max_min: int
    repay: Literal["exact", "block"]


@dataclass(frozen=True, slots=True)
class Hours:
    """Start and end of an office day, since midnight."""

    start: timedelta
    end: timedelta


@dataclass(frozen=True, slots=True)
class WorkHours:
    """Office hours of Monday to Thursday and of Friday."""

    senin_kamis: Hours
    jumat: Hours

    def on(self, day: date) -> Hours:
        """Hours of a weekday."""
        return self.jumat if day.weekday() == _FRIDAY else self.senin_kamis


_FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Window:
    """R8: when punches of an office day count, and how far around a shift."""

    open: timedelta
    close: timedelta
    shift_before: timedelta
    shift_after: timedelta


@dataclass(frozen=True, slots=True)
class ExcuseRule:
    """R15-R17: what an excuse of one kind costs."""

    mode: Literal["free", "per_day", "paid_table"]
    count: Literal["month", "year", "spell"] = "month"
    table: Table = Table(())


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """R21: cuts that replace the day's cut on days of kind khusus; None = not given."""

    total: bool
    late: Fraction | None
    absent: Fraction | None


@dataclass(frozen=True, slots=True)
class SanctionRule:
    """R28: share of gross and number of months."""

    pct: Fraction
    months: int


@dataclass(frozen=True, slots=True)
class Amounts:
    """R23: table of class amounts and the indices multiplied with them."""

    table: str
    indices: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Bpjs:
    """R30: share withheld, and the cap of salary and allowance together."""

    pct: Fraction
    cap_rp: int


@dataclass(frozen=True, slots=True)
class Overlay:
    """What every policy has; alone (jenis tambahan) only its special day counts."""

    id: str
    dasar_hukum: str
    sumber: str
    status: str
    diundangkan: date
    berlaku: date
    sampai: date | None
    assumed: tuple[str, ...]
    hari_khusus: SpecialDay | None


@dataclass(frozen=True, slots=True)
class Policy(Overlay):
    """A complete policy (jenis utama); the meaning of each key is in ``policies/_schema.yaml``."""

    amount: Amounts
    bobot_disiplin: Fraction
    skp: Mapping[str, Fraction]
    status_factor: Mapping[str, Fraction]
    bebas_absen: frozenset[str]
    hari_kalender: bool
    normal: WorkHours
    ramadan: WorkHours
    window: Window
    flex: Flex | None
    bulanan: bool
    late: Scale
    early: Scale
    missing_in: Fraction
    missing_out: Fraction
    absent: Fraction
    absent_whole_month_zero: bool
    apel: Fraction | None
    findings: Mapping[str, Fraction]
    cap_day: Fraction | None
    cap_month: Fraction
    excuses: Mapping[str, ExcuseRule]
    sanksi: Mapping[str, SanctionRule]
    sanksi_sum: bool
    plt_setingkat: Fraction | None
    pph21: Mapping[str, Fraction] | None
    bpjs: Bpjs | None


@dataclass(frozen=True, slots=True)
class Book:
    """All policies, drafts too, and which of them govern which unit.

    Attributes:
        of_unit: ids of the policies of a unit's line.
        of_others: those of units that are not named; None = every policy governs them.
    """

    policies: tuple[Overlay, ...] = ()
    of_unit: Mapping[str, frozenset[str]] = field(default_factory=dict)
    of_others: frozenset[str] | None = None
    _chosen: dict[tuple[date, date, bool, str], Overlay | None] = field(default_factory=dict, init=False, compare=False)
    _reach: list[int] = field(default_factory=list, init=False, compare=False)

    def main(self, day: date, close: date, unit: str = "") -> Policy | None:
        """The complete policy in force for a unit on a work day, as promulgated by a close date (R22)."""
        found = self._at(day, close, unit, complete=True)
        return found if isinstance(found, Policy) else None

    def overlay(self, day: date, close: date, unit: str = "") -> Overlay | None:
        """The overlay in force for a unit on a work day, as promulgated by a close date (R22)."""
        return self._at(day, close, unit, complete=False)

    def with_policies(self, others: Iterable[Overlay]) -> Book:
        """This book and more policies; one with an id that is here replaces it."""
        by_id = {policy.id: policy for policy in (*self.policies, *others)}
        return Book(tuple(by_id.values()), self.of_unit, self.of_others)

    @property
    def reach(self) -> int:
        """Days within which windows of consecutive duties can touch (R8); a range up to it, not with it."""
        if not self._reach:
            windows = [one.window for one in self.policies if isinstance(one, Policy)]
            widest = max((one.shift_before + one.shift_after for one in windows), default=timedelta())
            self._reach.append(4 + widest // timedelta(days=1))
        return self._reach[0]

    def _at(self, day: date, close: date, unit: str, *, complete: bool) -> Overlay | None:
        key = (day, close, complete, unit if unit in self.of_unit else "")
        if key not in self._chosen:
            line = self.of_unit.get(unit, self.of_others)
            fit = [
                one
                for one in self.policies
                if (line is None or one.id in line)
                and isinstance(one, Policy) == complete
                and _governs(one, day, close)
            ]
            self._chosen[key] = max(fit, key=lambda one: (one.diundangkan, one.berlaku, one.id), default=None)
        return self._chosen[key]


def _governs(policy: Overlay, day: date, close: date) -> bool:
    if policy.status == "draft" or policy.diundangkan > close:
        return False
    return policy.berlaku <= day and (policy.sampai is None or day <= policy.sampai)
