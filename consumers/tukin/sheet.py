"""Pay sheets: rows of a unit's sheet, its totals, and the reconciliation of duty days. Pure.

Columns follow a regional pay sheet (Deli Serdang): gross, cuts, what earlier months take off or add, tax, BPJS, net.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from consumers.tukin.facts import Employee
from consumers.tukin.settle import Line

__all__ = ["COLUMNS", "Sheet", "SheetRow", "reconciled", "sheets"]

COLUMNS: Mapping[str, str] = {
    "gross_rp": "TPP bruto",
    "discipline_cut_rp": "Pot. disiplin",
    "performance_cut_rp": "Pot. kinerja",
    "special_cut_rp": "Pot. hari khusus",
    "sanction_cut_rp": "Pot. sanksi",
    "earned_rp": "Hak bulan ini",
    "prior_cut_rp": "Pot. bulan lalu",
    "arrears_rp": "Kurang bayar",
    "paid_rp": "Dibayar",
    "pph21_rp": "PPh 21",
    "bpjs_rp": "BPJS 1%",
    "net_rp": "Diterima",
}
"""Rupiah columns of a sheet and their Indonesian labels."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One employee of a sheet; without amounts where a rule is missing, which ``note`` names."""

    nip: str
    nama: str
    golongan: str
    kelas_jabatan: str
    amounts: Mapping[str, int] | None
    note: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Pay sheet of one unit; totals are of the rows with amounts."""

    unit: str
    rows: tuple[SheetRow, ...]
    totals: Mapping[str, int]
    errors: int


def sheets(lines: Sequence[Line]) -> list[Sheet]:
    """A sheet per unit, by name; rows by NIP."""
    by_unit: dict[str, list[SheetRow]] = {}
    for line in sorted(lines, key=lambda line: line.month.nip):
        row = line.governed[0]
        by_unit.setdefault(row.unit if row else "", []).append(_row(line, row))
    return [_sheet(unit, rows) for unit, rows in sorted(by_unit.items())]


def _sheet(unit: str, rows: Sequence[SheetRow]) -> Sheet:
    good = [row.amounts for row in rows if row.amounts is not None]
    return Sheet(unit, tuple(rows), {name: sum(one[name] for one in good) for name in COLUMNS}, len(rows) - len(good))


def _row(line: Line, row: Employee | None) -> SheetRow:
    month = line.month
    who = (month.nip, row.nama if row else "", row.golongan if row else "", row.kelas_jabatan if row else "")
    if month.problems:
        return SheetRow(*who, None, "; ".join(f"{one.code} {one.date.isoformat()}" for one in month.problems))
    amounts = {
        "gross_rp": month.gross_rp,
        "discipline_cut_rp": month.cut_rp,
        "performance_cut_rp": month.performance_base_rp - month.performance_rp,
        "special_cut_rp": month.special_rp,
        "sanction_cut_rp": month.sanction_rp,
        "earned_rp": month.earned_rp,
        "prior_cut_rp": -min(0, line.adjustment_rp),
        "arrears_rp": max(0, line.adjustment_rp),
        "paid_rp": line.paid_rp,
        "pph21_rp": line.pph21_rp,
        "bpjs_rp": line.bpjs_rp,
        "net_rp": line.net_rp,
    }
    note = f"sisa potongan {line.carry_rp}" if line.carry_rp else ""
    return SheetRow(*who, amounts, note)


def reconciled(lines: Iterable[Line]) -> dict[tuple[date, str], Counter[str]]:
    """Duty days by date and unit: each person on duty in exactly one state, so that the states add up to the duties."""
    counts: dict[tuple[date, str], Counter[str]] = {}
    for line in lines:
        for day in line.month.days:
            if day.duty:
                counts.setdefault((day.date, day.row.unit), Counter())[day.status] += 1
    return dict(sorted(counts.items()))
