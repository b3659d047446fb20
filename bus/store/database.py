"""The store's database: opening it, and the two kinds of transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError

from bus.errors import StoreCorrupt, StoreMismatch, TransientError, Unreachable
from bus.store.tables import SCHEMA_VERSION, metadata

__all__ = ["Store", "Tx"]

_IN_LIST = 500
"""Values of one ``in (…)`` list; SQLite takes 32,766 parameters, plans stay small below a thousand."""


class Tx:
    """One transaction: the little SQL that the rooms of the store are written in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _cursor(self, sql: str, params: Sequence[object]) -> Any:  # noqa: ANN401 - a DBAPI cursor
        cursor = self._connection.connection.cursor()
        cursor.execute(sql, params)
        return cursor

    def all(self, sql: str, *params: object) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with closing(self._cursor(sql, params)) as cursor:
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    def one(self, sql: str, *params: object) -> tuple[Any, ...] | None:
        """First row of a query, or None."""
        with closing(self._cursor(sql, params)) as cursor:
            row: tuple[Any, ...] | None = cursor.fetchone()
            return row

    def stream(self, sql: str, *params: object) -> Iterator[tuple[Any, ...]]:
        """Rows of a query, one by one, never all in memory."""
        with closing(self._cursor(sql, params)) as cursor:
            while rows := cursor.fetchmany(1000):
                yield from rows

    def run(self, sql: str, *params: object) -> int:
        """Run a statement; return the number of rows it touched."""
        with closing(self._cursor(sql, params)) as cursor:
            return int(cursor.rowcount)

    def many(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> int:
        """Run a statement for each row of parameters; return the number of rows touched."""
        if not rows:
            return 0
        with closing(self._connection.connection.cursor()) as cursor:
            cursor.executemany(sql, rows)
            return int(cursor.rowcount)

    def where_in(self, sql: str, values: Sequence[object], *params: object) -> list[tuple[Any, ...]]:
        """Rows of a query with ``in (?*)`` in it, asked in pieces; ``params`` stand before the list."""
        found: list[tuple[Any, ...]] = []
        for start in range(0, len(values), _IN_LIST):
            piece = values[start : start + _IN_LIST]
            found += self.all(sql.replace("?*", ",".join("?" * len(piece))), *params, *piece)
        return found

    def insert(self, sql: str, *params: object) -> int:
        """Insert one row; return its new id."""
        with closing(self._cursor(sql, params)) as cursor:
            return int(cursor.lastrowid)


class Store:
    """The store behind ``url``; makes its tables on first contact.

    Args:
        url: SQLAlchemy URL of a SQLite database.
        wait_s: how long a writer waits for another writer.

    Raises:
        Unreachable: retriable; the database can't be opened.
        StoreMismatch: terminal; it was made by another version.
    """

    def __init__(self, url: str | URL, wait_s: float = 10.0) -> None:
        self.url = str(url)
        self._engine = _engine(url, wait_s)
        self._dry: Connection | None = None
        try:
            found = self._version()
        except (TransientError, DatabaseError) as error:
            raise Unreachable(f"store {url}: {error}. Is the home writable and its file a database?") from error
        if found != (str(SCHEMA_VERSION),):
            raise StoreMismatch(
                f"store {url} has tables of version {found and found[0]}, this program needs {SCHEMA_VERSION}. "
                "Use the program that made it, or ingest again into a new home."
            )

    def _version(self) -> tuple[Any, ...] | None:
        """Version of the tables, made if they aren't there; only then anything is written."""
        with self.read() as tx:
            if tx.one("select 1 from sqlite_master where name = 'meta'"):
                return tx.one("select value from meta where name = 'schema'")
        with self.write() as tx:
            metadata.create_all(tx._connection)  # noqa: SLF001 - same room
            tx.run("insert into meta values ('schema', ?) on conflict do nothing", str(SCHEMA_VERSION))
            return tx.one("select value from meta where name = 'schema'")

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """A transaction that writes: all of it or nothing, one writer at a time.

        Raises:
            TransientError: retriable; the database is locked or its disk is full.
        """
        if self._dry is not None:
            with self._dry.begin_nested():
                yield Tx(self._dry)
            return
        with self._transaction(writes=True) as tx:
            yield tx

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A transaction that only reads: one snapshot.

        Raises:
            TransientError: retriable; the database is locked.
        """
        if self._dry is not None:
            yield Tx(self._dry)
            return
        with self._transaction(writes=False) as tx:
            yield tx

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Tx]:
        engine = self._engine
        try:
            with engine.connect().execution_options(writes=writes) as connection, connection.begin():
                yield Tx(connection)
        except OperationalError as error:
            raise TransientError(f"store {self.url}: {error.orig}") from error
        except engine.dialect.loaded_dbapi.OperationalError as error:
            raise TransientError(f"store {self.url}: {error}") from error
        except engine.dialect.loaded_dbapi.DatabaseError as error:
            if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
                raise StoreCorrupt(f"store {self.url}: {error}. Restore the home from a backup.") from error
            raise

    @contextmanager
    def alone(self, *, wait: bool) -> Iterator[bool]:
        """Be the one intake of this store, until the end or until the process is gone.

        Two intakes at once would judge each other's statements before the other has read everything.

        Args:
            wait: wait for the other one to end; else yield whether it may go on.
        """
        with closing(sqlite3.connect(f"{self._engine.url.database}.intake", isolation_level=None)) as lock:
            granted = _locked(lock)
            while wait and not granted:
                granted = _locked(lock)
            yield granted

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Let everything written inside be undone at the end (``--dry-run``)."""
        with self._engine.connect().execution_options(writes=True) as connection:
            try:
                transaction = connection.begin()
            except OperationalError as error:
                raise TransientError(f"store {self.url}: {error.orig}") from error
            self._dry = connection
            try:
                yield
            finally:
                self._dry = None
                transaction.rollback()


def _locked(lock: sqlite3.Connection) -> bool:
    try:
        lock.execute("begin exclusive")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise Unreachable(
                f"intake lock: {error}. Is the home writable, and is nothing else at that place?"
            ) from error
        return False
    return True


def _engine(url: str | URL, wait_s: float) -> Engine:
    engine = create_engine(url, connect_args={"timeout": wait_s})

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI connection
        connection.isolation_level = None
        for pragma in (
            "page_size = 8192",
            "journal_mode = wal",
            "wal_autocheckpoint = 4000",
            "synchronous = full",
            "temp_store = file",
            "cache_size = -32000",
        ):
            connection.execute(f"pragma {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("begin immediate" if connection.get_execution_options().get("writes") else "begin")

    return engine
