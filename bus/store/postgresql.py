"""The store on PostgreSQL: many writers at once, READ COMMITTED; what must not interleave takes a lock by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import lru_cache
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import errors
from sqlalchemy import URL, BigInteger, Connection, Engine, Integer, LargeBinary, Text, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bus.errors import BusError, StoreCorrupt, StoreRefused, TransientError
from bus.store.tables import metadata
from bus.store.tx import Row, Tx

__all__ = ["PostgreSQL"]

_SESSION = {
    # No statement of ours takes a tenth of it, so one that does hangs, and its locks with it.
    "statement_timeout": "600s",
    # Longer than any transaction of a live worker; then the batch rolls back and is tried anew.
    "lock_timeout": "30s",
    # A worker that was stopped (SIGSTOP, a dead host) gives its locks back within the two minutes of recovery.
    "idle_in_transaction_session_timeout": "60s",
    # Who holds a lock by name is idle meanwhile.
    "idle_session_timeout": "0",
    # The server finds out that a client's host is gone, and frees its intake lock: 15 s + 3 × 5 s, not two hours.
    "tcp_keepalives_idle": "15",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    # What is streamed is read to its end.
    "cursor_tuple_fraction": "1.0",
}
"""Settings of each session, given at connect without a round trip; ``options`` in the URL win."""

_CLIENT = {
    "application_name": "grms",
    # The client finds out that the server's host is gone, as fast.
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
    # A standby is waited for until it is promoted; of several hosts in the URL the primary is taken.
    "target_session_attrs": "read-write",
}
"""libpq's settings; those in the URL win."""

_CONNECT_S = (2, 10)
"""Least and greatest wait for one connection: libpq takes no less than 2 s."""

_POOL = 5
"""Connections a process keeps: a worker has one in a transaction, one that holds a lock, one that reads."""

_LOCK = "hashtextextended(current_schema() || ' grms ' || %s, 0)"
"""Number of a lock, by its name and the place of the tables."""

_ARRAYS = {Text: "text[]", LargeBinary: "bytea[]", Integer: "integer[]", BigInteger: "bigint[]"}

_TRANSIENT_CLASSES = frozenset(
    {
        "08",  # connection exception
        "40",  # deadlock, serialization failure
        "53",  # insufficient resources: disk full, out of memory, too many connections
    }
)
_TRANSIENT = frozenset(
    {
        "25P03",  # idle in transaction for too long
        "25P04",  # the transaction took too long
        "55P03",  # lock timeout
        "57014",  # statement timeout
        "57P01",  # shut down by an administrator
        "57P02",  # a server process crashed
        "57P03",  # starting up or shutting down
        "57P05",  # idle for too long
        "58000",  # system error
        "58030",  # input or output error
    }
)
"""SQLSTATEs that pass: waiting and trying again may help."""

_REFUSALS = {
    "password authentication failed": "Mend user and password in GRMS_DATABASE_URL.",
    "no password supplied": "Give a password in GRMS_DATABASE_URL, or in the file that PGPASSFILE names.",
    "no pg_hba.conf entry": "Let the server's pg_hba.conf admit this user, database and host.",
    "permission denied": "Grant it: connect on the database; usage and create on its schema.",
    'role ".*" does not exist': "Create the role, or mend the user in GRMS_DATABASE_URL.",
    'database ".*" does not exist': "Create the database, or mend its name in GRMS_DATABASE_URL.",
    "no schema has been selected": "Create the schema that the URL's search_path names.",
}
"""What a server says that refuses for good, and the remedy; libpq gives no SQLSTATE at connect."""


@lru_cache(maxsize=1024)
def _text(sql: str) -> str:
    """Placeholders as psycopg takes them; a list is one array, sent binary."""
    return sql.replace("%", "%%").replace("in (?*)", "= any(%b)").replace("?", "%s")


@lru_cache(maxsize=64)
def _merge(table: str, conflict: str, returning: str = "") -> str:
    arrays = ", ".join(f"%b::{_ARRAYS[type(column.type)]}" for column in metadata.tables[table].columns)
    return f"insert into {table} select * from unnest({arrays}) on conflict {conflict}{returning}"  # noqa: S608 - names of our tables


@lru_cache(maxsize=64)
def _key(table: str) -> tuple[list[str], list[int]]:
    """Names and places of the columns of a table's primary key."""
    columns = [
        (place, column.name) for place, column in enumerate(metadata.tables[table].columns) if column.primary_key
    ]
    return [name for _, name in columns], [place for place, _ in columns]


