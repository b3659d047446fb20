"""Answers about subjects, which need facts of many nodes. What was asked is kept: so a fact finds whom it concerns.

A fact states *terms*, and whoever is asked about a subject looks facts up by terms. Both are stored. So a new fact
marks the subjects that asked for a term which its node states, whatever the answer was then, and those that it names
itself. Nobody has to know who depends on whom, and the order of arrival can't matter: an answer is a pure function of
what its look-ups give.

An answer may be a *shared* value (its subject begins with ``!``), which others ask for by a term: they are marked only
when it changes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from bus.rows import Fact, KeyRows, content_by, rows_of
from bus.store.database import Tx
from bus.store.facts import facts_at
from bus.views import ViewRow, put_rows
from schemas import Codec

__all__ = [
    "SHARED",
    "Answer",
    "Asking",
    "Lookup",
    "Notice",
    "Stated",
    "Tell",
    "note",
    "refresh_subjects",
    "stated_subjects",
]


@dataclass(frozen=True, slots=True)
class Stated:
    """What a fact states: terms it is found by, and subjects that it concerns whatever was asked."""

    terms: Sequence[str]
    subjects: Sequence[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be said of a subject.

    Attributes:
        rows: its view rows.
        asked: terms that were looked up for it.
        value: of a shared value, its text.
    """

    subject: str
    rows: Sequence[ViewRow]
    asked: Iterable[str]
    value: str | None = None


class Notice(NamedTuple):
    """Something to be told when an answer changes: an event type, its key and its content."""

    event: str
    key: str
    content: Mapping[str, str]


Tell = Callable[[Iterable[Notice]], None]
"""Takes notices, in the transaction that stores the answer."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A consumer's subjects.

    Attributes:
        events: types of facts that are looked up.
        alone: those of them of which no node says anything.
        states: what a fact states, by type, key and content.
        answer: answers of some subjects, and of every shared value that they took; pure but for its look-ups.
        term: term by which a shared value is asked for, from its subject.
        announce: notices of what changed between two answers, from their rows' bodies and rows.
    """

    events: frozenset[str]
    alone: frozenset[str]
    states: Callable[[str, str, Mapping[str, str]], Stated]
    answer: Callable[[Lookup, Sequence[str]], Iterable[Answer]]
    term: Callable[[str], str]
    announce: Callable[[Sequence[Mapping[str, Any]], Sequence[ViewRow]], Iterable[Notice]]


_LONGEST = 500
"""Characters of a subject: an index takes no more, and no code or number that means something has as many."""

SHARED = "!"
"""First character of the subject of a shared value; it sorts before others, so these are answered first."""


def note(tx: Tx, asking: Asking, generation: int, facts: Sequence[tuple[Fact, Mapping[str, str]]]) -> None:
    """Keep what new facts state, and mark the subjects that they concern. Facts are given with their content."""
    terms: set[tuple[int, int, str]] = set()
    named: set[tuple[int, str, str]] = set()
    for fact, content in facts:
        stated = asking.states(fact.event, fact.key, content)
        terms.update((generation, _number(term), fact.node) for term in stated.terms)
        named.update((generation, fact.node, subject) for subject in stated.subjects if len(subject) <= _LONGEST)
    tx.merge("term", sorted(terms), "do nothing")
    tx.merge("named", sorted(named), "do nothing")
    _alone(tx, generation)
    nodes = sorted({fact.node for fact, _ in facts})
    concerned = tx.where_in(
        "select distinct subject from named where generation = ? and node in (?*)", nodes, generation
    )
    concerned += _asking(tx, generation, [row[0] for row in _terms_of(tx, generation, nodes)])
    _mark(tx, generation, {row[0] for row in concerned})


def _terms_of(tx: Tx, generation: int, nodes: Sequence[str]) -> list[tuple[Any, ...]]:
    return tx.where_in("select distinct term from term where generation = ? and node in (?*)", nodes, generation)


def _asking(tx: Tx, generation: int, terms: Iterable[int]) -> list[tuple[Any, ...]]:
    """Subjects that asked for some terms."""
    sql = "select distinct subject from need where generation = ? and term in (?*)"
    return tx.where_in(sql, sorted(set(terms)), generation)


def _mark(tx: Tx, generation: int, subjects: Iterable[str]) -> None:
    tx.merge("stale", [(generation, subject) for subject in sorted(subjects)], "do nothing")


def _number(term: str) -> int:
    """A term as the tables hold it; two that share a number cost a look-up, and nothing else."""
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=8).digest(), "big", signed=True)


