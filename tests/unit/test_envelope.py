"""An event's attributes travel as CloudEvents headers and come back as they were."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from schemas import CATALOGUE, Envelope, Malformed, read_headers, write_headers

FULL = Envelope(
    id="0b7a6a7e-7f2b-5a0e-9d0c-1d6c3d0f8a11",
    type="ContractSigned",
    source="/isb/spse-nontender-kontrak",
    key="NT:10002513000|027/07/SPK–é",
    version="1",
    observed="2025-10-02T16:00:00.000Z/2025-10-02T18:30:00.250Z",
    digest="ab" * 32,
    event_ms=1_751_472_000_001,
    unit="1.02.0.00.0.00.02.0000",
    traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
)
LEAST = FULL._replace(version="", event_ms=None, unit=None, traceparent=None)
NEEDED = ("ce_type", "ce_id", "ce_source", "ce_subject", "ce_version", "ce_observed", "ce_digest")


def altered(name: str, value: bytes | None) -> tuple[tuple[str, bytes], ...]:
    """Headers of an event with one replaced, or left out."""
    headers = dict(write_headers(FULL, 7))
    if value is None:
        del headers[name]
    else:
        headers[name] = value
    return tuple(headers.items())


@pytest.mark.parametrize(
    "envelope",
    [
        FULL,
        LEAST,
        FULL._replace(event_ms=0),
        FULL._replace(event_ms=-1),
        FULL._replace(event_ms=int(datetime(9999, 12, 31, tzinfo=UTC).timestamp()) * 1000 + 999),
        LEAST._replace(unit="1.02.0.00.0.00.02.0000"),
        LEAST._replace(traceparent="00-x"),
        *(FULL._replace(type=name) for name in CATALOGUE),
    ],
)
def test_attributes_come_back_as_they_were(envelope):
    assert read_headers(write_headers(envelope, 7)) == envelope


def test_headers_are_those_of_cloudevents_in_binary_mode():
    assert dict(write_headers(FULL, 7)) == {
        "ce_specversion": b"1.0",
        "ce_type": b"grms.pelaksanaan.ContractSigned",
        "ce_dataschema": b"/registry/schemas/ids/7",
        "content-type": b"application/avro",
        "ce_id": FULL.id.encode(),
        "ce_source": b"/isb/spse-nontender-kontrak",
        "ce_subject": FULL.key.encode(),
        "ce_version": b"1",
        "ce_observed": FULL.observed.encode(),
        "ce_digest": FULL.digest.encode(),
        "ce_time": b"2025-07-02T16:00:00.001Z",
        "ce_unit": b"1.02.0.00.0.00.02.0000",
        "ce_traceparent": FULL.traceparent.encode(),
    }


def test_absent_attributes_have_no_header():
    assert not {"ce_time", "ce_unit", "ce_traceparent"} & {name for name, _ in write_headers(LEAST, 7)}


def test_order_of_headers_and_unknown_headers_do_not_count():
    headers = [("ce_recorded", b"1"), *reversed(write_headers(FULL, 7)), ("x", b"\xff")]
    assert read_headers(tuple(headers)) == FULL


@pytest.mark.parametrize("name", NEEDED)
def test_without_a_needed_attribute_headers_are_malformed_and_it_is_named(name):
    with pytest.raises(Malformed, match=name):
        read_headers(altered(name, None))


@pytest.mark.parametrize("name", [*NEEDED, "ce_time", "ce_unit", "ce_traceparent"])
def test_an_attribute_that_is_no_text_is_malformed(name):
    with pytest.raises(Malformed):
        read_headers(altered(name, b"\xff"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_type", b""),
        ("ce_type", b"ContractSigned"),
        ("ce_type", b"grms.pengadaan.ContractSigned"),
        ("ce_type", b"grms.pelaksanaan.ContractSigned "),
        ("ce_time", b""),
        ("ce_time", b"yesterday"),
        ("ce_time", b"2025-02-30T00:00:00Z"),
    ],
)
def test_an_attribute_that_says_nothing_known_is_malformed(name, value):
    with pytest.raises(Malformed):
        read_headers(altered(name, value))


def test_no_headers_are_malformed_and_no_retry_would_help():
    with pytest.raises(Malformed) as caught:
        read_headers(())
    assert caught.value.retriable is False
