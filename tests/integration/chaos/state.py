"""What the database says, read by plain SQL beside the product."""

from __future__ import annotations

import io
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import fastavro
import psycopg

from tests.integration.cluster import plain

__all__ = ["Database", "State"]

_COUNTED = "('chain', 'attendance')"
"""Consumers of which each event of the harness has exactly one effect; others may read the same events."""
_SCHEMAS = Path(__file__).resolve().parents[3] / "schemas" / "avro"


@dataclass(frozen=True)
class State:
    """Everything that invariants are counted from, of the live generations."""

    inbox: Counter[str]
    facts: Counter[str]
    rupiah: Decimal
    dead: set[str]
    letters: list[dict[str, Any]]
    views: dict[str, list[tuple[str, dict[str, Any], dict[str, Any]]]]


@dataclass(frozen=True)
class Database:
    """A store by its URL."""

    url: str

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        if self.url.startswith("sqlite"):
            with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=60)) as connection:
                yield connection.cursor()
        else:
            with psycopg.connect(plain(self.url)) as connection, connection.cursor() as cursor:
                yield cursor

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self._cursor() as cursor:
            return list(cursor.execute(sql).fetchall())

    def positions(self) -> dict[tuple[str, str, int], int]:
        """Next offset by consumer, topic and partition; empty before there are tables."""
        sql = (
            "select g.consumer, p.topic, p.partition, p.next_offset from position p join generation g "
            "on g.id = p.generation where g.state = 'live'"
        )
        try:
            return {(consumer, topic, number): offset for consumer, topic, number, offset in self.rows(sql)}
        except (sqlite3.OperationalError, psycopg.errors.UndefinedTable):
            return {}

    def waiting(self) -> int:
        """Batches in the outbox and marked nodes."""
        sql = (
            "select (select count(*) from outbox) + (select count(*) from dirty d join generation g "
            "on g.id = d.generation where g.state = 'live')"
        )
        return int(self.rows(sql)[0][0])

    def _live(self, columns: str, table: str) -> list[tuple[Any, ...]]:
        live = f"generation in (select id from generation where state = 'live' and consumer in {_COUNTED})"  # noqa: S608 - our own words
        return self.rows(f"select {columns} from {table} where {live}")  # noqa: S608 - our own words

    def state(self) -> State:
        facts = self._live("event_id, event, payload", "fact")
        letters = [
            {"reason": reason, "context": json.loads(context), "place": place}
            for reason, context, place in self.rows(
                "select reason, context, place from dead_letter where state = 'open'"
            )
        ]
        views: dict[str, list[tuple[str, dict[str, Any], dict[str, Any]]]] = {}
        for view, node, body, evidence in self._live("view, node, body, evidence", "view_row"):
            views.setdefault(view, []).append((node, json.loads(body), json.loads(evidence)))
        return State(
            inbox=Counter(row[0] for row in self._live("event_id", "inbox")),
            facts=Counter(row[0] for row in facts),
            rupiah=sum((_amount(event, bytes(payload)) for _, event, payload in facts), Decimal(0)),
            dead={letter["context"]["ce_id"] for letter in letters if "ce_id" in letter["context"]},
            letters=letters,
            views=views,
        )


@cache
def _schema(event: str) -> Any:
    (path,) = _SCHEMAS.glob(f"*/{event}.avsc")
    return fastavro.parse_schema(json.loads(path.read_text()))


def _amount(event: str, payload: bytes) -> Decimal:
    if event not in {"PurchaseCompleted", "ContractSigned"}:
        return Decimal(0)
    record: Any = fastavro.schemaless_reader(io.BytesIO(payload[5:]), _schema(event), None)
    return record["nilai_kontrak"] or Decimal(0)
