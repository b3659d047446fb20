"""The one door to Avro: fastavro behind it, the Confluent v0 frame around each value.

A frame is ``0x00``, the schema id as 4 bytes big-endian, then the Avro body.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import fastavro

from schemas.catalogue import avsc
from schemas.values import KdRup, Mak, Wrong, parse_sen

__all__ = ["Codec", "Undecodable", "content_of", "encode_row", "encode_values"]

_FRAME = struct.Struct(">bI")
_SPLIT: Mapping[str, Callable[[str], list[str]]] = {"mak": Mak.split}
"""Link columns are lists of RUP codes unless named here."""


class Undecodable(ValueError):
    """Bytes that are no event: the frame, the schema id or the Avro body is wrong."""

    retriable = False


@cache
def _schema(name: str) -> Any:  # noqa: ANN401 - fastavro's own parsed form
    return fastavro.parse_schema(json.loads(avsc(name)))


@cache
def _plan(name: str) -> tuple[dict[str, None], list[str], list[str]]:
    """Sort the columns of a schema by how they are built: plain text, money, links."""
    plain: dict[str, None] = {}
    money, links = [], []
    for field in json.loads(avsc(name))["fields"]:
        kind = field["type"]
        if "raw_of" in field or field["name"] == "extra":
            continue
        if isinstance(kind, dict):
            links.append(field["name"])
        elif isinstance(kind[1], dict):
            money.append(field["name"])
        else:
            plain[field["name"]] = None
    return plain, money, links


def encode_row(name: str, content: Mapping[str, str]) -> bytes | tuple[str, Wrong]:
    """Encode a source row as the Avro body of its event: each field parsed, raw text beside it.

    Args:
        name: event type.
        content: the row's columns as text as written (`schemas.identity.Content`).

    Returns:
        The body, or the column that can't be encoded with what is wrong with its text.
    """
    plain, money, links = _plan(name)
    known = plain.keys() | set(money) | set(links)
    extra = {column: text for column, text in content.items() if column not in known}
    record: dict[str, object] = {column: text for column, text in content.items() if column not in extra}
    record["extra"] = extra
    for column in money:
        text = content.get(column)
        if text is None:
            continue
        del record[column]
        record[f"{column}_raw"] = text
        if text.strip() in ("", "-"):
            continue
        sen = parse_sen(text)
        if isinstance(sen, Wrong):
            return column, sen
        record[column] = sen.to_bytes((sen.bit_length() >> 3) + 1, "big", signed=True)
    for column in links:
        text = content.get(column)
        if text is not None:
            record[f"{column}_raw"] = text
            record[column] = _SPLIT.get(column, KdRup.split)(text)
    return encode_values(name, record)


def encode_values(name: str, record: Mapping[str, object]) -> bytes:
    """Encode a record that already has the schema's own types."""
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, _schema(name), record)
    return buffer.getvalue()


def content_of(name: str, record: Mapping[str, Any]) -> dict[str, str]:
    """Rebuild a row's content from its decoded event (inverse of `encode_row`)."""
    plain, money, links = _plan(name)
    content = {column: str(record[column]) for column in plain if record.get(column) not in (None, "")}
    for column in (*money, *links):
        if record.get(f"{column}_raw"):
            content[column] = record[f"{column}_raw"]
    content.update(record.get("extra") or {})
    return dict(sorted(content.items()))


class Codec:
    """Frames bodies with schema ids and reads them back by the writer's schema.

    Args:
        ids: schema id of the current schema of each event type.
        writers: ``(event type, schema text)`` of every schema id ever given out.
    """

    def __init__(self, ids: Mapping[str, int], writers: Mapping[int, tuple[str, str]]) -> None:
        self._ids = ids
        self._writers = {number: (name, text) for number, (name, text) in writers.items()}
        self._parsed: dict[int, Any] = {}
        self._readers: dict[tuple[str, tuple[str, ...]], Any] = {}

    def frame(self, name: str, body: bytes) -> bytes:
        """Put the frame of the current schema before a body."""
        return _FRAME.pack(0, self._ids[name]) + body

    def schema_id(self, name: str) -> int:
        """Id of the current schema of an event type."""
        return self._ids[name]

    def decode(self, frame: bytes, name: str, columns: tuple[str, ...] | None = None) -> dict[str, Any]:
        """Decode a framed event, all of it or only some columns (a reader schema).

        Raises:
            Undecodable: terminal; says whether frame, id, type or body is wrong.
        """
        if len(frame) < _FRAME.size:
            raise Undecodable(f"value of {len(frame)} bytes is shorter than the 5-byte frame")
        magic, number = _FRAME.unpack_from(frame)
        if magic != 0:
            raise Undecodable(f"value begins with byte {magic}, not with the frame's 0")
        if number not in self._writers:
            raise Undecodable(f"schema id {number} is not in the registry")
        if self._writers[number][0] != name:
            raise Undecodable(f"schema id {number} is {self._writers[number][0]}, the event says {name}")
        buffer = io.BytesIO(frame)
        buffer.seek(_FRAME.size)
        try:
            record = fastavro.schemaless_reader(buffer, self._writer(number), self._reader(name, columns))
        except (EOFError, ValueError, IndexError, KeyError, TypeError, OverflowError, MemoryError) as error:
            raise Undecodable(f"body does not fit {name}: {type(error).__name__} {error}") from error
        if buffer.tell() != len(frame):
            raise Undecodable(f"{len(frame) - buffer.tell()} bytes are left behind the body of {name}")
        return record  # type: ignore[return-value]  # a record schema gives a dict

    def _writer(self, number: int) -> Any:  # noqa: ANN401 - fastavro's own parsed form
        if number not in self._parsed:
            self._parsed[number] = fastavro.parse_schema(json.loads(self._writers[number][1]))
        return self._parsed[number]

    def _reader(self, name: str, columns: tuple[str, ...] | None) -> Any:  # noqa: ANN401 - as above
        if columns is None:
            return _schema(name)
        if (name, columns) not in self._readers:
            schema = json.loads(avsc(name))
            schema["fields"] = [field for field in schema["fields"] if field["name"] in columns]
            missing = set(columns) - {field["name"] for field in schema["fields"]}
            if missing:
                message = f"{name} has no field {sorted(missing)}"
                raise KeyError(message)
            self._readers[name, columns] = fastavro.parse_schema(schema)
        return self._readers[name, columns]
