"""An event as the record that the log takes: framed Avro under its key, attributes as headers."""

from __future__ import annotations

from bus.ports import Record
from schemas import CATALOGUE, Codec, Envelope, write_headers

__all__ = ["event_record"]


def event_record(codec: Codec, envelope: Envelope, body: bytes) -> tuple[str, str, Record]:
    """Topic, key and record of an event whose Avro body is given."""
    headers = write_headers(envelope, codec.schema_id(envelope.type))
    record = Record.of(envelope.key.encode(), codec.frame(envelope.type, body), headers)
    return CATALOGUE[envelope.type].topic, envelope.key, record
