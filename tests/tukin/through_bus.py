"""A case folder driven through the bus: ingest, then for each month close, state, and ingest what came late."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

from bus import Parts
from ops.home import opened
from ops.ingest import Request, ingest
from ops.settings import Settings
from ops.tukin import close_month, month_lines, statement


@contextmanager
def home(folder: Path) -> Iterator[Parts]:
    with opened(Settings(home=folder), 10.0) as parts:
        yield parts


def drive(parts: Parts, case: Path) -> list[dict]:
    """Documents of all months, each stated right after its close."""
    told = json.loads((case / "case.json").read_text(encoding="utf-8"))
    ingest(parts, Request("tukin-case", [case]))
    documents = []
    for entry in sorted(told["months"], key=lambda one: one["month"]):
        close_month(parts, entry["month"], date.fromisoformat(entry["close"]), datetime.fromisoformat(told["as_of"]))
        documents.append(statement(parts, month_lines(parts, entry["month"]), None))
        late = case / "late" / entry["month"]
        if late.exists():
            ingest(parts, Request("tukin-case", [late]))
    return documents
