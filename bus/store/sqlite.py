"""The store on SQLite: a file, one writer at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from bus.errors import BusError, StoreCorrupt, TransientError, Unreachable
from bus.store.tx import Row, Tx

__all__ = ["SQLite"]

_IN_LIST = 500
"""Values of one ``in (…)`` list; SQLite takes 32,766 parameters, plans stay small below a thousand."""

_PRAGMAS = (
    "page_size = 8192",
    "journal_mode = wal",
    "wal_autocheckpoint = 4000",
    "synchronous = full",
    "temp_store = file",
    "cache_size = -32000",
)


@lru_cache(maxsize=1024)
def _text(sql: str) -> str:
    """Drop row locks: a writer has the whole file."""
    return sql.replace(" for update", "").replace(" skip locked", "")


@lru_cache(maxsize=256)
def _insert(table: str, width: int, conflict: str) -> str:
    return f"insert into {table} values ({', '.join('?' * width)}){conflict}"  # noqa: S608 - names of our tables


class _SQLiteTx(Tx):
    def _text(self, sql: str) -> str:
        return _text(sql)

    def where_in(self, sql: str, values: Sequence[object], *params: object) -> list[Row]:
        return [row for text, piece in _pieces(sql, values) for row in self.all(text, *params, *piece)]

    def run_in(self, sql: str, values: Sequence[object], *params: object) -> int:
        return sum(self.run(text, *params, *piece) for text, piece in _pieces(sql, values))

    def insert(self, sql: str, *params: object) -> int:
        with closing(self._cursor(sql, params)) as cursor:
            return int(cursor.lastrowid)

    def add(self, table: str, rows: Sequence[Row]) -> None:
        if rows:
            self.many(_insert(table, len(rows[0]), ""), rows)

    def add_new(self, table: str, rows: Sequence[Row]) -> list[Row]:
        if not rows:
            return []
        sql = _insert(table, len(rows[0]), " on conflict do nothing")
        with closing(self.connection.connection.cursor()) as cursor:
            return [row for row in rows if cursor.execute(sql, row).rowcount]

    def merge(self, table: str, rows: Sequence[Row], conflict: str) -> None:
        if rows:
            self.many(_insert(table, len(rows[0]), f" on conflict {conflict}"), rows)

    def exclusively(self, name: str) -> None:
        """A writer is alone."""

    def tables(self) -> set[str]:
        return {name for (name,) in self.all("select name from sqlite_master where type = 'table'")}

    def damage(self) -> Iterator[str]:
        return (said for (said,) in self.all("pragma quick_check(5)") if said != "ok")


def _pieces(sql: str, values: Sequence[object]) -> Iterator[tuple[str, Sequence[object]]]:
    for start in range(0, len(values), _IN_LIST):
        piece = values[start : start + _IN_LIST]
        yield sql.replace("?*", ",".join("?" * len(piece))), piece


class SQLite:
    """Implements `bus.store.database.Database`.

    Args:
        wait_s: how long a writer waits for another writer.
    """

    def __init__(self, url: URL, wait_s: float) -> None:
        self._path = url.database
        self.engine = _engine(url, wait_s)

    def tx(self, connection: Connection) -> Tx:
        """A transaction that goes on in a connection."""
        return _SQLiteTx(connection)

    def options(self, *, writes: bool) -> Mapping[str, Any]:
        """A transaction that writes takes the file's lock at its begin."""
        return {"writes": writes}

    def meaning(self, error: BaseException, where: str) -> BusError | None:
        """What a driver's error means to the bus; None: a bug of ours."""
        if isinstance(error, sqlite3.OperationalError):
            return TransientError(f"{where}: {error}")
        name = getattr(error, "sqlite_errorname", "")
        if isinstance(error, sqlite3.DatabaseError) and name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            return StoreCorrupt(f"{where}: {error}. Restore the home from a backup.")
        return None

    def gone(self, _connection: Connection) -> bool:
        """A file does not go."""
        return False

    def may_pass(self, _error: BaseException) -> bool:
        """Whether a failure at first contact may pass by waiting; a locked file was waited for already."""
        return False

    def remedy(self, _error: BaseException) -> str:
        """What to do when it can't be opened."""
        return "Is the home writable and its file a database?"

    @contextmanager
    def locking(self, name: str) -> Iterator[Callable[[], bool]]:
        """A lock file beside the database, freed by the operating system when the process is gone."""
        with closing(sqlite3.connect(f"{self._path}.{name}", isolation_level=None, timeout=0)) as lock:
            yield lambda: _locked(lock, name)


def _locked(lock: sqlite3.Connection, name: str) -> bool:
    try:
        lock.execute("begin exclusive")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise Unreachable(
                f"{name} lock: {error}. Is the home writable, and is nothing else at that place?"
            ) from error
        return False
    return True


def _engine(url: URL, wait_s: float) -> Engine:
    engine = create_engine(url, connect_args={"timeout": wait_s}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI connection
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(f"pragma {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("begin immediate" if connection.get_execution_options().get("writes") else "begin")

    return engine
