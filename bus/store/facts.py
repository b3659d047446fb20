"""Facts: reading those of some nodes, within both clocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bus.rows import Fact
from bus.store.database import Tx
from schemas import CATALOGUE

__all__ = ["SELECT", "facts_at", "facts_of"]

SELECT = f"select {', '.join(Fact._fields)} from fact where generation = ?"  # noqa: S608 - constants
"""Facts of a generation, as `Fact` takes them; conditions follow."""

_ALWAYS = tuple(name for name, event_type in CATALOGUE.items() if not event_type.event_time)
"""Types that are true on every date."""


def _clocks(recorded_until: int | None, true_until: int | None) -> tuple[str, tuple[object, ...]]:
    """Both clocks as conditions with their parameters."""
    sql, params = "", tuple[object, ...]()
    if recorded_until is not None:
        sql, params = " and recorded_ms <= ?", (recorded_until,)
    if true_until is not None:
        sql += f" and (event_ms <= ? or event in ({', '.join('?' * len(_ALWAYS))}))"
        params += (true_until, *_ALWAYS)
    return sql, params


def facts_at(
    tx: Tx,
    generation: int,
    nodes: Sequence[str],
    *,
    recorded_until: int | None = None,
    true_until: int | None = None,
) -> list[Fact]:
    """Facts of some nodes, in any order; clocks as in `facts_of`."""
    clocks, params = _clocks(recorded_until, true_until)
    return [Fact(*row) for row in tx.where_in(f"{SELECT}{clocks} and node in (?*)", nodes, generation, *params)]


def facts_of(
    tx: Tx,
    generation: int,
    *,
    recorded_until: int | None,
    true_until: int | None,
    nodes: Iterable[str] | None = None,
) -> Iterator[Fact]:
    """Facts of a generation, grouped by node, streamed.

    Args:
        recorded_until: only those recorded by then (as known at), milliseconds.
        true_until: only those that had happened by then (as true at); an event of which nobody stated when
            it happened is not among them, one that is true on every date always is.
        nodes: only these nodes, sorted; None = all.
    """
    clocks, params = _clocks(recorded_until, true_until)
    if nodes is None:
        rows: Iterator[tuple[Any, ...]] = tx.stream(f"{SELECT}{clocks} order by node", generation, *params)
    else:
        one = f"{SELECT} and node = ?{clocks}"
        rows = (row for node in nodes for row in tx.all(one, generation, node, *params))
    return (Fact(*row) for row in rows)