def _alone(tx: Tx, generation: int) -> None:
    """Let no fact come in between looking up and noting what was looked up, on databases with many writers."""
    tx.exclusively(f"subjects of {generation}")


@dataclass(slots=True)
class Lookup:
    """Facts by the terms they state, within both clocks.

    Attributes:
        recorded_until: only those recorded by then, milliseconds; None = all.
        true_until: only those that had happened by then; None = all.
    """

    tx: Tx
    codec: Codec
    generation: int
    recorded_until: int | None = None
    true_until: int | None = None
    _nodes: dict[str, Sequence[KeyRows]] = field(default_factory=dict)

    def rows(self, term: str) -> list[KeyRows]:
        """Rows of every key in every node that states a term; a node may hold other keys, too."""
        found = self.tx.all(
            "select node from term where generation = ? and term = ? order by node", self.generation, _number(term)
        )
        nodes = [str(row[0]) for row in found]
        self._fetch([node for node in nodes if node not in self._nodes])
        return [rows for node in nodes for rows in self._nodes[node]]

    def forget(self) -> None:
        """Drop what was read, when it has become much."""
        if len(self._nodes) > _HELD:
            self._nodes.clear()

    def _fetch(self, nodes: Sequence[str]) -> None:
        self._nodes.update(dict.fromkeys(nodes, ()))
        facts = facts_at(
            self.tx, self.generation, nodes, recorded_until=self.recorded_until, true_until=self.true_until
        )
        facts.sort(key=attrgetter("node"))
        content = content_by(self.codec)
        for node, members in groupby(facts, key=attrgetter("node")):
            self._nodes[node] = rows_of(members, content, content)


_HELD = 20_000
"""Nodes held in memory between two subjects: about 100 MB."""


def stated_subjects(tx: Tx, generation: int) -> Iterator[str]:
    """Every subject that some fact names, sorted, streamed."""
    rows = tx.stream("select distinct subject from named where generation = ? order by subject", generation)
    return (str(row[0]) for row in rows)


def refresh_subjects(tx: Tx, asking: Asking, generation: int, codec: Codec, limit: int, tell: Tell | None) -> int:
    """Answer some marked subjects anew and store what they say; return how many. 0 = none is marked."""
    _alone(tx, generation)
    marked = "select subject from stale where generation = ? order by subject limit ?"
    subjects = [str(row[0]) for row in tx.all(marked, generation, limit)]
    if not subjects:
        return 0
    answers = list(asking.answer(Lookup(tx, codec, generation), subjects))
    if tell is not None:
        tell(_notices(tx, asking, generation, answers))
    known = _spread(tx, asking, generation, [answer for answer in answers if answer.value is not None])
    _store(tx, generation, [answer for answer in answers if answer.subject not in known - set(subjects)])
    tx.run_in("delete from stale where generation = ? and subject in (?*)", subjects, generation)
    return len(subjects)


def _spread(tx: Tx, asking: Asking, generation: int, shared: Sequence[Answer]) -> set[str]:
    """Mark who asked for shared values that changed; return the subjects of those that didn't."""
    sql = "select node, body from view_row where generation = ? and view = 'shared' and node in (?*)"
    before: dict[str, str] = dict(tx.where_in(sql, [answer.subject for answer in shared], generation))
    changed = {answer.subject for answer in shared if before.get(answer.subject) not in (None, answer.value)}
    terms = [_number(asking.term(subject)) for subject in changed]
    _mark(tx, generation, {row[0] for row in _asking(tx, generation, terms)})
    return before.keys() - changed


def _notices(tx: Tx, asking: Asking, generation: int, answers: Sequence[Answer]) -> Iterator[Notice]:
    before: dict[str, list[Mapping[str, Any]]] = {}
    sql = "select node, view, body from view_row where generation = ? and node in (?*)"
    for node, view, body in tx.where_in(sql, [answer.subject for answer in answers], generation):
        before.setdefault(node, []).append({"view": view, "body": json.loads(body)})
    for answer in answers:
        yield from asking.announce(before.get(answer.subject, []), answer.rows)


def _store(tx: Tx, generation: int, answers: Sequence[Answer]) -> None:
    names = [answer.subject for answer in answers]
    tx.run_in("delete from need where generation = ? and subject in (?*)", names, generation)
    needs = {(generation, answer.subject, _number(term)) for answer in answers for term in answer.asked}
    tx.add("need", sorted(needs))
    put_rows(tx, generation, names, ((answer.subject, row) for answer in answers for row in answer.rows))
    shared = [(generation, "shared", one.subject, None, one.value, "{}") for one in answers if one.value is not None]
    tx.add("view_row", shared)
