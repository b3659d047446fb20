"""Synthetic events of types that consumers read: versions, statements, ties; then copies of them, out of order."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from bus.intake.event import event_record
from bus.ports import Record
from schemas import Codec, Envelope, content_digest, encode_row, event_id, observed_text

__all__ = ["Event", "delivered", "generated", "record_of"]

_DAY_MS = 86_400_000
_FIRST_MS = 1_735_689_600_000
_COPIES = (1, 1, 1, 1, 2, 3, 5)


class Event(NamedTuple):
    """One fact as its source states it; ``amount`` is exact rupiah where the type has one."""

    id: str
    type: str
    key: str
    version: str
    observed: str
    content: dict[str, str]
    amount: str | None = None


def generated(count: int, seed: int) -> list[Event]:
    """Distinct events, half of them punches, half procurement; the same for the same seed."""
    rng = random.Random(seed)
    found: dict[str, Event] = {}
    number = 0
    while len(found) < count:
        number += 1
        some = [*_package(number, rng), *(_punch(rng) for _ in range(8))]
        found.update((event.id, event) for event in some)
    return list(found.values())[:count]


def delivered(events: Sequence[Event], rng: random.Random, *, copies: bool = True) -> list[Event]:
    """Each event one to five times, all shuffled: also within a key."""
    times = [rng.choice(_COPIES) if copies else 1 for _ in events]
    some = [event for event, count in zip(events, times, strict=True) for _ in range(count)]
    rng.shuffle(some)
    return some


def record_of(codec: Codec, event: Event) -> tuple[str, str, Record]:
    """Topic, key and record, as the intake makes them."""
    body = encode_row(event.type, event.content)
    assert isinstance(body, bytes), body
    digest = content_digest(event.type, event.key, event.version, event.content)
    envelope = Envelope(
        event.id, event.type, "/chaos/generator", event.key, event.version, event.observed, digest.hex(), _FIRST_MS
    )
    return event_record(codec, envelope, body)


def _event(kind: str, key: str, version: str, day: int, content: dict[str, str]) -> Event:
    content = dict(sorted((name, text) for name, text in content.items() if text))
    observed = observed_text(_FIRST_MS + day * _DAY_MS)
    name = event_id(content_digest(kind, key, version, content), observed)
    amount = content.get("nilai_kontrak")
    return Event(name, kind, key, version, observed, content, amount and f"{Decimal(amount):.2f}")


def _punch(rng: random.Random) -> Event:
    device, pin = f"DEV{rng.randrange(10):04}", str(rng.randrange(1, 400))
    day, second = rng.randrange(1, 29), rng.randrange(86_400)
    clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    key = f"{device}|{pin}|2025-03-{day:02}T{clock}Z"
    return _event(
        "AttendancePunched", key, "", 100, {"device": device, "pin": pin, "time": f"2025-03-{day:02} {clock}"}
    )


def _package(number: int, rng: random.Random) -> Iterator[Event]:
    code = str(10_000_000_000 + number)
    shared = {"kd_nontender": code, "kd_satker_str": f"1.02.0.00.0.00.{number % 49:02}.0000"}

    def announced(version: str, turn: int) -> dict[str, str]:
        status = ("Berlangsung", "Selesai", "Gagal")[turn]
        return {**shared, "nama_paket": f"Paket {code}", "status_nontender": status, "versi_nontender": version}

    def completed(_version: str, turn: int) -> dict[str, str]:
        value = f"{random.Random(f'{code} {turn}').randrange(1, 10**11)}{('', '.5', '.07')[turn]}"
        return {**shared, "nama_paket": f"Paket {code}", "status_nontender": "Selesai", "nilai_kontrak": value}

    for version in range(rng.randint(1, 3)):
        yield from _statements("PurchaseAnnounced", code, str(version), announced, rng)
    yield from _statements("PurchaseCompleted", code, "", completed, rng)
    for letter in range(rng.randint(0, 2)):
        number_of = f"602.1/{letter}/{code}"

        def signed(version: str, turn: int, number_of: str = number_of) -> dict[str, str]:
            value = str(random.Random(f"{number_of} {version} {turn}").randrange(1, 10**11))
            return {**shared, "no_kontrak": number_of, "nilai_kontrak": value, "versi_addendum": version}

        # Versions compare as numbers: 9 < 10.
        for version in ("0", "9", "10")[: rng.randint(1, 3)]:
            yield from _statements("ContractSigned", f"NT:{code}|{number_of}", version, signed, rng)


def _statements(kind: str, key: str, version: str, content, rng: random.Random) -> Iterator[Event]:
    """One to four statements of up to three contents: repetitions, A to B to A, and two contents at one time."""
    for day in range(rng.randint(1, 4)):
        for turn in rng.sample(range(3), rng.choice((1, 1, 1, 2))):
            yield _event(kind, key, version, day, content(version, turn))
