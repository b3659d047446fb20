"""A small consumer and its events, for what the store promises about facts, marks and views."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from bus import Projection, ViewRow
from bus.intake.event import event_record
from bus.ports import StoredRecord
from bus.rows import KeyRows
from bus.store import Store, generations
from bus.store.generations import Position
from schemas import Codec, Envelope, content_digest, encode_row, event_id

TOPIC = "grms.perencanaan.v1"


def toy(derive: Callable[[str, Sequence[KeyRows]], Iterator[ViewRow]] | None = None) -> Projection:
    """Its nodes are the first three characters of keys; a node's row counts and names what belongs to it."""
    return Projection("toy", {"UnitListed": ("nama_satker",)}, lambda _, key: key[:3], derive or counted, ("toy",))


def counted(node: str, keys: Sequence[KeyRows]) -> Iterator[ViewRow]:
    names = {rows.key: rows.current.columns["nama_satker"] for rows in keys}
    yield ViewRow("toy", f"REF:{node}", {"node": node, "names": names}, {"events": len(keys)})


def record(codec: Codec, key: str, name: str = "Dinas", day: int = 1, offset: int = 0) -> StoredRecord:
    """An event as it is read from the log."""
    content = {"kd_satker_str": key, "nama_satker": name}
    observed = f"2025-10-{day:02}T00:00:00.000Z"
    digest = content_digest("UnitListed", key, "", content)
    envelope = Envelope(event_id(digest, observed), "UnitListed", "/toy/units", key, "", observed, digest.hex())
    body = encode_row("UnitListed", content)
    assert isinstance(body, bytes)
    made = event_record(codec, envelope, body)[2]
    return StoredRecord(offset, 1_000 + offset, *made)


def views(store: Store, generation: int) -> dict[str, str]:
    """Body of every node's row."""
    with store.read() as tx:
        rows = tx.all("select node, body from view_row where generation = ? order by node", generation)
    assert len(rows) == len(dict(rows)), "one row of each node"
    return dict(rows)


def marks(store: Store, generation: int) -> list[str]:
    with store.read() as tx:
        return [row[0] for row in tx.all("select node from dirty where generation = ? order by node", generation)]


def place(store: Store, generation: int, partition: int = 0) -> Position | None:
    with store.read() as tx:
        return generations.positions(tx, generation).get((TOPIC, partition))
