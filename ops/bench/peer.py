"""The peer of codec and job: the same rows by the json module and fastavro alone."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import fastavro

from adapters import kind_of, kinds_of
from schemas import EXPORT_COLUMNS, avsc, text_of
from schemas.values import KdRup, Mak, is_blank, parse_sen

__all__ = ["contents", "fastavro_encode", "parse_and_encode", "schema_of"]


def parse_and_encode(feed: Path) -> None:
    """The floor of the job: merely parse the same JSON and encode each row."""
    for event, content in contents(feed):
        fastavro_encode(event, content)


def contents(feed: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Event type and content of every row of a feed."""
    decode = json.JSONDecoder(parse_int=str, parse_float=str).decode
    for path in sorted(feed.glob("*.json")):
        kind = kind_of(path.name, kinds_of("isb"))
        if kind is None:
            continue
        for row in decode(path.read_text(encoding="utf-8")):
            yield (
                kind.event,
                {name: text for name in row if name not in EXPORT_COLUMNS and (text := text_of(row[name]))},
            )


@cache
def schema_of(event: str) -> tuple[Any, list[tuple[str, str]]]:
    """Parsed schema, and the columns that are not plain text: money and links."""
    schema = json.loads(avsc(event))
    typed = [
        (field["name"], "links" if field["type"] == {"type": "array", "items": "string"} else "money")
        for field in schema["fields"]
        if field["name"] != "extra" and field["type"] != ["null", "string"]
    ]
    return fastavro.parse_schema(schema), typed


def fastavro_encode(event: str, content: dict[str, str]) -> bytes:
    """The peer: a row's event by the library alone."""
    schema, typed = schema_of(event)
    record: dict[str, object] = {**content, "extra": {}}
    for column, kind in typed:
        text = content.get(column)
        if text is None:
            continue
        record[f"{column}_raw"] = text
        if kind == "links":
            record[column] = (Mak if column == "mak" else KdRup).split(text)
        elif is_blank(text):
            del record[column]
        else:
            sen = parse_sen(text)
            record[column] = (
                sen.to_bytes((sen.bit_length() >> 3) + 1, "big", signed=True) if isinstance(sen, int) else None
            )
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, schema, record)
    return buffer.getvalue()
