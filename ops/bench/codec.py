"""The compiled codec against fastavro, on the rows of the bundled feed."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import fastavro

from ops.bench.peer import contents, fastavro_encode, schema_of
from ops.bench.timing import best_of, folder, say
from ops.demo import FEED
from schemas import CATALOGUE, Codec, avsc, encode_row

__all__ = ["compare_codecs"]


def compare_codecs() -> None:
    """Print how many times faster rows are encoded and decoded."""
    with folder() as place:
        rows = list(contents(_unpacked(place)))
    ids = {name: number for number, name in enumerate(CATALOGUE)}
    codec = Codec(ids, {number: (name, avsc(name)) for name, number in ids.items()})
    bodies = [(event, fastavro_encode(event, content)) for event, content in rows]
    frames = [(event, codec.frame(event, body)) for event, body in bodies]

    def encode() -> None:
        for event, content in rows:
            encode_row(event, content)

    def encode_by_fastavro() -> None:
        for event, content in rows:
            fastavro_encode(event, content)

    def decode() -> None:
        for event, frame in frames:
            codec.decode(frame, event)

    def decode_by_fastavro() -> None:
        for event, body in bodies:
            schema, _ = schema_of(event)
            fastavro.schemaless_reader(io.BytesIO(body), schema, schema)

    for what, ours, peer in (("encode", encode, encode_by_fastavro), ("decode", decode, decode_by_fastavro)):
        say(f"codec: {what} a row, against fastavro", f"{best_of(3, peer) / best_of(3, ours):.1f}")


def _unpacked(place: Path) -> Path:
    for path in FEED.glob("*.json.gz"):
        text = json.loads(gzip.decompress(path.read_bytes()))
        (place / path.name.removesuffix(".gz")).write_text(json.dumps(text), encoding="utf-8")
    return place
