"""Budget as the rules see it: the plan map, DPA lines, and which line a MAK means. Pure.

Source: ``integrity-rules`` section 0 (plan map, DPA line, canonical MAK).
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from consumers.chain.rules.books import Books, Row
from consumers.chain.rules.kinds import clean_mak
from consumers.chain.rules.reading import ZERO, digits, true

__all__ = [
    "Line",
    "bridge_line",
    "dpa_by_account",
    "dpa_of",
    "line_amount",
    "lines_of",
    "live",
    "unit_lines",
    "unit_of",
]

Line = tuple[str, str]
"""Sub kegiatan and account."""


def unit_of(books: Books, sbl: str) -> str | None:
    """Unit of a ``kode_sbl`` by the plan map."""
    row = books.one("sipd-renja-subkegiatan", "sbl", sbl)
    return row.text("kode_sub_skpd") or None if row else None


def lines_of(books: Books, sbl: str) -> list[Row]:
    """DPA lines of a sub kegiatan: the current row of each line."""
    return books.current("sipd-rka", "sbl", sbl)


def line_amount(row: Row, column: str) -> Decimal:
    """Amount of a row that may be struck off."""
    return row.amount(column) if row.active else ZERO


def dpa_by_account(books: Books, sbl: str) -> dict[str, Decimal]:
    """DPA of each account of a sub kegiatan, accounts as written."""
    found: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for row in lines_of(books, sbl):
        found[row.text("kode_akun")] += line_amount(row, "rincian")
    return dict(found)


def dpa_of(books: Books, sbl: str) -> Decimal:
    """DPA of a sub kegiatan."""
    return sum(dpa_by_account(books, sbl).values(), ZERO)


def live(row: Row) -> bool:
    """A row of SiRUP is in force."""
    text = row.columns.get
    announced = row.text("status_umumkan_rup").strip() == "Terumumkan"
    return true(text("status_aktif_rup")) and not true(text("status_delete_rup")) and announced


class Pairs:
    """Budget lines of a unit, found by the digits of a MAK that was re-cut."""

    def __init__(self, lines: frozenset[Line]) -> None:
        self._by_digits: dict[str, set[Line]] = defaultdict(set)
        for line in lines:
            self._by_digits[digits(line[0]) + digits(line[1])].add(line)
        self._by_head: dict[str, list[str]] = defaultdict(list)
        for full in self._by_digits:
            for head in {full[:_HEAD], full[1 : _HEAD + 1]}:
                self._by_head[head].append(full)
        self._short = [full for full in self._by_digits if len(full) <= _HEAD]

    def fitting(self, mak: str) -> Line | None:
        """The line that a MAK means, if exactly one fits."""
        found = digits(mak)
        # One digit too many may stand among the first ones, so the head is tried without each of them.
        heads = {found[:_HEAD], *(found[:at] + found[at + 1 : _HEAD + 1] for at in range(_HEAD))}
        candidates = {full for head in heads for full in self._by_head.get(head, ())}
        lines = {line for full in (*candidates, *self._short) if _fits(found, full) for line in self._by_digits[full]}
        return lines.pop() if len(lines) == 1 else None


_HEAD = 8
"""Digits that lines are looked up by; a sub kegiatan has twelve."""


def _fits(found: str, full: str) -> bool:
    """A MAK's digits begin with a line's: as they are, less the first, or once one digit is deleted."""
    if found.startswith((full, full[1:])):
        return True
    same = next((at for at, (a, b) in enumerate(zip(found, full, strict=False)) if a != b), len(found))
    return found[same + 1 :].startswith(full[same:])


def unit_lines(books: Books, unit: str) -> frozenset[Line]:
    """Lines of a unit's DPA, struck-off ones too."""
    found = set()
    for plan in books.current("sipd-renja-subkegiatan", "unit", unit):
        for row in lines_of(books, plan.text("kode_sbl")):
            found.add((plan.text("kode_sub_giat"), row.text("kode_akun")))
    return frozenset(line for line in found if line[0] and line[1])


def bridge_line(books: Books, row: Row) -> Line | None:
    """Canonical MAK of a row that ties a package to its budget; None = unresolved."""
    mak = row.columns.get("mak", "")
    clean = clean_mak(mak)
    if clean:
        return clean
    unit = row.text("kd_satker_str")
    if not unit or not digits(mak):
        return None
    lines = books.share(unit_lines, unit)
    return books.keep("pairs", unit, lambda: Pairs(lines)).fitting(mak)
