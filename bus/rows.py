"""Rows and current row of a key, from its facts. Pure; this is what makes arrival not count.

A key's rows are, per version, the contents of its last statement, each represented by the earliest statement
of that last run. Its current row is that of the greatest version, of several the greatest content.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any, NamedTuple

from bus.statements import last_run
from schemas import Codec, Content, compare_contents, content_of
from schemas.values import version_order

__all__ = ["Fact", "KeyRows", "Row", "content_by", "rows_of"]


class Fact(NamedTuple):
    """One event as the store keeps it; times in milliseconds UTC, payload framed Avro."""

    node: str
    event: str
    key: str
    version: str
    observed: str
    event_ms: int | None
    recorded_ms: int
    event_id: str
    digest: str
    payload: bytes


def content_by(codec: Codec) -> Callable[[Fact], Content]:
    """A reader of the whole content of a fact: its columns as the source wrote them."""

    def content(fact: Fact) -> Content:
        return content_of(fact.event, codec.decode(fact.payload, fact.event))

    return content


class Row(NamedTuple):
    """One row: its version, the columns that the consumer reads, and the event behind it."""

    version: str
    columns: Mapping[str, Any]
    event_id: str
    event_ms: int | None


@dataclass(frozen=True, slots=True)
class KeyRows:
    """All rows of one key, lowest version first; several of one version by content.

    Invariant: never empty.
    """

    event: str
    key: str
    rows: tuple[Row, ...]

    @property
    def current(self) -> Row:
        """The row of the greatest version, of several the greatest content."""
        return self.rows[-1]


def rows_of(
    facts: Iterable[Fact],
    decode: Callable[[Fact], Mapping[str, Any]],
    content: Callable[[Fact], Content],
) -> list[KeyRows]:
    """Rows of every key among the facts of one node, sorted by event type and key.

    Args:
        facts: in any order, each event once.
        decode: columns that the consumer reads.
        content: whole content, asked only where two contents of one version must be ordered.
    """
    by_key: dict[tuple[str, str], dict[str, list[Fact]]] = defaultdict(lambda: defaultdict(list))
    for fact in facts:
        by_key[fact.event, fact.key][fact.version].append(fact)
    found = []
    for (event, key), versions in sorted(by_key.items()):
        rows: list[Row] = []
        for version in sorted(versions, key=version_order):
            rows += [
                Row(version, decode(fact), fact.event_id, fact.event_ms)
                for fact in _last_statement(versions[version], content)
            ]
        found.append(KeyRows(event, key, tuple(rows)))
    return found


def _last_statement(facts: list[Fact], content: Callable[[Fact], Content]) -> list[Fact]:
    if len(facts) == 1:
        return facts
    facts.sort(key=lambda fact: (fact.observed, fact.digest))
    began, digests = last_run([(fact.observed, fact.digest) for fact in facts])
    last = [fact for fact in facts if fact.observed == began and fact.digest in digests]
    if len(last) > 1:
        order = cmp_to_key(compare_contents)
        last.sort(key=lambda fact: order(content(fact)))
    return last
