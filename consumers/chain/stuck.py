"""What waits, since when, and whose turn it is; and how far money and work are apart. Pure.

A thing waits at the last stage that it reached. Ages are days up to the date that is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from consumers.chain.rules.books import Books, Row
from consumers.chain.rules.budget import line_amount, live
from consumers.chain.rules.contracts import Contract, contracts_of, package_kind, sp2ds_of, spps_of
from consumers.chain.rules.packages import users_of
from consumers.chain.rules.reading import ZERO, plain

__all__ = ["Deviation", "Waiting", "deviation_of", "waiting"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that has not gone on.

    Attributes:
        stage: what was reached.
        turn: who is to act: pokja, ppk, provider, pptk, ppk_skpd, bud, bank.
        since: day it was reached, or was due.
    """

    key: str
    unit: str
    stage: str
    turn: str
    since: date
    amount: Decimal

    def age_days(self, today: date) -> int:
        """Days that it has waited."""
        return (today - self.since).days


def waiting(books: Books, subject: str, today: date) -> Iterator[Waiting]:
    """What waits of a subject (``PKG:``, ``RUP:`` or ``SPP:`` and its id), up to a day."""
    prefix, _, name = subject.partition(":")
    found: Iterator[Waiting] = iter(())
    if prefix == "PKG" and not name.startswith("EC:"):
        found = _package(books, name, today)
    elif prefix == "RUP":
        found = _code(books, name)
    elif prefix == "SPP":
        found = _payment(books, name)
    return (item for item in found if item.since <= today)


def _code(books: Books, code: str) -> Iterator[Waiting]:
    """Announced, its selection was to begin, and nobody has used it."""
    plan = books.one("rup-paket-penyedia-terumumkan", "code", code)
    due = plan.day("tgl_awal_pemilihan") if plan else None
    if plan is not None and due is not None and live(plan) and not users_of(books, code):
        yield Waiting(f"RUP:{code}", plan.text("kd_satker_str"), "announced", "pokja", due, plan.amount("pagu"))


def _package(books: Books, package: str, today: date) -> Iterator[Waiting]:
    contracts = contracts_of(books, package)
    if not contracts:
        yield from _uncontracted(books, package)
    for contract in contracts:
        yield from _contract(books, contract, today)


def _uncontracted(books: Books, package: str) -> Iterator[Waiting]:
    """Procurement is over, and nobody has signed."""
    title = "tender" if package.startswith("T:") else "nontender"
    columns = ("tgl_penetapan_pemenang", "tgl_selesai_nontender", f"tgl_pengumuman_{title}")
    for row in books.current(package_kind(package, "selesai"), "package", package):
        since = next((when for column in columns if (when := row.day(column))), None)
        if row.text(f"status_{title}") == "Selesai" and since is not None:
            amount = row.amount("nilai_kontrak") or row.amount("hps")
            yield Waiting(package, row.text("kd_satker_str"), "procured", "ppk", since, amount)


def _contract(books: Books, contract: Contract, today: date) -> Iterator[Waiting]:
    unit, open_rp = contract.unit, contract.value - contract.paid
    due = max((when for row in contract.work_orders if (when := row.day("tgl_selesai_pekerjaan"))), default=None)
    if due is not None and due < today and open_rp > 1:
        yield Waiting(f"KONTRAK:{contract.key}", unit, "signed", "provider", due, open_rp)
    if not contract.handovers:
        return
    filed = sum((row.amount("nilaiSpp") for row in spps_of(books, contract)), ZERO)
    last = max(contract.days("tgl_bap") or contract.days("tgl_bast"), default=None)
    if last is not None and contract.paid - filed > 1:
        yield Waiting(f"KONTRAK:{contract.key}", unit, "handed_over", "pptk", last, contract.paid - filed)
    for row in sp2ds_of(books, contract):
        issued = row.day("tanggal_sp_2_d")
        if issued is not None and row.text("is_transfer_sp_2_d") == "0":
            key = f"SP2D:{row.text('id_sp_2_d')}"
            yield Waiting(key, unit, "sp2d_issued", "bank", issued, row.amount("nilai_sp_2_d"))


def _payment(books: Books, name: str) -> Iterator[Waiting]:
    for spp in books.current("sipd-spp", "id", name):
        orders = books.current("sipd-spm", "spp", name)
        filed = spp.day("tanggalSpp")
        if not orders and filed is not None:
            yield Waiting(
                f"SPP:{name}", spp.text("kode_sub_skpd"), "spp_filed", "ppk_skpd", filed, spp.amount("nilaiSpp")
            )
        for spm in orders:
            issued = spm.day("tanggalSpm")
            if issued is not None and not _paid(books, spm):
                key = f"SPM:{spm.text('idSpm')}"
                yield Waiting(key, spp.text("kode_sub_skpd"), "spm_issued", "bud", issued, spm.amount("nilaiSpm"))


def _paid(books: Books, spm: Row) -> bool:
    return any(not row.text("deleted_at") for row in books.current("sipd-sp2d", "spm", spm.text("idSpm")))


@dataclass(frozen=True, slots=True)
class Deviation:
    """Progress of a sub kegiatan in its last reported month.

    Attributes:
        physical: per cent of the work, as reported.
        financial: per cent of the ceiling that was spent, as reported; None = no ceiling.
        planned: per cent of the ceiling that the cash plan of the report asks for.
    """

    key: str
    unit: str
    month: str
    physical: Decimal
    financial: Decimal | None
    planned: Decimal | None


def deviation_of(books: Books, sbl: str) -> Deviation | None:
    """How far work, money and plan of a sub kegiatan are apart; None = nobody reported."""
    reported = [
        row
        for row in books.current("rfk-bulanan", "sbl", sbl)
        if row.number("bulan") is not None and row.number("realisasi_fisik") is not None
    ]
    if not reported:
        return None
    row = max(reported, key=lambda row: row.number("bulan") or ZERO)
    plan = books.one("sipd-renja-subkegiatan", "sbl", sbl)
    pagu = line_amount(plan, "pagu") if plan else ZERO
    physical = row.number("realisasi_fisik") or ZERO
    return Deviation(
        sbl,
        row.text("kode_sub_skpd"),
        plain(row.text("bulan")),
        physical,
        _share(row.amount("realisasi_anggaran"), pagu),
        _share(row.amount("rak"), pagu),
    )


def _share(part: Decimal, whole: Decimal) -> Decimal | None:
    """Per cent with two decimals."""
    return (part * 100 / whole).quantize(Decimal("0.01")) if whole > 0 else None
