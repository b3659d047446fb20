"""Rules 24d, 25 and 26: archive, performance, oversight. Pure.

Source: ``integrity-rules`` section 5.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from consumers.chain.rules.books import Books, Row
from consumers.chain.rules.contracts import contract_at
from consumers.chain.rules.hits import Hit, hit
from consumers.chain.rules.reading import ZERO, exceeds, norm, plain

__all__ = ["allowance_rules", "disposal_rules", "indicator_rules", "rating_rules", "recommendation_rules"]


def disposal_rules(books: Books, name: str) -> Iterator[Hit]:
    """24d: nothing is destroyed while a finding on its contract is open."""
    for row in books.current("srikandi-penyusutan", "id", name):
        when, unit = row.day("tanggal"), row.text("kode_sub_skpd")
        if row.text("tindakan") != "musnah" or when is None:
            continue
        contract = contract_at(books, unit, norm(row.columns.get("nomor_naskah")))
        if contract is None:
            continue
        open_then = [
            recommendation
            for number in contract.numbers
            for finding in books.current("siptl-temuan", "number", f"{contract.unit}|{number}")
            if (issued := finding.day("tanggal_lhp")) is not None and issued <= when
            for recommendation in books.current("siptl-rekomendasi", "finding", finding.text("id_temuan"))
            if _open_on(recommendation, when)
        ]
        if open_then:
            told = f"destroyed on {when} while a finding on {contract.key} was open"
            yield hit("24d", name, unit, None, told, [row, *open_then])


def _open_on(recommendation: Row, when: date) -> bool:
    closed = recommendation.day("tanggal_status")
    return recommendation.text("status") != "Sesuai" or (closed is not None and closed > when)


def indicator_rules(books: Books, indicator: str) -> Iterator[Hit]:
    """25a: what is measured was agreed before."""
    if not books.has("sakip-perjanjian"):
        return
    agreed = books.rows("sakip-perjanjian", "indicator", indicator)
    first = min((when for row in agreed if (when := row.day("tanggal_penetapan"))), default=None)
    months: dict[str, list[Row]] = {}
    for row in books.rows("sakip-realisasi", "indicator", indicator):
        measured = row.day("tanggal_ukur")
        if not agreed or (measured is not None and first is not None and measured < first):
            months.setdefault(plain(row.text("bulan")), []).append(row)
    for month, rows in months.items():
        told = f"measured before the agreement of {first}" if agreed else "measured, but agreed nowhere"
        unit = agreed[0].text("kode_sub_skpd") if agreed else None
        yield hit("25a", f"{indicator}|{month}", unit, None, told, [*rows, *agreed])


def rating_rules(books: Books, name: str) -> Iterator[Hit]:
    """25b: a rating cites an agreement."""
    if not books.has("sakip-perjanjian"):
        return
    for row in books.rows("skp-kinerja", "id", name):
        number = row.text("nomor_pk")
        if not books.rows("sakip-perjanjian", "agreement", number):
            told = f"cites the agreement {number}, which is unknown" if number else "cites no agreement"
            yield hit("25b", name, None, None, told, [row])
            return


def allowance_rules(books: Books, payment: str) -> Iterator[Hit]:
    """25c: an allowance cites a rating."""
    if not books.has("skp-kinerja"):
        return
    for row in books.rows("tpp-bayar", "payment", payment):
        rating = row.text("id_skp")
        if not books.rows("skp-kinerja", "id", rating):
            told = f"cites the rating {rating}, which is unknown" if rating else "cites no rating"
            key = f"{row.text('nip')}|{plain(row.text('bulan'))}"
            yield hit("25c", key, row.text("kode_sub_skpd"), row.amount("dibayar"), told, [row])
            return


def recommendation_rules(books: Books, name: str) -> Iterator[Hit]:
    """26: a recommendation is conform only once its value was deposited."""
    if not books.has("siptl-setoran"):
        return
    for row in books.current("siptl-rekomendasi", "id", name):
        value, closed = row.amount("nilai_rekomendasi"), row.day("tanggal_status")
        if row.text("status") != "Sesuai" or value <= 0:
            continue
        deposits = [
            deposit
            for deposit in books.rows("siptl-setoran", "recommendation", name)
            if (paid := deposit.day("tanggal_setor")) is not None and closed is not None and paid <= closed
        ]
        sum_rp = sum((deposit.amount("nilai") for deposit in deposits), ZERO)
        if exceeds(value, sum_rp):
            told = f"conform since {closed} with {sum_rp} of {value} deposited"
            yield hit("26", name, None, value - sum_rp, told, [row, *deposits])
