"""Exports that were read, and the keys that the latest of a kind lacks.

A key is gone when no export as late as the latest undamaged one of its kind names it. Absence says nothing: gone
keys stay in the views. A key without an observed time is one whose export was cut off. Journals (punches) are not
listed anew by each export, so nothing of them is ever gone.
"""

from __future__ import annotations

from bus.store.database import Tx

__all__ = ["gone", "gone_keys"]


def gone(tx: Tx, kind: str, observed: str) -> int:
    """Number of keys of a kind that were last named before an export of some observed time."""
    row = tx.one("select count(*) from subject where kind = ? and observed < ? and observed <> ''", kind, observed)
    return int(row[0]) if row else 0


def gone_keys(tx: Tx) -> dict[str, list[str]]:
    """Keys that are gone from the latest export of their kind, sorted, by kind."""
    found: dict[str, list[str]] = {}
    for kind, key in tx.all(
        "select s.kind, s.key from subject s join (select kind, max(observed) as observed from export "
        "where rows is not null group by kind) e on e.kind = s.kind and s.observed < e.observed and s.observed <> '' "
        "order by s.kind, s.key"
    ):
        found.setdefault(kind, []).append(key)
    return found
