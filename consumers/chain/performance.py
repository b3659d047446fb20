"""From agreement to pay: indicators, the ratings that cite their agreement, and what was paid on them. Pure.

An agreement stands between its indicators and the ratings that cite it: so links are as many as both, not as their
product.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from consumers.chain.money import money
from consumers.chain.nodes import EXACT, Graph, Node
from consumers.chain.rules.books import Books, Row
from consumers.chain.rules.reading import decimal, plain

__all__ = ["agreed_indicator", "employees", "indicator_of", "performance_gaps", "rated"]

_STAGE = "performance"
_WHOLE = Decimal(100)


def indicator_of(books: Books, indicator: str, into: Graph) -> str:
    """An indicator with its target and what was measured; its id."""
    agreed = books.one("sakip-perjanjian", "indicator", indicator)
    measured = books.current("sakip-realisasi", "indicator", indicator)
    rows = [*([agreed] if agreed else []), *measured]
    name = f"INDIKATOR:{indicator}"
    unit = agreed.text("kode_sub_skpd") if agreed else None
    if rows:
        into.node(name, "indicator", _STAGE, None, unit, rows, _told(agreed, measured))
    return name


def _told(agreed: Row | None, measured: list[Row]) -> dict[str, Any]:
    """Target and realisation; per cent reached only where more is better: no formula is stated for the other way."""
    by_month = sorted(measured, key=lambda row: (row.text("tahun"), row.number("bulan") or 0))
    months = {f"{row.text('tahun')}-{plain(row.text('bulan')):>02}": row.text("realisasi") or None for row in by_month}
    told: dict[str, Any] = dict.fromkeys(("indikator", "satuan", "polaritas", "target"))
    if agreed is not None:
        told = {name: agreed.text(name) or None for name in told}
    last = next((text for text in reversed(months.values()) if text is not None), None)
    target, reached = _number(told["target"]), _number(last)
    share = None
    if told["polaritas"] == "max" and target and reached is not None:
        share = str((reached * _WHOLE / target).quantize(Decimal("0.01")))
    return {**told, "measured": months, "reached_pct": share}


def _number(text: str | None) -> Decimal | None:
    """A number as plans write it: a comma for the decimal point and a per cent sign may occur."""
    return decimal(text.replace("%", "").replace(",", ".")) if text else None


def agreed_indicator(books: Books, agreed: Row, into: Graph) -> str:
    """An indicator, its agreement, the ratings that cite it and what was paid on them; the indicator's id."""
    name = indicator_of(books, agreed.text("id_indikator"), into)
    number = agreed.text("nomor_pk")
    if not number:
        return name
    pk = f"PK:{number}"
    there = pk in into.nodes
    into.link(name, into.node(pk, "agreement", _STAGE, None, agreed.text("kode_sub_skpd"), [agreed]), EXACT, [agreed])
    for rating in () if there else books.rows("skp-kinerja", "agreement", number):
        into.link(pk, rated(books, rating, into), EXACT, [rating])
    return name


def rated(books: Books, rating: Row, into: Graph) -> str:
    """A rating with the allowances that cite it; its id."""
    told = {name: rating.text(name) or None for name in _RATED}
    skp = into.node(f"SKP:{rating.text('id_skp')}", "rating", _STAGE, None, None, [rating], told)
    for row in books.rows("tpp-bayar", "rating", rating.text("id_skp")):
        paid = f"TPP:{row.text('nip')}|{row.text('tahun')}|{plain(row.text('bulan'))}"
        parts = {name: money(row.amount(name)) for name in ("nilai_tpp", "potongan_kehadiran")}
        into.node(paid, "allowance", _STAGE, row.amount("dibayar"), row.text("kode_sub_skpd"), [row], parts)
        into.link(skp, paid, EXACT, [row])
    return skp


_RATED = (
    "tahun", "bulanMulaiPenilaian", "bulanSelesaiPenilaian", "hasilKinerjaNilai", "perilakuKerjaNilai",
    "kuadranKinerjaNilai",
)  # fmt: skip


def employees(books: Books, into: Graph) -> None:
    """Whom the ratings at hand are about, by NIP alone."""
    for node in [node for node in into.nodes.values() if node.kind == "rating"]:
        nip = node.rows[0].text("pnsDinilaiId").strip()
        if nip:
            people = books.rows("siasn-pegawai", "nip", nip)
            unit = people[0].text("kode_sub_skpd") if people else None
            into.node(f"NIP:{nip}", "employee", "staffing", None, unit, people or node.rows)
            into.link(node.id, f"NIP:{nip}", EXACT, node.rows)


def performance_gaps(graph: Graph) -> Iterator[str]:
    """What is not known between an indicator and the pay that follows, in words."""
    starts = {(end.partition(":")[0], start) for start, end in graph.links}
    ends = {(start.partition(":")[0], end) for start, end in graph.links}
    for node in graph.nodes.values():
        if node.kind == "indicator":
            yield from _indicator_gaps(node, funded=("SBL", node.id) in ends)
        elif node.kind == "agreement" and ("SKP", node.id) not in starts:
            yield f"{node.id}: no rating that cites it is known"
        elif node.kind == "sub_kegiatan" and node.told["dpa"] is None:
            yield f"{node.id}: no DPA line is known, so what funds its indicators is not known"
    ratings = [node for node in graph.nodes.values() if node.kind == "rating"]
    unpaid = sum(("TPP", node.id) not in starts for node in ratings)
    if unpaid:
        yield f"{unpaid} of {len(ratings)} ratings: no allowance that cites them is known"


def _indicator_gaps(node: Node, *, funded: bool) -> Iterator[str]:
    if node.told["target"] is None:
        yield f"{node.id}: its target is not known"
    if not node.told["measured"]:
        yield f"{node.id}: nothing measured is known"
    if not funded:
        yield f"{node.id}: which DPA activity funds it is not known"
