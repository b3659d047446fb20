"""Contracts, their hand-overs and the payments that reach them. Pure.

Source: ``integrity-rules`` section 0 (contract, hand-over, SPP, SPM, SP2D, month).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from consumers.chain.rules.books import Books, Row, content_order
from consumers.chain.rules.kinds import BASE_TITLE, KINDS
from consumers.chain.rules.reading import ZERO, norm
from schemas.values import version_order

__all__ = [
    "Contract",
    "codes_of",
    "contract_at",
    "contracts_of",
    "month_of",
    "package_kind",
    "sp2ds_of",
    "spms_of",
    "spps_of",
    "version",
]


@dataclass(frozen=True, slots=True)
class Contract:
    """One contract of a package.

    Attributes:
        key: ``ckey``, package and base number.
        rows: its rows, all versions.
        first: row of the lowest version; `current`: of the highest.
        handovers: one row each.
        work_orders: rows of its SPMK.
    """

    key: str
    package: str
    rows: tuple[Row, ...]
    first: Row
    current: Row
    handovers: tuple[Row, ...]
    work_orders: tuple[Row, ...]

    @property
    def unit(self) -> str:
        """Unit by the current row."""
        return self.current.text("kd_satker_str")

    @property
    def v0(self) -> Decimal:
        """Value of the first row."""
        return self.first.amount("nilai_kontrak")

    @property
    def value(self) -> Decimal:
        """Value of the current row."""
        return self.current.amount("nilai_kontrak")

    @property
    def paid(self) -> Decimal:
        """What its hand-overs state as payment."""
        return sum((row.amount("besar_pembayaran") for row in self.handovers), ZERO)

    @property
    def numbers(self) -> list[str]:
        """Its numbers by any version, normalised, sorted."""
        return sorted({norm(row.columns.get("no_kontrak")) for row in self.rows} - {""})

    @property
    def number(self) -> str:
        """Its number by the current row, normalised."""
        return norm(self.current.columns.get("no_kontrak"))

    def days(self, column: str) -> list[date]:
        """Dates of its hand-overs, blanks left out, earliest first."""
        return sorted(found for row in self.handovers if (found := row.day(column)))


def package_kind(package: str, part: str) -> str:
    """File kind of a part of a direct purchase or a tender."""
    return f"{BASE_TITLE[package.split(':', 1)[0]]}-{part}"


def version(row: Row) -> tuple[int, Decimal, str]:
    """Addendum of a row, comparable; blank = 0."""
    return version_order(row.text("versi_addendum").strip() or "0")


_BASE = version_order("0")


def codes_of(books: Books, package: str) -> set[str]:
    """RUP codes of all rows of a package, any version, any status."""
    if package.startswith("EC:"):
        kinds = ["ecat-paket-v6"]
    else:
        kinds = [package_kind(package, "pengumuman"), package_kind(package, "selesai")]
        kinds += ["spse-tender-selesai-nilai"] if package.startswith("T:") else []
    found = set[str]()
    for kind in kinds:
        found |= {code for row in books.rows(kind, "package", package) for code in row_codes(kind, row)}
    return found


def row_codes(kind: str, row: Row) -> list[str]:
    """RUP codes that a row names."""
    return list(KINDS[kind].index["code"](row.columns))


def contracts_of(books: Books, package: str) -> list[Contract]:
    """Contracts of a package, by base number."""
    if package.startswith("EC:"):
        return []
    return books.keep("contracts", package, lambda: _contracts(books, package))


def _contracts(books: Books, package: str) -> list[Contract]:
    rows = books.rows(package_kind(package, "kontrak"), "package", package)
    if not rows:
        return []
    handovers = _handovers(books.rows(package_kind(package, "bapbast"), "package", package))
    orders = books.rows(package_kind(package, "spmk"), "package", package)
    rows.sort(key=lambda row: (version(row), content_order(row.columns)))
    bases = sorted({norm(row.columns.get("no_kontrak")) for row in rows if version(row) == _BASE})
    if len(bases) <= 1:
        base = bases[0] if bases else norm(rows[0].columns.get("no_kontrak"))
        return [_contract(package, base, rows, handovers, orders)]
    return [
        _contract(
            package,
            base,
            *(
                [row for row in part if norm(row.columns.get("no_kontrak")) == base]
                for part in (rows, handovers, orders)
            ),
        )
        for base in bases
    ]


def _contract(
    package: str, base: str, rows: Sequence[Row], handovers: Sequence[Row], orders: Sequence[Row]
) -> Contract:
    """Rows sorted by version and content."""
    return Contract(f"{package}|{base}", package, tuple(rows), rows[0], rows[-1], tuple(handovers), tuple(orders))


def _handovers(rows: Sequence[Row]) -> list[Row]:
    """One row a hand-over: what was said of it last, of several the greater content."""
    found: dict[tuple[str, str, date | None], list[Row]] = defaultdict(list)
    for row in rows:
        minutes = norm(row.columns.get("no_bap")) or norm(row.columns.get("no_bast"))
        found[norm(row.columns.get("no_kontrak")), minutes, row.day("tgl_bap")].append(row)
    return [max(same, key=lambda row: (row.observed, content_order(row.columns))) for same in found.values()]


def contract_at(books: Books, unit: str, number: str) -> Contract | None:
    """The contract of a unit that bears a normalised number in any version; None = none, or more than one."""
    if not unit or not number:
        return None
    return books.keep("number", f"{unit}|{number}", lambda: _contract_at(books, unit, number))


def _contract_at(books: Books, unit: str, number: str) -> Contract | None:
    packages: dict[str, None] = {}
    for prefix, kind in BASE_TITLE.items():
        column = f"kd_{kind.removeprefix('spse-')}"
        for row in books.rows(f"{kind}-kontrak", "number", number):
            packages[f"{prefix}:{row.text(column)}"] = None
    found = [
        contract
        for package in sorted(packages)
        for contract in contracts_of(books, package)
        if contract.unit == unit and number in contract.numbers
    ]
    return found[0] if len(found) == 1 else None


def spps_of(books: Books, contract: Contract) -> list[Row]:
    """SPPs that reach a contract."""
    unit = contract.unit
    found = []
    for number in contract.numbers:
        at = contract_at(books, unit, number)
        if at is not None and at.key == contract.key:
            found += books.current("sipd-spp", "number", f"{unit}|{number}")
    return found


def spms_of(books: Books, contract: Contract) -> list[Row]:
    """SPMs of the SPPs that reach a contract."""
    return [spm for spp in spps_of(books, contract) for spm in books.current("sipd-spm", "spp", spp.text("idSpp"))]


def sp2ds_of(books: Books, contract: Contract) -> list[Row]:
    """SP2Ds that reach a contract, cancelled ones left out."""
    return [
        sp2d
        for spm in spms_of(books, contract)
        for sp2d in books.current("sipd-sp2d", "spm", spm.text("idSpm"))
        if not sp2d.text("deleted_at")
    ]


def month_of(row: Row, year: int | None) -> int | None:
    """Month of an SP2D within the budget year: before it 0; after it, or without date, None."""
    when = row.day("tanggal_sp_2_d")
    if when is None or (year is not None and when.year > year):
        return None
    return 0 if year is not None and when.year < year else when.month
