"""A line explained in Indonesian: every cut with its day, its rule and the policy it stands in. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from consumers.tukin.days import Day
from consumers.tukin.month import Item
from consumers.tukin.policy import Overlay
from consumers.tukin.settle import Line
from consumers.tukin.values import percent_text

__all__ = ["explained", "rupiah"]

_DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November",
    "Desember",
)  # fmt: skip
_CODES = {
    "no_rule": "tidak ada kebijakan yang berlaku",
    "no_amount": "besaran kelas jabatan tidak ada",
    "no_status_factor": "faktor status kepegawaian tidak ada",
    "no_plt_rule": "tidak ada aturan untuk Plt",
    "no_roster": "jadwal dinas (roster) tidak ada",
    "no_excuse_rule": "tidak ada aturan untuk jenis izin/cuti ini",
    "no_finding_rule": "tidak ada aturan untuk temuan ini",
    "no_sanction_rule": "tidak ada aturan untuk sanksi ini",
    "no_skp_rule": "predikat kinerja tidak punya aturan",
    "no_tax_rule": "tarif pajak untuk golongan ini tidak ada",
}
_STATUS = {
    "alpa": "tidak hadir tanpa keterangan",
    "hadir": "hadir",
    "tanpa_masuk": "tidak ada rekaman masuk",
    "tanpa_pulang": "tidak ada rekaman pulang",
    "bebas_absen": "tidak diwajibkan absen",
}


def rupiah(amount: int) -> str:
    """Write an amount the Indonesian way.

    >>> rupiah(-1234567)
    '-Rp1.234.567'
    """
    return f"{'-' if amount < 0 else ''}Rp{abs(amount):,}".replace(",", ".")


def month_name(month: str) -> str:
    """Name of a month ``YYYY-MM``."""
    year, number = month.split("-")
    return f"{_MONTHS[int(number) - 1]} {year}"


def explained(line: Line) -> Iterator[str]:
    """Lines of text, without the person's name or number."""
    month = line.month
    yield f"TPP {month_name(month.month)}"
    if month.problems:
        yield "Tidak dapat dihitung (bukan nol), karena:"
        for problem in month.problems:
            yield f"  - {_date(problem.date)}: {_CODES.get(problem.code, problem.code)} [{problem.code}, R32]"
        return
    yield from _components(line)
    yield from _cuts(line)
    yield from _settlement(line)
    yield from _sources(line)


def _date(day: date) -> str:
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def _amount(label: str, amount: int, rule: str) -> str:
    return f"  {label:34} {rupiah(amount):>18}  [{rule}]"


def _components(line: Line) -> Iterator[str]:
    month = line.month
    yield _amount("TPP bruto", month.gross_rp, "R23-R26")
    yield _amount("bagian disiplin", month.base_rp, "R26")
    yield _amount("potongan disiplin", -month.cut_rp, "R26")
    yield _amount("bagian kinerja", month.performance_base_rp, "R27")
    predikat = f" ({month.last[1].skp_predikat})" if month.last and month.performance_base_rp else ""
    yield _amount(f"kinerja dibayar{predikat}", month.performance_rp, "R27")
    if month.special_rp:
        yield _amount("potongan hari khusus", -month.special_rp, "R21, R28")
    if month.sanction_rp:
        yield _amount(f"sanksi {', '.join(month.sanctions)}", -month.sanction_rp, "R28")
    yield _amount("hak bulan ini", month.earned_rp, "R28")


def _cuts(line: Line) -> Iterator[str]:
    days = [day for day in line.month.days if day.cut]
    items = [item for item in line.month.items if item.share]
    if days or items:
        yield "Yang mengurangi:"
    for day in days:
        yield _day(day)
    for item in items:
        yield _item(item)


def _day(day: Day) -> str:
    told = [_STATUS.get(day.status, day.status)]
    if day.presence.arrived:
        told.append(f"masuk {day.presence.arrived:%H:%M:%S}")
    if day.presence.left:
        told.append(f"pulang {day.presence.left:%H:%M:%S}")
    if day.late_min:
        told.append(f"terlambat {day.late_min} menit")
    if day.early_min:
        told.append(f"pulang cepat {day.early_min} menit")
    base = "seluruh TPP" if day.total else "bagian disiplin"
    return f"  - {_date(day.date)}: {', '.join(told)}: {percent_text(day.cut)} % {base} [{' + '.join(day.rules)}]"


def _item(item: Item) -> str:
    what = {"late": "jumlah menit terlambat sebulan", "early": "jumlah menit pulang cepat sebulan"}
    kind = what.get(item.kind, item.kind)
    return f"  - sebulan: {kind}: {percent_text(item.share)} % bagian disiplin [{item.rule}]"


def _settlement(line: Line) -> Iterator[str]:
    if line.adjustments:
        yield "Perhitungan bulan lalu [R29]:"
    for one in line.adjustments:
        label = one.label.replace("_", " ")
        name = "" if one.for_month == "carry" else f" {month_name(one.for_month)}"
        yield f"  {label + name:34} {rupiah(one.amount_rp):>18}"
    yield _amount("dibayar", line.paid_rp, "R30")
    yield _amount("PPh 21", -line.pph21_rp, "R30")
    yield _amount("BPJS Kesehatan", -line.bpjs_rp, "R30")
    yield _amount("diterima", line.net_rp, "R30")
    if line.carry_rp:
        yield _amount("sisa yang dipotong bulan berikut", line.carry_rp, "R29")


def _sources(line: Line) -> Iterator[str]:
    """The law behind it, and what of it is assumed."""
    policies: dict[str, Overlay] = {day.policy.id: day.policy for day in line.month.days}
    if line.governed[1] is not None:
        policies.setdefault(line.governed[1].id, line.governed[1])
    yield "Dasar:"
    for name, policy in sorted(policies.items()):
        yield f"  {name}: {policy.dasar_hukum} (status: {policy.status})"
        if policy.assumed:
            yield f"    anggapan yang harus dipastikan: {', '.join(policy.assumed)}"
