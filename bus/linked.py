"""Consumers whose nodes need each other's facts: owners, parts that concern owners, and what concerns all.

A part (a PIN, an excuse) tells by its facts which owners (employees) it concerns or ever concerned. When a part
changes, those owners are marked; when what is shared changes, all are. An owner is recomputed from its own facts,
those of its parts and the shared ones. Like any view it is a function of the set of facts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bus.projection import MARKED_AGAIN
from bus.rows import Fact
from bus.store.database import Tx
from bus.store.facts import SELECT, facts_at
from bus.views import ViewRow, put_rows
from schemas import Codec

__all__ = ["Links", "Reader", "owners_of", "refresh", "shared_facts", "with_parts"]

_LINK = "link"
"""Rows under this name tie a part to an owner; they are no view, so no hash holds them."""


class Reader(Protocol):
    """What an owner's rows are derived with: made once for many owners, from the shared facts."""

    def rows(self, owner: str, facts: Sequence[Fact]) -> Iterable[ViewRow]:
        """View rows of an owner, from its own facts and those of its parts, in any order."""
        ...


@dataclass(frozen=True, slots=True)
class Links:
    """How the nodes of a consumer hang together.

    Attributes:
        shared: the node whose facts concern all owners.
        owner: what every owner's name begins with; sorts behind all other nodes, so that owners come last.
        naming: event types of parts that name owners.
        names: the owner that such an event names, from its columns by its type.
        reader: makes a `Reader` of the shared facts.
    """

    shared: str
    owner: str
    naming: tuple[str, ...]
    names: Callable[[str, Mapping[str, Any]], str]
    reader: Callable[[Sequence[Fact], Codec], Reader]


def refresh(links: Links, tx: Tx, generation: int, codec: Codec, limit: int) -> int:
    """Recompute some marked nodes: first parts and what is shared, which mark owners, then owners."""
    # Marks are locked before facts are read: what is marked later is seen by the next refresher.
    sql = "select node from dirty where generation = ? order by node limit ? for update skip locked"
    nodes = [row[0] for row in tx.all(sql, generation, limit)]
    others = [node for node in nodes if not node.startswith(links.owner)]
    if others:
        marks = _spread(links, tx, generation, codec, others)
        tx.merge("dirty", [(generation, node) for node in sorted(marks)], MARKED_AGAIN)
    elif nodes:
        reader = links.reader(shared_facts(links, tx, generation), codec)
        owners = with_parts(tx, generation, nodes)
        rows = ((owner, row) for owner, facts in owners for row in reader.rows(owner, facts))
        put_rows(tx, generation, nodes, rows)
    tx.run_in("delete from dirty where generation = ? and node in (?*)", others or nodes, generation)
    return len(others or nodes)


def _spread(links: Links, tx: Tx, generation: int, codec: Codec, nodes: Sequence[str]) -> set[str]:
    """Tie parts to the owners they name, and return the owners that must be recomputed."""
    marks = set(owners_of(links, tx, generation)) if links.shared in nodes else set()
    places = ", ".join("?" * len(links.naming))
    sql = f"{SELECT} and event in ({places}) and node in (?*)"
    ties: dict[str, set[str]] = defaultdict(set)
    for row in tx.where_in(sql, list(nodes), generation, *links.naming):
        fact = Fact(*row)
        ties[fact.node].add(links.names(fact.event, codec.decode(fact.payload, fact.event)))
    rows = ((node, ViewRow(_LINK, owner, {}, {})) for node in sorted(ties) for owner in sorted(ties[node]))
    put_rows(tx, generation, nodes, rows)
    return marks | {owner for owners in ties.values() for owner in owners}


def owners_of(links: Links, tx: Tx, generation: int) -> list[str]:
    """Every owner that has facts of its own, sorted."""
    sql = "select distinct node from fact where generation = ? and node >= ? and node < ? order by node"
    return [row[0] for row in tx.all(sql, generation, links.owner, f"{links.owner}\U0010ffff")]


def shared_facts(links: Links, tx: Tx, generation: int) -> list[Fact]:
    """Facts that concern all owners."""
    return facts_at(tx, generation, [links.shared])


def with_parts(tx: Tx, generation: int, owners: Sequence[str]) -> Iterator[tuple[str, list[Fact]]]:
    """Each owner with its own facts and those of its parts, some owners at a time."""
    for start in range(0, len(owners), _TOGETHER):
        yield from _some(tx, generation, owners[start : start + _TOGETHER])


_TOGETHER = 100
"""Owners whose facts are in memory at once: 100 people have about 10,000 punches a month."""


def _some(tx: Tx, generation: int, owners: Sequence[str]) -> Iterator[tuple[str, list[Fact]]]:
    parts: dict[str, list[str]] = {owner: [owner] for owner in owners}
    ties = f"select ref, node from view_row where generation = ? and view = '{_LINK}' and ref in (?*)"  # noqa: S608
    for owner, node in tx.where_in(ties, list(owners), generation):
        parts[owner].append(node)
    wanted = sorted({node for nodes in parts.values() for node in nodes})
    facts: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts_at(tx, generation, wanted):
        facts[fact.node].append(fact)
    for owner, nodes in parts.items():
        yield owner, [fact for node in nodes for fact in facts.get(node, ())]
