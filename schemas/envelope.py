"""The envelope: CloudEvents 1.0 in Kafka binary mode, attributes as headers, value = framed Avro."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple

from schemas.catalogue import CATALOGUE
from schemas.times import utc_text

__all__ = ["Envelope", "Malformed", "read_headers", "write_headers"]

Headers = tuple[tuple[str, bytes], ...]

_TYPES = {event_type.full_name.encode(): name for name, event_type in CATALOGUE.items()}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Malformed(ValueError):
    """Headers that are not those of an event of the catalogue."""

    retriable = False


class Envelope(NamedTuple):
    """Attributes of one event.

    Attributes:
        id: UUIDv5 of the fact.
        type: event type of the catalogue, without its name space.
        source: system and file kind, ``/isb/spse-nontender-kontrak``.
        key: business key.
        version: version of the key, empty where there is none.
        observed: when the source said so (`schemas.identity.observed_text`).
        digest: SHA-256 of type, key, version and content, hex.
        event_ms: when it happened, milliseconds UTC; None = not stated or true on every date.
        unit: code of the unit that owns it, if the row names it.
        traceparent: W3C trace context of the command that published it.
    """

    id: str
    type: str
    source: str
    key: str
    version: str
    observed: str
    digest: str
    event_ms: int | None = None
    unit: str | None = None
    traceparent: str | None = None


@cache
def _constant(event: str, schema_id: int) -> Headers:
    """Headers that all events of a type share."""
    return (
        ("ce_specversion", b"1.0"),
        ("ce_type", CATALOGUE[event].full_name.encode()),
        ("ce_dataschema", b"/registry/schemas/ids/%d" % schema_id),
        ("content-type", b"application/avro"),
    )


def write_headers(envelope: Envelope, schema_id: int) -> Headers:
    """Headers of an event; absent attributes are left out."""
    headers = (
        *_constant(envelope.type, schema_id),
        ("ce_id", envelope.id.encode()),
        ("ce_source", envelope.source.encode()),
        ("ce_subject", envelope.key.encode()),
        ("ce_version", envelope.version.encode()),
        ("ce_observed", envelope.observed.encode()),
        ("ce_digest", envelope.digest.encode()),
    )
    if envelope.event_ms is not None:
        headers += (("ce_time", utc_text(envelope.event_ms).encode()),)
    if envelope.unit is not None:
        headers += (("ce_unit", envelope.unit.encode()),)
    if envelope.traceparent is not None:
        headers += (("ce_traceparent", envelope.traceparent.encode()),)
    return headers


def read_headers(headers: Iterable[tuple[str, bytes]]) -> Envelope:
    """Read an event's attributes.

    Raises:
        Malformed: terminal; a needed attribute is missing, unreadable or of an unknown type.
    """
    found = dict(headers)
    try:
        name = _TYPES[found["ce_type"]]
        time = found.get("ce_time")
        unit, traceparent = found.get("ce_unit"), found.get("ce_traceparent")
        envelope = Envelope(
            id=found["ce_id"].decode(),
            type=name,
            source=found["ce_source"].decode(),
            key=found["ce_subject"].decode(),
            version=found["ce_version"].decode(),
            observed=found["ce_observed"].decode(),
            digest=found["ce_digest"].decode(),
            event_ms=None if time is None else _milliseconds(time.decode()),
            unit=None if unit is None else unit.decode(),
            traceparent=None if traceparent is None else traceparent.decode(),
        )
    except KeyError as error:
        raise Malformed(f"attribute {error} is missing or of an unknown type") from error
    except (ValueError, TypeError) as error:
        raise Malformed(f"an attribute is unreadable: {error}") from error
    if "\0" in f"{envelope.id}{envelope.key}{envelope.version}{envelope.observed}{envelope.digest}":
        raise Malformed("an attribute holds a NUL")
    return envelope


def _milliseconds(text: str) -> int:
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)
