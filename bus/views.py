"""Rows of views, their canonical JSON, and the one way into the table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bus.store.database import Tx
from bus.store.plain import plain

__all__ = ["ViewRow", "dump", "put_rows"]


@dataclass(frozen=True, slots=True)
class ViewRow:
    """One row of a view.

    Attributes:
        view: name of the view.
        ref: another node by which the row is found too.
        body: what is hashed and shown; JSON types only, numbers as text.
        evidence: what explains it and is not hashed: event ids by part.
    """

    view: str
    ref: str | None
    body: Mapping[str, Any]
    evidence: Mapping[str, Any]


def dump(value: object) -> str:
    """Canonical JSON: sorted keys, no white space."""
    return _CANONICAL.encode(value)


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def put_rows(tx: Tx, generation: int, nodes: Sequence[str], rows: Iterable[tuple[str, ViewRow]]) -> None:
    """Put rows, given with their node, in the place of all that these nodes had."""
    told = [(generation, row.view, node, plain(row.ref), dump(row.body), dump(row.evidence)) for node, row in rows]
    tx.run_in("delete from view_row where generation = ? and node in (?*)", nodes, generation)
    tx.add("view_row", told)
