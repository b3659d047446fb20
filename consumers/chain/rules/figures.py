"""What a subject adds to totals, funnel and budget lines. Pure.

Source: ``integrity-rules`` sections 6 and 7. Every figure is a sum over subjects, so none is counted twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from consumers.chain.money import money
from consumers.chain.rules.books import Books
from consumers.chain.rules.budget import bridge_line, dpa_of, line_amount, live, unit_of
from consumers.chain.rules.contracts import Contract, contracts_of, sp2ds_of
from consumers.chain.rules.kinds import clean_mak

__all__ = ["FIGURES", "FUNNEL", "TOTALS", "Figures"]

TOTALS = ("pagu", "dpa", "packages", "contracts", "orders", "paid", "sp2d")
FUNNEL = (
    *("rup_announced", "rup_used", "nontender_announced", "nontender_finished", "tender_announced"),
    *("tender_finished", "orders", "contracts", "contracts_handed_over", "contracts_with_sp2d"),
    *("contracts_in_register", "contracts_with_finding", "sp2d", "letters"),
)


@dataclass(slots=True)
class Figures:
    """Sums.

    Attributes:
        totals: rupiah by unit and name.
        funnel: counts by unit and name; a unit that is not told is empty.
        clean: budget lines of packages that are written as they should be, by unit.
        repaired: unit and ``kd_rup|mak`` of those that were repaired, with the line they mean.
        unresolved: unit and ``kd_rup|mak`` of those that could not be, one per row.
    """

    totals: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    funnel: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    clean: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    repaired: dict[tuple[str, str], str] = field(default_factory=dict)
    unresolved: list[tuple[str, str]] = field(default_factory=list)

    def add(self, unit: str, name: str, amount: Decimal) -> None:
        """Add rupiah; what belongs to no unit is in no total."""
        if unit:
            self.totals[unit, name] += amount

    def count(self, unit: str, name: str, number: int = 1) -> None:
        """Count in the funnel."""
        if number:
            self.funnel[unit, name] += number

    def __bool__(self) -> bool:
        return bool(self.totals or self.funnel or self.clean or self.repaired or self.unresolved)

    def body(self) -> dict[str, list[list[object]]]:
        """As a view holds it: lists of unit, name and figure."""
        return {
            "totals": [[*key, money(value)] for key, value in sorted(self.totals.items())],
            "funnel": [[*key, count] for key, count in sorted(self.funnel.items())],
            "clean": [[unit, count] for unit, count in sorted(self.clean.items())],
            "repaired": [[*key, line] for key, line in sorted(self.repaired.items())],
            "unresolved": [list(found) for found in sorted(self.unresolved)],
        }


def _sub_kegiatan(books: Books, sbl: str, into: Figures) -> None:
    plan = books.one("sipd-renja-subkegiatan", "sbl", sbl)
    if plan is not None:
        into.add(plan.text("kode_sub_skpd"), "pagu", line_amount(plan, "pagu"))
        into.add(unit_of(books, sbl) or "", "dpa", dpa_of(books, sbl))


def _code(books: Books, code: str, into: Figures) -> None:
    plan = books.one("rup-paket-penyedia-terumumkan", "code", code)
    if plan is not None and live(plan):
        unit = plan.text("kd_satker_str")
        into.add(unit, "packages", plan.amount("pagu"))
        into.count(unit, "rup_announced")
        into.count(unit, "rup_used", bool(_announced_or_ordered(books, code)))
    for row in books.rows("rup-paket-anggaran-penyedia", "code", code):
        unit, mak = row.text("kd_satker_str"), row.columns.get("mak", "")
        line = bridge_line(books, row)
        if clean_mak(mak):
            into.clean[unit] += 1
        elif line:
            into.repaired[unit, f"{code}|{mak}"] = "|".join(line)
        else:
            into.unresolved.append((unit, f"{code}|{mak}"))


_USES = ("spse-nontender-pengumuman", "spse-tender-pengumuman", "ecat-paket-v6")


def _announced_or_ordered(books: Books, code: str) -> bool:
    return any(books.rows(kind, "code", code) for kind in _USES)


def _package(books: Books, package: str, into: Figures) -> None:
    if package.startswith("EC:"):
        for row in books.current("ecat-paket-v6", "package", package):
            into.add(row.text("kd_satker_str"), "orders", row.amount("total_harga"))
            into.count(row.text("kd_satker_str"), "orders")
        return
    if package.startswith("NT:"):
        announced = books.one("spse-nontender-pengumuman", "package", package)
        finished = [
            row
            for row in books.rows("spse-nontender-selesai", "package", package)
            if row.text("status_nontender") == "Selesai"
        ]
        if finished:
            into.count(finished[0].text("kd_satker_str"), "nontender_finished")
    else:
        announced = books.one("spse-tender-pengumuman", "package", package)
        if announced is not None and announced.text("status_tender") == "Selesai":
            into.count(announced.text("kd_satker_str"), "tender_finished")
    if announced is not None:
        name = "nontender_announced" if package.startswith("NT:") else "tender_announced"
        into.count(announced.text("kd_satker_str"), name)
    for contract in contracts_of(books, package):
        _contract(books, contract, into)


def _contract(books: Books, contract: Contract, into: Figures) -> None:
    unit = contract.unit
    into.add(unit, "contracts", contract.value)
    into.add(unit, "paid", contract.paid)
    into.count(unit, "contracts")
    into.count(unit, "contracts_handed_over", bool(contract.handovers))
    into.count(unit, "contracts_with_sp2d", bool(sp2ds_of(books, contract)))
    for name, kind in (("contracts_in_register", "bmd-kib"), ("contracts_with_finding", "siptl-temuan")):
        found = [books.rows(kind, "number", f"{unit}|{number}") for number in contract.numbers]
        into.count(unit, name, any(found))


def _sp2d(books: Books, name: str, into: Figures) -> None:
    for row in books.current("sipd-sp2d", "id", name):
        if not row.text("deleted_at"):
            into.add(row.text("kode_sub_skpd"), "sp2d", row.amount("nilai_sp_2_d"))
            into.count(row.text("kode_sub_skpd"), "sp2d")


def _letter(books: Books, letter: str, into: Figures) -> None:
    into.count(letter.partition("|")[0], "letters", bool(books.rows("srikandi-naskah", "letter", letter)))


FIGURES: Mapping[str, Callable[[Books, str, Figures], None]] = {
    "SBL": _sub_kegiatan,
    "RUP": _code,
    "PKG": _package,
    "SP2D": _sp2d,
    "LETTER": _letter,
}
"""What each kind of subject adds."""
