"""Schemas: what an event is. Values, times, identity, envelope, codec, catalogue. No I/O but its own files."""

from schemas.catalogue import CATALOGUE, EXPORT_READ, EventType, avsc, classification, money_columns, topics
from schemas.codec import Codec, Undecodable, content_of, encode_row, encode_values
from schemas.envelope import Envelope, Malformed, read_headers, write_headers
from schemas.identity import (
    EXPORT_COLUMNS,
    Content,
    compare_contents,
    content_digest,
    event_id,
    join_key,
    key_problem,
    observed_text,
    text_of,
)

__all__ = [
    "CATALOGUE",
    "EXPORT_COLUMNS",
    "EXPORT_READ",
    "Codec",
    "Content",
    "Envelope",
    "EventType",
    "Malformed",
    "Undecodable",
    "avsc",
    "classification",
    "compare_contents",
    "content_digest",
    "content_of",
    "encode_row",
    "encode_values",
    "event_id",
    "join_key",
    "key_problem",
    "money_columns",
    "observed_text",
    "read_headers",
    "text_of",
    "topics",
    "write_headers",
]
