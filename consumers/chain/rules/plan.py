"""Rules 1-5, 18c-e, 21 and 27: plan, budget, cash plan and progress. Pure.

Source: ``integrity-rules`` sections 1, 4 and 5.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from consumers.chain.rules.books import Books, Row, version_of
from consumers.chain.rules.budget import dpa_by_account, line_amount, lines_of, unit_of
from consumers.chain.rules.contracts import month_of
from consumers.chain.rules.hits import Hit, hit
from consumers.chain.rules.reading import ZERO, decimal, differs, exceeds, plain, true

__all__ = ["kegiatan_rules", "line_rules", "sub_kegiatan_rules", "version_rules"]

_MONTHS = range(1, 13)


def kegiatan_rules(books: Books, kegiatan: str) -> Iterator[Hit]:
    """Rule 1: a kegiatan's ceiling is the sum of its sub kegiatan."""
    if not books.has("rup-subkegiatan-master"):
        return
    parts = [
        row
        for row in books.rows("rup-subkegiatan-master", "kegiatan", kegiatan)
        if not true(row.columns.get("is_deleted"))
    ]
    whole = sum((row.amount("pagu_subkegiatan") for row in parts), ZERO)
    for row in books.rows("rup-kegiatan-master", "kegiatan", kegiatan):
        pagu = row.amount("pagu_kegiatan")
        if not true(row.columns.get("is_deleted")) and differs(pagu, whole):
            told = f"ceiling of the kegiatan is {pagu}, its {len(parts)} sub kegiatan sum to {whole}"
            yield hit("1", kegiatan, None, pagu - whole, told, [row, *parts])
            return


def line_rules(books: Books, line: str) -> Iterator[Hit]:
    """Rule 3: a line's price is within the standard in force."""
    if not books.has("sipd-ssh"):
        return
    for row in books.current("sipd-rka", "id", line):
        code, when = row.text("kode_standar_harga"), row.day("update_at")
        if not row.active or not code:
            continue
        standards = [
            standard
            for standard in books.rows("sipd-ssh", "code", code)
            if when
            and (begins := standard.day("berlaku_mulai"))
            and (ends := standard.day("berlaku_sampai"))
            and begins <= when <= ends
        ]
        price = row.amount("harga_satuan")
        highest = max((standard.amount("harga") for standard in standards), default=None)
        unit = unit_of(books, row.text("kode_sbl"))
        if highest is None:
            yield hit("3", line, unit, price, f"no price standard {code} is in force on {when}", [row])
        elif price > highest:
            told = f"price {price} is above the standard {code}, {highest}"
            yield hit("3", line, unit, price - highest, told, [row, *standards])


def sub_kegiatan_rules(books: Books, sbl: str) -> Iterator[Hit]:
    """Rules 2, 4, 5, 18c-e and 21 of one ``kode_sbl``."""
    yield from _ceiling(books, sbl)
    yield from _funds(books, sbl)
    yield from _cash_plan(books, sbl)
    spent = _spent(books, sbl)
    yield from _provision(books, sbl, spent)
    yield from _cash_spent(books, sbl, spent)
    yield from _progress(books, sbl, spent)


def _ceiling(books: Books, sbl: str) -> Iterator[Hit]:
    if not books.has("sipd-rka", "sipd-renja-subkegiatan"):
        return
    lines = lines_of(books, sbl)
    dpa = sum((line_amount(row, "rincian") for row in lines), ZERO)
    plan = books.one("sipd-renja-subkegiatan", "sbl", sbl)
    pagu = line_amount(plan, "pagu") if plan else ZERO
    if lines and exceeds(dpa, pagu):
        told = f"budget lines sum to {dpa}, the plan's ceiling is {pagu}"
        yield hit("2", sbl, unit_of(books, sbl), dpa - pagu, told, [plan, *lines])


def _funds(books: Books, sbl: str) -> Iterator[Hit]:
    if not books.has("sipd-dana", "sipd-rka"):
        return
    rows = books.current("sipd-dana", "sbl", sbl)
    lines = lines_of(books, sbl)
    funds = sum((line_amount(row, "pagudana") for row in rows), ZERO)
    dpa = sum((line_amount(row, "rincian") for row in lines), ZERO)
    if differs(funds, dpa):
        told = f"sources of funds sum to {funds}, budget lines to {dpa}"
        yield hit("4", sbl, unit_of(books, sbl), funds - dpa, told, [*rows, *lines])


def _cash(row: Row, until: int = 12) -> Decimal:
    """Cash planned up to a month."""
    return sum((line_amount(row, f"bulan_{month}") for month in range(1, until + 1)), ZERO)


def _cash_plan(books: Books, sbl: str) -> Iterator[Hit]:
    if not books.has("sipd-anggaran-kas", "sipd-rka"):
        return
    dpa = dpa_by_account(books, sbl)
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in books.current("sipd-anggaran-kas", "sbl", sbl):
        rows[row.text("kode_akun")].append(row)
    for account in sorted((dpa.keys() | rows.keys()) - {""}):
        planned = sum((_cash(row) for row in rows.get(account, ())), ZERO)
        budget = dpa.get(account, ZERO)
        if differs(planned, budget):
            lines = [row for row in lines_of(books, sbl) if row.text("kode_akun") == account]
            told = f"twelve months sum to {planned}, budget lines to {budget}"
            evidence = [*rows.get(account, ()), *lines]
            yield hit("5", f"{sbl}|{account}", unit_of(books, sbl), planned - budget, told, evidence)


