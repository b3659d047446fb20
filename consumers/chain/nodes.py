"""Nodes and links of the chain while they are gathered, each with the rows behind. Pure.

Ids begin with their kind; amounts are rupiah.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from consumers.chain.rules.books import Row

__all__ = ["CONTAINED", "EXACT", "NUMBER", "PARSED", "REPAIRED", "UNRESOLVED", "Graph", "Link", "Node"]

EXACT = ("exact_id", "1.00")
NUMBER = ("normalised_number", "0.95")
PARSED = ("parsed_mak", "0.95")
REPAIRED = ("repaired_mak", "0.80")
CONTAINED = ("number_contains_order", "0.90")
UNRESOLVED = ("unresolved_mak", "0.00")
"""How a link was found, and how sure that is: an id as stated; unit and number but for white space and case; read out
of a budget line; read out of a re-cut one that fits one line only; an order's code within a number; not at all."""


@dataclass(frozen=True, slots=True)
class Node:
    """Something in the chain.

    Attributes:
        told: what else is said of it, JSON types; None = not known.
    """

    id: str
    kind: str
    stage: str
    amount: Decimal | None
    unit: str | None
    rows: tuple[Row, ...]
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """Two things that belong together, and how that was found."""

    start: str
    end: str
    how: tuple[str, str]
    rows: tuple[Row, ...]


@dataclass(slots=True)
class Graph:
    """Nodes by id and links by their ends, while they are gathered."""

    nodes: dict[str, Node] = field(default_factory=dict)
    links: dict[tuple[str, str], Link] = field(default_factory=dict)

    def node(
        self,
        name: str,
        kind: str,
        stage: str,
        amount: Decimal | None,
        unit: str | None,
        rows: Iterable[Row],
        told: Mapping[str, Any] | None = None,
    ) -> str:
        """Add a node; return its id."""
        self.nodes.setdefault(name, Node(name, kind, stage, amount, unit or None, tuple(rows), told or {}))
        return name

    def link(self, start: str, end: str, how: tuple[str, str], rows: Iterable[Row]) -> None:
        """Add a link."""
        self.links.setdefault((start, end), Link(start, end, how, tuple(rows)))
