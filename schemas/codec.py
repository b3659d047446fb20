"""The one door to Avro: compiled code and fastavro behind it, the Confluent v0 frame around each value.

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
from fastavro.read import SchemaResolutionError
from fastavro.schema import SchemaParseException

from schemas.catalogue import avsc
from schemas.compiled import Decoder, RowEncoder, decoder, row_encoder
from schemas.values import Wrong

__all__ = ["Codec", "Undecodable", "content_of", "encode_row", "encode_values"]

_FRAME = struct.Struct(">bI")


_UNREADABLE = (
    *(EOFError, ValueError, IndexError, KeyError, TypeError, ArithmeticError, MemoryError),
    SchemaResolutionError,
)
"""What reading wrong bytes, or an older schema that today's can't follow, raises."""


class Undecodable(ValueError):
    """Bytes that are no event: the frame, the schema id or the Avro body is wrong."""

    retriable = False


@cache
def _schema(name: str) -> Any:  # noqa: ANN401 - fastavro's own parsed form
    return fastavro.parse_schema(json.loads(avsc(name)))


@cache
def _fields(name: str) -> list[dict[str, Any]]:
    fields: list[dict[str, Any]] = json.loads(avsc(name))["fields"]
    return fields


@cache
def _row_encoder(name: str) -> RowEncoder:
    return row_encoder(json.loads(avsc(name)))


def encode_row(name: str, content: Mapping[str, str]) -> bytes | tuple[str, Wrong]:
    """Encode a source row as the Avro body of its event: each field parsed, raw text beside it.

    Args:
        name: event type.
        content: the row's columns as text as written (`schemas.identity.Content`).

    Returns:
        The body, or the column that can't be encoded with what is wrong with its text.
    """
    return _row_encoder(name)(content)


def encode_values(name: str, record: Mapping[str, object]) -> bytes:
    """Encode a record that already has the schema's own types."""
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, _schema(name), record)
    return buffer.getvalue()


def content_of(name: str, record: Mapping[str, Any]) -> dict[str, str]:
    """Rebuild a row's content from its decoded event (inverse of `encode_row`)."""
    content = {column: text for column, field in _texts(name) if (text := record.get(field)) and isinstance(text, str)}
    extra = record.get("extra")
    return dict(sorted((content | extra).items())) if extra else content


@cache
def _texts(name: str) -> list[tuple[str, str]]:
    """Column and field of every field that may hold a text, columns in alphabetical order."""
    texts = [field for field in _fields(name) if _may_be_text(field["type"])]
    return sorted((field.get("raw_of", field["name"]), field["name"]) for field in texts)


def _may_be_text(kind: Any) -> bool:  # noqa: ANN401 - a type as Avro writes it
    return "string" in kind if isinstance(kind, list) else kind == "string"


class Codec:
    """Frames bodies with schema ids and reads them back by the writer's schema.

    Args:
        ids: schema id of the current schema of each event type.
        writers: ``(event type, schema text)`` of every schema id given out so far.
        fetch: looks an id up that another process has given out since; None = there is none.
    """

    def __init__(
        self,
        ids: Mapping[str, int],
        writers: Mapping[int, tuple[str, str]],
        fetch: Callable[[int], tuple[str, str] | None] = lambda _number: None,
    ) -> None:
        self._ids = ids
        self._writers = dict(writers)
        self._fetch = fetch
        self._parsed: dict[int, Any] = {}
        self._readers: dict[tuple[str, tuple[str, ...]], Any] = {}
        self._decoders: dict[tuple[int, tuple[str, ...] | None], Decoder] = {}

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
            fetched = self._fetch(number)
            if fetched is None:
                raise Undecodable(f"schema id {number} is not in the registry")
            self._writers[number] = fetched
        if self._writers[number][0] != name:
            raise Undecodable(f"schema id {number} is {self._writers[number][0]}, the event says {name}")
        try:
            decode = self._decoders.get((number, columns)) or self._decoder(number, name, columns)
        except SchemaParseException as error:
            raise Undecodable(f"schema id {number} is no schema: {error}") from error
        try:
            record, end = decode(frame, _FRAME.size)
        except _UNREADABLE as error:
            raise Undecodable(f"body does not fit {name}: {type(error).__name__} {error}") from error
        if end != len(frame):
            raise Undecodable(f"the body of {name} ends at byte {end} of {len(frame)}")
        return record

    def _decoder(self, number: int, name: str, columns: tuple[str, ...] | None) -> Decoder:
        """Compiled code where the writer's schema is the current one; fastavro resolves older ones."""
        reader = self._reader(name, columns)
        schema = json.loads(self._writers[number][1])
        if schema == json.loads(avsc(name)):
            made = decoder(schema, columns)
        else:
            writer = self._writer(number)

            def made(frame: bytes, at: int) -> tuple[dict[str, Any], int]:
                buffer = io.BytesIO(frame)
                buffer.seek(at)
                record: Any = fastavro.schemaless_reader(buffer, writer, reader)
                return record, buffer.tell()

        self._decoders[number, columns] = made
        return made

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
