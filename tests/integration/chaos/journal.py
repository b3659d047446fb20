"""What the generator meant to write and what became of it, in a file outside the system, synced before it goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.integration.chaos.events import Event

__all__ = ["Journal", "Told"]


class Journal:
    """Written by one process: ``intent`` before the deed, then ``ok``, ``fail`` or ``unknown``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("a", encoding="utf-8")

    def intent(self, events: Iterable[Event]) -> None:
        self._write({"do": "intent", **event._asdict()} for event in events)

    def ok(self, events: Iterable[Event]) -> None:
        self._fate("ok", events)

    def fail(self, events: Iterable[Event]) -> None:
        self._fate("fail", events)

    def unknown(self, events: Iterable[Event]) -> None:
        self._fate("unknown", events)

    def _fate(self, fate: str, events: Iterable[Event]) -> None:
        self._write({"do": fate, "id": event.id} for event in events)

    def _write(self, lines: Iterable[dict[str, object]]) -> None:
        self._file.writelines(json.dumps(line) + "\n" for line in lines)
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


@dataclass(frozen=True)
class Told:
    """A journal read back: every event that was meant, and ids by their best fate."""

    events: dict[str, Event] = field(default_factory=dict)
    ok: set[str] = field(default_factory=set)
    fail: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, path: Path) -> Told:
        told = cls()
        intended: set[str] = set()
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            fate = entry.pop("do")
            if fate == "intent":
                told.events[entry["id"]] = Event(**entry)
                intended.add(entry["id"])
            else:
                getattr(told, fate).add(entry["id"])
        # Written and refused, or without an answer: who said ok once did accept it.
        told.unknown.update(intended - told.fail)
        told.unknown.difference_update(told.ok)
        told.fail.difference_update(told.ok | told.unknown)
        return told
