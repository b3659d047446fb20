"""The chain around a key as an answer shows it: what the whole province's systems say of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bus.subjects import Lookup
from consumers.chain.asking import books_over
from consumers.chain.graph import (
    around_code,
    around_employee,
    around_indicator,
    around_package,
    around_payment,
    around_sub_kegiatan,
)
from consumers.chain.money import money
from consumers.chain.nodes import Graph
from consumers.chain.performance import performance_gaps
from consumers.chain.rules import Books, evaluate

__all__ = ["around"]

_MANY = 50
"""Roots shown for one key."""

Part = tuple[dict[str, dict[str, Any]], dict[tuple[str, str], dict[str, Any]], list[str]]


def around(lookup: Lookup, key: str, packages: list[str]) -> Part:
    """Nodes by id, links by their ends, and open hits in words, of what a key names.

    Args:
        packages: packages that the key was found to name.
    """
    books = books_over(lookup)
    graph = Graph()
    hits: list[str] = []
    roots = [*(("PKG", package) for package in packages), *_roots(books, key)][:_MANY]
    for prefix, name in roots:
        _AROUND[prefix](books, name, graph)
        found, _ = evaluate(books, f"{prefix}:{name}")
        hits += [f"rule {hit.rule} ({hit.key}): {hit.message}" for hit in found]
    if any(prefix in _PERFORMED for prefix, _ in roots):
        hits += performance_gaps(graph)
    nodes: dict[str, dict[str, Any]] = {
        node.id: {
            "id": node.id,
            "kind": node.kind,
            "stage": node.stage,
            "amount": money(node.amount),
            "unit": node.unit,
            "events": sorted({row.event_id for row in node.rows}),
            **({"told": dict(node.told)} if node.told else {}),
        }
        for node in graph.nodes.values()
    }
    links: dict[tuple[str, str], dict[str, Any]] = {
        ends: {
            "from": link.start,
            "to": link.end,
            "method": link.how[0],
            "confidence": float(link.how[1]),
            "evidence": sorted({row.event_id for row in link.rows}),
        }
        for ends, link in graph.links.items()
    }
    return nodes, links, hits


def _roots(books: Books, key: str) -> Iterator[tuple[str, str]]:
    """Subjects that a key names: sub kegiatan of a unit, RUP codes, SPPs."""
    prefix, _, rest = key.partition(":")
    name = rest if prefix in _FOUND_BY else key
    for kind, find in _FOUND_BY.items():
        if prefix in ("", kind) or prefix not in _FOUND_BY:
            yield from find(books, name)


def _by_sbl(books: Books, name: str) -> Iterator[tuple[str, str]]:
    if books.rows("sipd-renja-subkegiatan", "sbl", name):
        yield "SBL", name


def _by_code(books: Books, name: str) -> Iterator[tuple[str, str]]:
    for row in books.current("sipd-renja-subkegiatan", "code", name):
        yield "SBL", row.text("kode_sbl")


def _by_rup(books: Books, name: str) -> Iterator[tuple[str, str]]:
    if books.rows("rup-paket-penyedia-terumumkan", "code", name):
        yield "RUP", name


def _by_spp(books: Books, name: str) -> Iterator[tuple[str, str]]:
    if books.rows("sipd-spp", "id", name):
        yield "SPP", name


def _by_spm(books: Books, name: str) -> Iterator[tuple[str, str]]:
    for spm in books.current("sipd-spm", "id", name):
        yield from _by_spp(books, spm.text("idSpp"))


def _by_sp2d(books: Books, name: str) -> Iterator[tuple[str, str]]:
    for sp2d in books.current("sipd-sp2d", "id", name):
        yield from _by_spm(books, sp2d.text("id_spm"))


def _by_indicator(books: Books, name: str) -> Iterator[tuple[str, str]]:
    if books.rows("sakip-perjanjian", "indicator", name) or books.rows("sakip-realisasi", "indicator", name):
        yield "INDIKATOR", name


def _by_agreement(books: Books, name: str) -> Iterator[tuple[str, str]]:
    for row in books.current("sakip-perjanjian", "agreement", name):
        yield "INDIKATOR", row.text("id_indikator")


def _by_nip(books: Books, name: str) -> Iterator[tuple[str, str]]:
    if books.rows("skp-kinerja", "nip", name):
        yield "NIP", name


def _by_rating(books: Books, name: str) -> Iterator[tuple[str, str]]:
    for row in books.current("skp-kinerja", "id", name):
        yield from _by_nip(books, row.text("pnsDinilaiId").strip())


_FOUND_BY: Mapping[str, Callable[[Books, str], Iterator[tuple[str, str]]]] = {
    "SBL": _by_sbl,
    "SK": _by_code,
    "RUP": _by_rup,
    "SPP": _by_spp,
    "SPM": _by_spm,
    "SP2D": _by_sp2d,
    "INDIKATOR": _by_indicator,
    "PK": _by_agreement,
    "NIP": _by_nip,
    "SKP": _by_rating,
}
_AROUND: Mapping[str, Callable[[Books, str, Graph], None]] = {
    "PKG": around_package,
    "SBL": around_sub_kegiatan,
    "RUP": around_code,
    "SPP": around_payment,
    "INDIKATOR": around_indicator,
    "NIP": around_employee,
}
_PERFORMED = ("SBL", "INDIKATOR", "NIP")
"""Roots whose card goes from agreement to pay."""