@dataclass(frozen=True, slots=True)
class _Payment:
    """A line of an SP2D that counts, and its month (None: outside the year)."""

    account: str
    month: int | None
    amount: Decimal
    rows: tuple[Row, Row]


def _spent(books: Books, sbl: str) -> list[_Payment]:
    """Lines of SP2Ds, cancelled ones left out."""
    found = []
    for row in books.rows("sipd-sp2d-detail", "sbl", sbl):
        header = books.one("sipd-sp2d", "id", row.text("id_sp_2_d"))
        if header is not None and not header.text("deleted_at"):
            month = month_of(header, books.asof.year)
            found.append(_Payment(row.text("kode_rekening"), month, row.amount("jumlah"), (row, header)))
    return found


def _until(spent: Sequence[_Payment], month: int) -> tuple[Decimal, list[Row]]:
    """Spending (accounts that begin with 5) of the months up to one, and its rows."""
    some = [
        payment
        for payment in spent
        if payment.account.startswith("5") and payment.month is not None and payment.month <= month
    ]
    return sum((payment.amount for payment in some), ZERO), [row for payment in some for row in payment.rows]


def _provision(books: Books, sbl: str, spent: Sequence[_Payment]) -> Iterator[Hit]:
    """18c, d: SP2D within SPD, SPD within DPA, per account."""
    if not books.has("sipd-spd-detail"):
        return
    provided: dict[str, list[Row]] = defaultdict(list)
    for row in books.rows("sipd-spd-detail", "sbl", sbl):
        provided[row.text("kode_akun")].append(row)
    paid: dict[str, list[_Payment]] = defaultdict(list)
    for payment in spent:
        paid[payment.account].append(payment)
    has_budget = books.has("sipd-rka")
    dpa: Mapping[str, Decimal] = dpa_by_account(books, sbl) if has_budget else {}
    for account in sorted((provided.keys() | paid.keys()) - {""}):
        rows = provided.get(account, [])
        spd = sum((row.amount("nilai") for row in rows), ZERO)
        sp2d = sum((payment.amount for payment in paid.get(account, ())), ZERO)
        key, unit = f"{sbl}|{account}", unit_of(books, sbl)
        if account in paid and account.startswith("5") and exceeds(sp2d, spd):
            evidence = [*rows, *(row for payment in paid[account] for row in payment.rows)]
            yield hit("18c", key, unit, sp2d - spd, f"SP2D sum to {sp2d}, SPD to {spd}", evidence)
        budget = dpa.get(account, ZERO)
        if has_budget and rows and exceeds(spd, budget):
            lines = [row for row in lines_of(books, sbl) if row.text("kode_akun") == account]
            yield hit("18d", key, unit, spd - budget, f"SPD sum to {spd}, budget lines to {budget}", [*rows, *lines])


def _cash_spent(books: Books, sbl: str, spent: Sequence[_Payment]) -> Iterator[Hit]:
    """18e: spending up to each month within the cash plan."""
    if not spent or not books.has("sipd-anggaran-kas"):
        return
    plans = [row for row in books.current("sipd-anggaran-kas", "sbl", sbl) if row.text("kode_akun").startswith("5")]
    for month in _MONTHS:
        paid, rows = _until(spent, month)
        planned = sum((_cash(row, month) for row in plans), ZERO)
        if exceeds(paid, planned):
            told = f"SP2D up to month {month} sum to {paid}, the cash plan to {planned}"
            yield hit("18e", f"{sbl}|{month}", unit_of(books, sbl), paid - planned, told, [*rows, *plans])


def _progress(books: Books, sbl: str, spent: Sequence[_Payment]) -> Iterator[Hit]:
    """21: reported money equals SP2D; physical progress never falls."""
    reported = [row for row in books.current("rfk-bulanan", "sbl", sbl) if row.number("bulan") is not None]
    reported.sort(key=lambda row: row.number("bulan") or ZERO)
    checked = books.has("sipd-sp2d", "sipd-sp2d-detail")
    before: Row | None = None
    for row in reported:
        key, unit = f"{sbl}|{plain(row.text('bulan'))}", row.text("kode_sub_skpd")
        stated = row.amount("realisasi_anggaran")
        paid, rows = _until(spent, int(row.number("bulan") or 0))
        if checked and differs(stated, paid):
            yield hit("21a", key, unit, stated - paid, f"reported {stated}, SP2D sum to {paid}", [row, *rows])
        physical = row.number("realisasi_fisik")
        if physical is None:
            continue
        last = before.number("realisasi_fisik") if before else None
        if last is not None and physical < last:
            yield hit("21b", key, unit, None, f"physical progress fell from {last} to {physical} %", [before, row])
        before = row


def version_rules(books: Books, kind: str, index: str, value: str) -> Iterator[Hit]:
    """Rule 27: one row a version, no version missing."""
    versions: dict[object, list[Row]] = defaultdict(list)
    for row in books.rows(kind, index, value):
        if row.text("versi"):
            versions[version_of(kind, row)].append(row)
    numbers = {decimal(rows[0].text("versi")) for rows in versions.values()}
    for rows in versions.values():
        number = decimal(rows[0].text("versi"))
        key = f"{kind}|{value}|{plain(rows[0].text('versi'))}"
        unit = rows[0].text("kode_sub_skpd") or unit_of(books, rows[0].text("kode_sbl"))
        if len(rows) > 1:
            yield hit("27a", key, unit, None, f"{len(rows)} rows of one version differ", rows)
        if number is not None and number > 1 and number - 1 not in numbers:
            yield hit("27b", key, unit, None, f"version {plain(str(number))} without the one before it", rows)
