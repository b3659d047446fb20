"""Rules and figures against a second, naive reading of their text, over folders that sources have spoilt."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

import pytest

from consumers.chain.report import summed
from consumers.chain.rules import KINDS, Asof, evaluate
from tests.oracle import mutations, rules
from tests.oracle.folders import books_of, rows_of_folder

SAMPLE = Path(__file__).parents[2] / "ops" / "demo" / "province"
SEEDS = int(os.environ.get("CHAOS_SEEDS", "0")) or 12
"""Each takes about a second, most of it the oracle's."""


@pytest.fixture(scope="module")
def sample():
    return rows_of_folder(SAMPLE)


def product(folder):
    books = books_of(folder, Asof(mutations.ASOF, 2025))
    hits, figures = defaultdict(list), []
    names = {s for kind, rows in folder.items() if kind in KINDS for r in rows for s in KINDS[kind].subjects(r)}
    for name in sorted(names):
        found, told = evaluate(books, name)
        figures.append(told.body())
        for hit in found:
            hits[hit.rule].append(hit.key)
    return {rule: sorted(keys) for rule, keys in hits.items()}, summed(figures)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_second_reading_of_the_text_says_the_same(sample, seed):
    folder = mutations.mutate(sample, seed, times=60 if seed % 2 else 12)
    oracle = rules.Folder(folder, mutations.ASOF, 2025)
    expected = oracle.check()
    hits, figures = product(folder)
    assert hits == expected
    assert figures["totals"] == oracle.totals()
    assert figures["funnel"] == oracle.funnel()
    assert figures["mak"] == oracle.mak_figures()