class _PostgreSQLTx(Tx):
    def _text(self, sql: str) -> str:
        return _text(sql)

    def _streaming(self, sql: str, params: Sequence[object]) -> Any:  # noqa: ANN401 - a DBAPI cursor
        cursor = self._raw(f"grms_{uuid4().hex}")
        cursor.execute(_text(sql), params)
        return cursor

    def _raw(self, *name: str) -> Any:  # noqa: ANN401 - psycopg's cursor; on the server if it has a name
        return self.connection.connection.cursor(*name)

    def where_in(self, sql: str, values: Sequence[object], *params: object) -> list[Row]:
        return self.all(sql, *params, [*values]) if values else []

    def run_in(self, sql: str, values: Sequence[object], *params: object) -> int:
        return self.run(sql, *params, [*values]) if values else 0

    def insert(self, sql: str, *params: object) -> int:
        row = self.one(f"{sql} returning id", *params)
        return int(row[0]) if row else 0

    def add(self, table: str, rows: Sequence[Row]) -> None:
        if not rows:
            return
        with closing(self._raw()) as cursor, cursor.copy(f"copy {table} from stdin") as copy:
            for row in rows:
                copy.write_row(row)

    def add_new(self, table: str, rows: Sequence[Row]) -> list[Row]:
        if not rows:
            return []
        names, places = _key(table)
        with closing(self._raw()) as cursor:
            cursor.execute(_merge(table, "do nothing", f" returning {', '.join(names)}"), _columns(rows))
            new = set(cursor.fetchall())
        return [row for row in rows if tuple(row[place] for place in places) in new]

    def merge(self, table: str, rows: Sequence[Row], conflict: str) -> None:
        if rows:
            with closing(self._raw()) as cursor:
                cursor.execute(_merge(table, conflict), _columns(rows))

    def exclusively(self, name: str) -> None:
        self.all(f"select pg_advisory_xact_lock({_LOCK.replace('%s', '?')})", name)

    def tables(self) -> set[str]:
        return {
            name
            for (name,) in self.all(
                "select relname from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r'"
            )
        }

    def damage(self) -> Iterator[str]:
        row = self.one(
            "select checksum_failures, checksum_last_failure from pg_stat_database where datname = current_database()"
        )
        if row and row[0]:
            yield f"{row[0]} pages failed their checksum, last at {row[1]:%Y-%m-%d %H:%M}"


def _columns(rows: Sequence[Row]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


class PostgreSQL:
    """Implements `bus.store.database.Database`.

    Args:
        wait_s: how long to wait for a connection.
    """

    def __init__(self, url: URL, wait_s: float) -> None:
        self.engine = _engine(url, wait_s)

    def tx(self, connection: Connection) -> Tx:
        """A transaction that goes on in a connection."""
        return _PostgreSQLTx(connection)

    def options(self, *, writes: bool) -> Mapping[str, Any]:
        """Readers see one snapshot."""
        return {} if writes else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

    def meaning(self, error: BaseException, where: str) -> BusError | None:
        """What a driver's error means to the bus; None: a bug of ours."""
        if isinstance(error, PoolTimeout):
            return TransientError(f"{where}: every connection of this process is in use")
        if not isinstance(error, psycopg.Error):
            return None
        # Details and context quote rows, which hold personal data: they stay out of messages and traces.
        told = " ".join((error.diag.message_primary or str(error)).split())
        error.args = (told,)
        said = f"{where}: {told}"
        state = error.sqlstate
        if state is None:
            return TransientError(said) if isinstance(error, psycopg.OperationalError) else None
        if state in _TRANSIENT or state[:2] in _TRANSIENT_CLASSES:
            return TransientError(said)
        if isinstance(error, (errors.InsufficientPrivilege, errors.InvalidSchemaName)):
            return StoreRefused(said)
        if isinstance(error, (errors.DataCorrupted, errors.IndexCorrupted)):
            return StoreCorrupt(f"{said}. Restore the database from a backup.")
        return None

    def gone(self, connection: Connection) -> bool:
        """Whether the server closed a connection, or the network did."""
        return not connection.invalidated and bool(connection.connection.dbapi_connection.closed)  # type: ignore[union-attr]  # psycopg's

    def may_pass(self, error: BaseException) -> bool:
        """Whether a failure at first contact may pass by waiting: the server restarts, say."""
        return _refusal(error) is None

    def remedy(self, error: BaseException) -> str:
        """What to do when it can't be opened."""
        return _refusal(error) or "Is PostgreSQL running at that place, and can this machine reach it?"

    @contextmanager
    def locking(self, name: str) -> Iterator[Callable[[], bool]]:
        """An advisory lock of a session of its own, freed by the server when the process is gone.

        It is gone with the session, too: see ``bus/DESIGN.md`` on a server that stops under an intake.
        """
        with self.engine.connect() as connection:

            def locked() -> bool:
                with connection.begin():
                    row = connection.exec_driver_sql(f"select pg_try_advisory_lock({_LOCK})", (name,)).one()
                return bool(row[0])

            try:
                yield locked
            finally:
                # A session that is gone has given its lock back.
                with suppress(DBAPIError), connection.begin():
                    connection.exec_driver_sql("select pg_advisory_unlock_all()")


def _refusal(error: BaseException) -> str | None:
    """Remedy of a refusal that waiting does not change."""
    said = str(error)
    return next((remedy for words, remedy in _REFUSALS.items() if re.search(words, said)), None)


def _engine(url: URL, wait_s: float) -> Engine:
    least, most = _CONNECT_S
    options = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    given = {name: str(value) for name, value in url.query.items()}
    query = {
        **_CLIENT,
        "connect_timeout": str(round(min(max(wait_s, least), most))),
        **given,
        "options": f"{options} {given.get('options', '')}".strip(),
    }
    return create_engine(
        url.set(query=query),
        isolation_level="READ COMMITTED",
        pool_size=_POOL,
        pool_pre_ping=True,  # a connection that a restart of the server cut off is replaced before it is used
        use_native_hstore=False,  # saves a query at connect
        hide_parameters=True,  # rows hold personal data
    )
