"""Second step of intake: decide which statements differ from what precedes them; those become events.

Killed anywhere, the next command finds the undecided statements and settles them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

from bus.intake.event import event_record
from bus.parts import Parts
from bus.ports import Record
from bus.retry import retrying
from bus.statements import State, decide
from bus.store import outbox
from bus.store.database import Tx
from schemas import Codec, Envelope, event_id

__all__ = ["settle"]

_CHUNK = 2000
"""Keys settled in one transaction: 2,000 events are about 2 MB of outbox."""

_TOUCHED = """
with touched as (
    select event, key, version, min(observed) as lo, max(observed) as hi
    from statement where state = 0 group by event, key, version order by event, key, version limit ?)
select s.event, s.key, s.version, s.observed, s.digest, s.state, s.export, s.observed < t.lo
from touched t join statement s on s.event = t.event and s.key = t.key and s.version = t.version
and s.observed >= coalesce((select max(p.observed) from statement p where p.event = t.event and p.key = t.key
    and p.version = t.version and p.observed < t.lo), t.lo)
and s.observed <= coalesce((select min(p.observed) from statement p where p.event = t.event and p.key = t.key
    and p.version = t.version and p.observed > t.hi), t.hi)
order by s.event, s.key, s.version, s.observed, s.digest
"""
"""Undecided statements with their neighbours: the one before the first, and the one after the last."""


def settle(parts: Parts) -> Counter[int]:
    """Decide every undecided statement and put the events of those that differ into the outbox.

    Returns:
        Number of new events by the export that stated them last.
    """
    published: Counter[int] = Counter()
    while (some := retrying(partial(_settle_some, parts))) is not None:
        published.update(some)
    return published


def _settle_some(parts: Parts) -> list[int] | None:
    """Settle some keys in one transaction; return the export of each new event, None where nothing is left."""
    with parts.store.write() as tx:
        tx.exclusively("settle")  # a step judges statements as the step before left them
        rows = tx.all(_TOUCHED, _CHUNK)
        if not rows:
            return None
        changes = _decide_all(rows)
        tx.merge(
            "statement",
            [(*place, int(state), export) for place, (state, export) in changes.items()],
            "(event, key, version, observed, digest) do update set state = excluded.state",
        )
        events = {place: export for place, (state, export) in changes.items() if state is State.PUBLISHED}
        outbox.put(tx, parts.log, _events(tx, parts.codec, events))
    return list(events.values())


Place = tuple[str, str, str, str, bytes]


def _decide_all(rows: list[tuple[Any, ...]]) -> dict[Place, tuple[State, int]]:
    changes: dict[Place, tuple[State, int]] = {}
    for group, members in groupby(rows, key=itemgetter(0, 1, 2)):
        history: list[tuple[str, dict[bytes, State]]] = []
        exports: dict[tuple[str, bytes], int] = {}
        context = False
        for _, _, _, observed, digest, state, export, before in members:
            if not history or history[-1][0] != observed:
                history.append((observed, {}))
            history[-1][1][digest] = State(state)
            exports[observed, digest] = export
            context = context or bool(before)
        for observed, digest, state in decide(history, first_is_context=context):
            changes[(*group, observed, digest)] = (state, exports[observed, digest])
    return changes


def _events(tx: Tx, codec: Codec, places: Mapping[Place, int]) -> Iterator[tuple[str, str, Record]]:
    digests = list({place[4] for place in places})
    contents = {
        digest: (event_ms, unit, body)
        for digest, event_ms, unit, body in tx.where_in(
            "select digest, event_ms, unit, body from content where digest in (?*)", digests
        )
    }
    exports = {
        number: (f"/{source}/{kind}", traceparent)
        for number, source, kind, traceparent in tx.where_in(
            "select id, source, kind, traceparent from export where id in (?*)", list(set(places.values()))
        )
    }
    for (event, key, version, observed, digest), export in places.items():
        event_ms, unit, body = contents[digest]
        source, traceparent = exports[export]
        name = event_id(digest, observed)
        envelope = Envelope(name, event, source, key, version, observed, digest.hex(), event_ms, unit, traceparent)
        yield event_record(codec, envelope, body)
