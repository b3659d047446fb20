"""A transaction: the little SQL that the rooms of the store are written in, one text for every database.

A text holds ``?`` for each parameter and ``in (?*)`` for a list of values; ``for update`` and ``skip locked`` stand at
its end and fall away where one writer locks everything anyhow. What a database does its own way is a method here and
an override in its file.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import Connection

__all__ = ["Row", "Tx"]

Row = tuple[Any, ...]

_FETCHED = 1000
"""Rows fetched at a time when they are streamed; view rows have a few KB."""


class Tx(ABC):
    """One transaction; ``connection`` is SQLAlchemy's, for the rooms of the store alone."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @abstractmethod
    def _text(self, sql: str) -> str:
        """The text as this database's driver takes it."""

    def _cursor(self, sql: str, params: Sequence[object]) -> Any:  # noqa: ANN401 - a DBAPI cursor
        cursor = self.connection.connection.cursor()
        cursor.execute(self._text(sql), params)
        return cursor

    def all(self, sql: str, *params: object) -> list[Row]:
        """All rows of a query."""
        with closing(self._cursor(sql, params)) as cursor:
            rows: list[Row] = cursor.fetchall()
            return rows

    def one(self, sql: str, *params: object) -> Row | None:
        """First row of a query, or None."""
        with closing(self._cursor(sql, params)) as cursor:
            row: Row | None = cursor.fetchone()
            return row

    def stream(self, sql: str, *params: object) -> Iterator[Row]:
        """Rows of a query, one by one, never all in memory."""
        with closing(self._streaming(sql, params)) as cursor:
            while rows := cursor.fetchmany(_FETCHED):
                yield from rows

    def _streaming(self, sql: str, params: Sequence[object]) -> Any:  # noqa: ANN401 - a DBAPI cursor
        return self._cursor(sql, params)

    def run(self, sql: str, *params: object) -> int:
        """Run a statement; return the number of rows it touched."""
        with closing(self._cursor(sql, params)) as cursor:
            return int(cursor.rowcount)

    def many(self, sql: str, rows: Sequence[Row]) -> int:
        """Run a statement for each row of parameters, in order; return the number of rows touched."""
        if not rows:
            return 0
        with closing(self.connection.connection.cursor()) as cursor:
            cursor.executemany(self._text(sql), rows)
            return int(cursor.rowcount)

    @abstractmethod
    def where_in(self, sql: str, values: Sequence[object], *params: object) -> list[Row]:
        """Rows of a query with ``in (?*)`` in it, for any number of values; ``params`` stand before the list."""

    @abstractmethod
    def run_in(self, sql: str, values: Sequence[object], *params: object) -> int:
        """Run a statement with ``in (?*)`` in it, likewise; return the number of rows it touched."""

    @abstractmethod
    def insert(self, sql: str, *params: object) -> int:
        """Insert one row; return its new id."""

    @abstractmethod
    def add(self, table: str, rows: Sequence[Row]) -> None:
        """Insert rows, all columns in the table's order; none of them can be there."""

    @abstractmethod
    def add_new(self, table: str, rows: Sequence[Row]) -> list[Row]:
        """Insert those rows whose primary key isn't there, and return them: the insert itself decides.

        Args:
            rows: all columns in the table's order, each key once, sorted by it: one order of locks.
        """

    @abstractmethod
    def merge(self, table: str, rows: Sequence[Row], conflict: str) -> None:
        """Insert rows as `add_new` takes them; ``conflict`` is what ``on conflict`` goes on with."""

    @abstractmethod
    def exclusively(self, name: str) -> None:
        """Let nobody else who asks for the same name go on until this transaction ends."""

    @abstractmethod
    def tables(self) -> set[str]:
        """Names of the tables that are there."""

    @abstractmethod
    def damage(self) -> Iterator[str]:
        """What the database itself finds damaged."""
