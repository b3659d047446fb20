"""The store's database: opening it by URL, and the two kinds of transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from sqlalchemy import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from bus.errors import BusError, StoreMismatch, Unreachable
from bus.retry import retrying
from bus.store import revision
from bus.store.sqlite import SQLite
from bus.store.tx import Tx

__all__ = ["Database", "Store", "Tx", "store_url"]

_TURN_S = 0.2
"""Sleep between two tries: to reach a database, to be the one who holds a lock."""

_DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_SECRET = frozenset({"password", "sslpassword"})


class Database(Protocol):
    """What each kind of database does its own way."""

    engine: Engine

    def tx(self, connection: Connection) -> Tx:
        """A transaction that goes on in a connection."""
        ...

    def options(self, *, writes: bool) -> Mapping[str, Any]:
        """SQLAlchemy's execution options of a transaction."""
        ...

    def meaning(self, error: BaseException, where: str) -> BusError | None:
        """What a driver's error means to the bus; None: a bug of ours."""
        ...

    def gone(self, connection: Connection) -> bool:
        """Whether the other end of a connection is gone."""
        ...

    def may_pass(self, error: BaseException) -> bool:
        """Whether a failure at first contact may pass by waiting."""
        ...

    def remedy(self, error: BaseException) -> str:
        """What to do when it can't be opened."""
        ...

    def locking(self, name: str) -> AbstractContextManager[Callable[[], bool]]:
        """A way to try for a lock by name; it is held until the end or until the process is gone."""
        ...


def store_url(url: str | URL) -> URL:
    """Read a store's URL.

    Raises:
        ValueError: terminal; it names no database that a store can lie in. The message shows nothing of it.
    """
    try:
        known = make_url(url)
    except (ArgumentError, ValueError):
        raise ValueError("is no URL such as postgresql://user:password@host:5432/database") from None
    driver = _DRIVERS.get(known.drivername)
    if driver is None:
        raise ValueError(f"names a database {known.drivername}; a store lies in postgresql or sqlite")
    return known.set(drivername=driver)


def _shown(url: URL) -> str:
    """A URL without its secrets."""
    return url.difference_update_query(_SECRET).render_as_string(hide_password=True)


class Store:
    """The store behind ``url``; makes or upgrades its tables on first contact.

    Args:
        url: SQLAlchemy URL of a SQLite or PostgreSQL database.
        wait_s: how long to wait for the database at first contact, and for another writer of a SQLite file.

    Raises:
        Unreachable: retriable; the database can't be opened.
        StoreMismatch: terminal; another version of the bus made it, or another program.
    """

    def __init__(self, url: str | URL, wait_s: float = 10.0) -> None:
        known = store_url(url)
        self.url = _shown(known)
        self._database = _database(known, wait_s)
        self._dry: Connection | None = None
        try:
            self._first_contact(time.monotonic() + wait_s)
        except BaseException:
            self.close()
            raise

    def _first_contact(self, until: float) -> None:
        while True:
            try:
                return revision.fit(self)
            except StoreMismatch as error:
                raise StoreMismatch(f"store {self.url} {error}") from None
            except BusError as error:
                if not self._database.may_pass(error) or time.monotonic() >= until:
                    told = str(error).rstrip(".")
                    raise Unreachable(f"{told}. {self._database.remedy(error)}") from error
            time.sleep(_TURN_S)

    def close(self) -> None:
        """Give the connections back."""
        self._database.engine.dispose()

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """A transaction that writes: all of it or nothing.

        On SQLite one writer at a time. On PostgreSQL READ COMMITTED: each statement sees what others committed
        before it, and rows that it touches stay locked until the end.

        Raises:
            TransientError: retriable; the database is locked, restarting, or its disk is full.
        """
        if self._dry is not None:
            with self._errors(self._dry), self._whole(self._dry).begin_nested():
                yield self._database.tx(self._dry)
            return
        with self._transaction(writes=True) as tx:
            yield tx

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A transaction that only reads: one snapshot.

        Raises:
            TransientError: retriable; the database is locked or restarting.
        """
        if self._dry is not None:
            with self._errors(self._dry):
                yield self._database.tx(self._whole(self._dry))
            return
        with self._transaction(writes=False) as tx:
            yield tx

    def _whole(self, rehearsed: Connection) -> Connection:
        if rehearsed.invalidated:
            raise BusError(f"store {self.url}: the connection was lost, and with it what was rehearsed. Do it again.")
        return rehearsed

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Tx]:
        with (
            self._errors(),
            self._database.engine.connect().execution_options(**self._database.options(writes=writes)) as connection,
            connection.begin(),
            self._errors(connection),
        ):
            yield self._database.tx(connection)

    @contextmanager
    def _errors(self, connection: Connection | None = None) -> Iterator[None]:
        """Tell what passes from what is damaged, and let go of a connection that is gone."""
        try:
            yield
        except BusError:
            raise
        except Exception as error:
            cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
            meant = self._database.meaning(cause, f"store {self.url}")
            if meant is None:
                raise
            if connection is not None and self._database.gone(connection):
                connection.invalidate()
            raise meant from error

    @contextmanager
    def alone(self, name: str = "intake", *, wait: bool) -> Iterator[bool]:
        """Be the only one who does something with this store, until the end or until the process is gone.

        Two intakes at once would judge each other's statements before the other has read everything; two relays
        would bring events of one key to the log out of order.

        Args:
            wait: wait for the other one to end; else yield whether it may go on.
        """
        with self._errors(), self._database.locking(name) as locked:

            def granted() -> bool:
                with self._errors():
                    return locked()

            mine = retrying(granted)
            while wait and not mine:
                time.sleep(_TURN_S)
                mine = retrying(granted)
            yield mine

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Let everything written inside be undone at the end (``--dry-run``)."""
        options = self._database.options(writes=True)
        with self._errors(), self._database.engine.connect().execution_options(**options) as connection:
            transaction = connection.begin()
            self._dry = connection
            try:
                yield
            finally:
                self._dry = None
                transaction.rollback()


def _database(url: URL, wait_s: float) -> Database:
    if url.drivername == "sqlite":
        return SQLite(url, wait_s)
    from bus.store.postgresql import PostgreSQL  # noqa: PLC0415 - its driver takes 20 ms that few commands need

    return PostgreSQL(url, wait_s)
