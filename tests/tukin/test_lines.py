"""A policy book gives each unit its line; a line is one policy after another."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
import yaml

from consumers.tukin.lines import with_lines
from consumers.tukin.loader import read_policies
from consumers.tukin.policy import Book
from consumers.tukin.values import BadInput
from ops.ingest import Request, ingest
from ops.tukin import month_lines
from tests.rules.one import policy_text
from tests.tukin.through_bus import home

CASE = Path(__file__).parent / "cases" / "01-daerah"
DAY = date(2025, 8, 4)


def policies(**dates: tuple[str, str | None]) -> Book:
    found = []
    for name, (berlaku, sampai) in dates.items():
        (policy,) = yaml.safe_load(policy_text(name))
        found.append({**policy, "berlaku": berlaku, "sampai": sampai})
    return Book(tuple(read_policies(yaml.safe_dump(found), "p.yaml")))


def book_text(**told) -> str:
    return yaml.safe_dump(told)


def test_each_unit_has_its_line_and_others_the_default():
    book = policies(pusat2013=("2013-01-01", None), kejaksaan2020=("2020-01-01", None))
    told = book_text(lines={"a": ["pusat2013"], "b": ["kejaksaan2020"]}, units={"Unit B": "b"}, default="a")
    lined = with_lines(book, told, "book")
    assert lined.main(DAY, DAY, "Unit B").id == "kejaksaan2020"
    assert lined.main(DAY, DAY, "Unit A").id == "pusat2013"
    assert with_lines(book, book_text(lines={"b": []}, units={}), "book").main(DAY, DAY, "Unit A") is None


@pytest.mark.parametrize(
    ("dates", "told"),
    [
        ({"pusat2013": ("2013-01-01", None), "kejaksaan2020": ("2020-01-01", None)}, "both hold on 2020-01-01"),
        ({"pusat2013": ("2013-01-01", "2020-01-01"), "kejaksaan2020": ("2020-01-01", None)}, "both hold on 2020-01-01"),
        (
            {"pusat2013": ("2013-01-01", "2019-12-30"), "kejaksaan2020": ("2020-01-01", None)},
            "no policy from 2019-12-31",
        ),
    ],
)
def test_an_overlap_or_a_gap_in_a_line_is_refused(dates, told):
    with pytest.raises(BadInput, match=told):
        with_lines(policies(**dates), book_text(lines={"a": sorted(dates)}, default="a"), "book")


def test_one_policy_after_another_is_a_line():
    book = policies(pusat2013=("2013-01-01", "2019-12-31"), kejaksaan2020=("2020-01-01", None))
    lined = with_lines(book, book_text(lines={"a": ["pusat2013", "kejaksaan2020"]}, default="a"), "book")
    assert lined.main(date(2019, 12, 31), DAY).id == "pusat2013"
    assert lined.main(date(2020, 1, 1), DAY).id == "kejaksaan2020"


@pytest.mark.parametrize(
    "told",
    ["[]", "lines: {a: [entah]}", "lines: {a: []}\nunits: {U: b}", "lines: {}\nentah: 1", "lines: {a: x}", "a: [", ""],
)
def test_what_is_no_book_is_refused(told):
    with pytest.raises(BadInput, match="book"):
        with_lines(policies(pusat2013=("2013-01-01", None)), told, "book")


def test_a_book_through_the_bus(tmp_path):
    """The one unit of the case is given another line: its pay follows, with an error line and no zero."""
    case = shutil.copytree(CASE, tmp_path / "case")
    with home(tmp_path / "home") as parts:
        ingest(parts, Request("tukin-case", [case]))
        before = month_lines(parts, "2025-08").lines
        assert not any(line.month.problems for line in before)
        (case / "policy-book.yaml").write_text(book_text(lines={"a": ["daerah4060"]}, units={"Unit A": "a"}))
        ingest(parts, Request("tukin-case", [case / "policy-book.yaml"]))
        assert month_lines(parts, "2025-08").lines == before
        (case / "policy-book.yaml").write_text(book_text(lines={"a": ["daerah4060"]}, units={"Unit B": "a"}))
        ingest(parts, Request("tukin-case", [case / "policy-book.yaml"]))
        after = month_lines(parts, "2025-08").lines
        assert {problem.code for line in after for problem in line.month.problems} == {"no_rule"}
