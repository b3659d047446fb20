"""Schema ids: a table that gives each published schema a number, the seed of the registry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bus.store.database import Store, Tx
from schemas import CATALOGUE, Codec, avsc

__all__ = ["open_codec", "registered"]


def open_codec(store: Store) -> Codec:
    """Register schemas that are new, then make a codec of all that were ever published.

    Ids are given in the catalogue's order, so an empty store always gives the same ones.
    """
    bodies = {name: _canonical(avsc(name)) for name in CATALOGUE}
    with store.read() as tx:
        known = _known(tx)
    if _missing(known, bodies):
        with store.write() as tx:
            tx.exclusively("schema ids")
            for name in _missing(_known(tx), bodies):
                subject = CATALOGUE[name].subject
                tx.run(
                    "insert into schema_id (id, subject, version, event, body) "
                    "select (select coalesce(max(id), 0) + 1 from schema_id), ?, coalesce(max(version), 0) + 1, ?, ? "
                    "from schema_id where subject = ?",
                    *(subject, name, bodies[name], subject),
                )
            known = _known(tx)

    def fetch(number: int) -> tuple[str, str] | None:
        with store.read() as tx:
            row = tx.one("select event, body from schema_id where id = ?", number)
        return None if row is None else (row[0], row[1])

    ids = {event: number for number, _, event, _ in known}
    return Codec(ids, {number: (event, body) for number, _, event, body in known}, fetch)


def _known(tx: Tx) -> list[tuple[Any, ...]]:
    return tx.all("select id, subject, event, body from schema_id order by id")


def _missing(known: list[tuple[Any, ...]], bodies: Mapping[str, str]) -> list[str]:
    newest = {subject: body for _, subject, _, body in known}
    return [name for name, body in bodies.items() if newest.get(CATALOGUE[name].subject) != body]


def registered(store: Store) -> dict[str, int]:
    """Newest registered version of each event type."""
    with store.read() as tx:
        return dict(tx.all("select event, max(version) from schema_id group by event"))


def _canonical(text: str) -> str:
    return json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
