"""The 27 rules over the province sample, read without the bus: exactly what is expected."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from consumers.chain.rules import FUNNEL, KINDS, TOTALS, Asof, Books, evaluate
from tests.oracle.folders import books_of, rows_of_folder

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "ops" / "demo" / "province"
EXPECTED = ROOT / "tests" / "oracle" / "province-expected.json"
ASOF = Asof(date(2025, 12, 31), 2025)


def subjects(folder) -> list[str]:
    return sorted({s for kind, rows in folder.items() if kind in KINDS for r in rows for s in KINDS[kind].subjects(r)})


def answers(books: Books, names):
    hits = defaultdict(set)
    figures = []
    for name in names:
        found, told = evaluate(books, name)
        figures.append(told)
        for hit in found:
            assert hit.key not in hits[hit.rule], (hit.rule, hit.key)
            hits[hit.rule].add(hit.key)
    return {rule: sorted(keys) for rule, keys in hits.items()}, figures


@pytest.fixture(scope="module")
def folder():
    return rows_of_folder(SAMPLE)


@pytest.fixture(scope="module")
def expected():
    return json.loads(EXPECTED.read_text(encoding="utf-8"))


def test_rules_hit_what_is_expected_and_nothing_else(folder, expected):
    hits, _ = answers(books_of(folder, ASOF), subjects(folder))
    assert hits == expected["violations"]


def test_figures_are_the_expected_ones(folder, expected):
    _, figures = answers(books_of(folder, ASOF), subjects(folder))
    funnel = {name: sum(n for told in figures for (_, of), n in told.funnel.items() if of == name) for name in FUNNEL}
    assert funnel == expected["funnel"]
    totals = {
        unit: {name: format(sum(told.totals.get((unit, name), 0) for told in figures), ".2f") for name in TOTALS}
        for unit in {unit for told in figures for unit, _ in told.totals}
    }
    assert totals == expected["totals"]
    mak = {
        "clean": sum(n for told in figures for n in told.clean.values()),
        "repaired": {key: line for told in figures for (_, key), line in told.repaired.items()},
        "unresolved": sorted(key for told in figures for _, key in told.unresolved),
    }
    assert mak == expected["mak"]


class Generous:
    """A reader that gives every key of a kind, whatever was asked."""

    def __init__(self, reader) -> None:
        self.reader = reader

    def keys(self, kind, index, value):
        return self.reader._by_key.get(kind, {}).values()


def test_a_reader_may_give_more_than_was_asked_for(folder):
    books = books_of(folder, ASOF)
    some = subjects(folder)[::7]
    exact, _ = answers(books, some)
    generous, _ = answers(Books(Generous(books.reader), ASOF), some)
    assert generous == exact
