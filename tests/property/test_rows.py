"""Rows and current row of a key depend on what was said and when it was observed, not on how facts arrive."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from bus.rows import Fact, rows_of


@dataclass(frozen=True)
class Said:
    """One statement's content: of a key, a version, on a day."""

    key: str
    version: str
    day: int
    content: str


said = st.builds(
    Said,
    key=st.sampled_from(["NT:1", "NT:2"]),
    version=st.sampled_from(["0", "1", "2", "10"]),
    day=st.integers(1, 5),
    content=st.sampled_from("ABC"),
)
histories = st.sets(said, min_size=1, max_size=25)


def fact(one: Said) -> Fact:
    observed = f"2025-10-0{one.day}"
    name = f"{one.key} {one.version} {observed} {one.content}"
    return Fact("NT:1", "PurchaseAnnounced", one.key, one.version, observed, None, 0, name, one.content, b"")


def rows(facts: list[Fact]) -> list[tuple[str, list[tuple[str, str]]]]:
    found = rows_of(facts, lambda fact: {"content": fact.digest}, lambda fact: {"column": fact.digest})
    return [(key.key, [(row.version, row.event_id) for row in key.rows]) for key in found]


@given(histories, st.randoms(use_true_random=False))
def test_the_order_of_facts_never_counts(history, rng):
    facts = [fact(one) for one in history]
    first = rows(facts)
    rng.shuffle(facts)
    assert rows(facts) == first


@given(histories)
def test_rows_are_the_last_run_named_by_its_earliest_statement(history):
    for key, found in rows([fact(one) for one in history]):
        for version in {version for version, _ in found}:
            days: dict[int, set[str]] = {}
            for one in history:
                if (one.key, one.version) == (key, version):
                    days.setdefault(one.day, set()).add(one.content)
            ordered = sorted(days)
            began = ordered[-1]
            for day in reversed(ordered):
                if days[day] != days[ordered[-1]]:
                    break
                began = day
            expected = {fact(Said(key, version, began, content)).event_id for content in days[began]}
            assert {name for one, name in found if one == version} == expected


@given(histories)
def test_versions_stand_in_the_order_of_numbers_and_the_greatest_is_current(history):
    for key, found in rows([fact(one) for one in history]):
        versions = [int(version) for version, _ in found]
        assert versions == sorted(versions)
        assert versions[-1] == max(int(one.version) for one in history if one.key == key)


@given(histories)
def test_of_several_contents_of_one_version_the_greatest_is_current(history):
    for _, found in rows([fact(one) for one in history]):
        version = found[-1][0]
        contents = [name[-1] for one, name in found if one == version]
        assert contents == sorted(contents)


@given(histories)
def test_a_redundant_repetition_changes_nothing(history):
    facts = [fact(one) for one in history]
    last = {
        (one.key, one.version): max(o.day for o in history if (o.key, o.version) == (one.key, one.version))
        for one in history
    }
    again = [
        fact(Said(one.key, one.version, 9, one.content)) for one in history if one.day == last[one.key, one.version]
    ]
    assert rows(facts + again) == rows(facts)
