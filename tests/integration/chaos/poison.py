"""Records that are no events, or events that nobody can use: each must become exactly one dead letter."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable

from bus.ports import Record
from schemas import Codec
from tests.integration.chaos.events import Event, generated, record_of

__all__ = ["GOOD", "POISON", "Made", "records"]

Made = tuple[str, Record]
_EVENTS = generated(400, seed=1)
_UNKNOWN_ID = 999_999


def _one(kind: str, place: int = 0) -> Event:
    return [event for event in _EVENTS if event.type == kind][place]


GOOD = (_one("PurchaseCompleted", 1), _one("AttendancePunched", 1), _one("ContractSigned", 1))
"""Events to be applied behind the poison, one of each topic."""


def _headers(kind: str, **changed: bytes | None) -> Callable[[Codec], Made]:
    def make(codec: Codec) -> Made:
        topic, _, record = record_of(codec, _one(kind))
        headers = [(name, changed.get(name, value)) for name, value in record.headers]
        return topic, Record.of(
            record.key, record.value, [(name, value) for name, value in headers if value is not None]
        )

    return make


def _value(change: Callable[[bytes], bytes | None], kind: str = "PurchaseCompleted") -> Callable[[Codec], Made]:
    def make(codec: Codec) -> Made:
        topic, _, record = record_of(codec, _one(kind))
        return topic, Record(record.key, change(record.value or b""), record.names, record.values)

    return make


def _body(text: str, column: str) -> Callable[[Codec], Made]:
    """A well-formed event one of whose texts no source can state."""

    def make(codec: Codec) -> Made:
        event = _one("PurchaseCompleted")
        topic, _, record = record_of(codec, event._replace(content={**event.content, column: text}))
        return topic, record

    return make


def _raw(key: bytes | None, value: bytes | None) -> Callable[[Codec], Made]:
    return lambda _codec: ("grms.pengadaan.v1", Record(key, value))


_NOISE = random.Random(9).randbytes

POISON: dict[str, Callable[[Codec], Made]] = {
    "random bytes": _value(lambda _: b"\x07" + _NOISE(500)),
    "random bytes behind a right frame": _value(lambda value: value[:5] + _NOISE(500)),
    "a megabyte of ones": _value(lambda value: value[:5] + b"\xff" * 1_000_000),
    "no headers": _raw(b"k", b"x" * 40),
    "nothing at all": _raw(None, None),
    "key that is no text": _raw(b"\x00\xff\xfe", _NOISE(40)),
    "null value": _value(lambda _: None),
    "empty value": _value(lambda _: b""),
    "cut off": _value(lambda value: value[:-7]),
    "bytes behind the end": _value(lambda value: value + b"\x00"),
    "schema id that the registry does not know": _value(lambda value: struct.pack(">bI", 0, _UNKNOWN_ID) + value[5:]),
    "greatest schema id": _value(lambda value: b"\0\xff\xff\xff\xff" + value[5:]),
    "text of 4 EB": _value(lambda value: value[:5] + b"\x02" + b"\xfe\xff\xff\xff\xff\xff\xff\xff\x7f"),
    "text of negative length": _value(lambda value: value[:5] + b"\x02\x03" + value[5:]),
    "type that is not in the catalogue": _headers("PurchaseCompleted", ce_type=b"grms.pengadaan.Nothing"),
    "no id": _headers("PurchaseCompleted", ce_id=None),
    "time that is no time": _headers("PurchaseCompleted", ce_time=b"yesterday"),
    "key of half a character": _headers("PurchaseCompleted", ce_subject=b"\xff"),
    "NUL in the key": _headers("PurchaseCompleted", ce_subject=b"1000\x002"),
    "NUL in the id": _headers("PurchaseCompleted", ce_id=b"a\x00b"),
    "NUL in a list of links": _body("1\x002", "kd_rup"),
    "NUL in a text": _body("a\x00b", "nama_paket"),
    "punch without a time in its key": _headers("AttendancePunched", ce_subject=b"DEV1"),
    "punch with half a key": _headers("AttendancePunched", ce_subject=b"DEV1|1"),
    "contract of no package": _headers("ContractSigned", ce_subject=b"602.1/0"),
    "contract of a unit": _headers("ContractSigned", ce_subject=b"UNIT:1|602.1/0"),
    "contract without a number": _headers("ContractSigned", ce_subject=b"NT:10000000001"),
}
POISON["schema of another type"] = _headers("PurchaseCompleted", ce_type=b"grms.pengadaan.PurchaseAnnounced")


def records(codec: Codec) -> list[Made]:
    """All the poison."""
    return [make(codec) for make in POISON.values()]
