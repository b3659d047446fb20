"""What rules compare with: the latest date of any manifest, and the budget year told with it."""

from __future__ import annotations

from datetime import date

from consumers.chain.rules import Asof, Books, Row
from consumers.chain.rules.books import memory


def asof(*exports):
    rows = [
        Row(str(n), {"kind": "x", **{k: v for k, v in told.items() if v}}, "", str(n), None)
        for n, told in enumerate(exports)
    ]
    return Books(memory({"export": rows})).asof


def test_without_a_manifest_nothing_is_told():
    assert asof({}) == Asof(None, None)


def test_the_latest_date_counts_with_its_own_year():
    early = {"as_of": "2025-12-31", "tahun_anggaran": "2025"}
    late = {"as_of": "2026-01-31", "tahun_anggaran": "2025"}
    assert asof(late, early) == Asof(date(2026, 1, 31), 2025)


def test_a_manifest_without_year_means_the_year_of_its_date():
    assert asof({"as_of": "2025-06-30"}) == Asof(date(2025, 6, 30), 2025)
