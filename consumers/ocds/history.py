"""What sources stated of the objects of a process, statement by statement, repetitions left out. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cmp_to_key
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from bus.rows import Fact
from schemas import Content, compare_contents
from schemas.values import version_order

__all__ = ["Statement", "history"]


class Statement(NamedTuple):
    """One content that a source gave.

    Attributes:
        observed: when its source said so, text that sorts, UTC.
        columns: its public columns.
    """

    event: str
    key: str
    version: str
    observed: str
    event_id: str
    columns: Mapping[str, Any]


def history(
    facts: Iterable[Fact],
    decode: Callable[[Fact], Mapping[str, Any]],
    content: Callable[[Fact], Content],
) -> list[Statement]:
    """Statements of every key: versions rising, each in observed order.

    Invariant: the last one of a key is its current row, as `bus.rows` has it, in whatever order the facts are given.

    Args:
        facts: each event once.
        decode: public columns.
        content: whole content, asked only where several contents were stated at once.
    """
    by_key: dict[tuple[str, str], dict[str, list[Fact]]] = defaultdict(lambda: defaultdict(list))
    for fact in facts:
        by_key[fact.event, fact.key][fact.version].append(fact)
    return [
        Statement(event, key, version, fact.observed, fact.event_id, decode(fact))
        for (event, key), versions in sorted(by_key.items())
        for version in sorted(versions, key=version_order)
        for fact in _stated(versions[version], content)
    ]


def _stated(facts: Sequence[Fact], content: Callable[[Fact], Content]) -> list[Fact]:
    found: list[Fact] = []
    before: set[str] = set()
    order = cmp_to_key(compare_contents)
    for _, members in groupby(sorted(facts, key=attrgetter("observed", "digest")), key=attrgetter("observed")):
        stated = list(members)
        digests = {fact.digest for fact in stated}
        if digests != before:
            found += stated if len(stated) == 1 else sorted(stated, key=lambda fact: order(content(fact)))
        before = digests
    return found
