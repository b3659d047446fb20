"""A PostgreSQL server for tests, with a new database for each that asks."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from ops.settings import Settings
from ops.stack import Postgres, Stack, Tie, started, stop

_STOP_S = 30


@dataclass(frozen=True)
class Server:
    """It ends with the test's process, whatever ends it; stopped, it keeps data and port."""

    postgres: Postgres
    tie: Tie = field(default_factory=Tie)
    _numbers: itertools.count = field(default_factory=lambda: itertools.count(1))

    def fresh(self) -> str:
        """URL of a new empty database."""
        name = f"fresh_{next(self._numbers)}"
        with psycopg.connect(self.plain, autocommit=True) as connection:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        return self.postgres.url.rpartition("/")[0] + f"/{name}"

    @property
    def plain(self) -> str:
        """The server's own database, as psycopg reads a URL."""
        return plain(self.postgres.url)

    def stop(self, sent: signal.Signals = signal.SIGQUIT) -> None:
        """Stop it: at once and without a checkpoint; SIGINT in order."""
        stop(self.postgres.folder, sent, _STOP_S)

    def start(self) -> None:
        """Start it where it was, and wait until it answers; nothing when it runs."""
        started(self.postgres, self.tie)


def plain(url: str) -> str:
    """A URL as psycopg reads it, without SQLAlchemy's driver."""
    return url.replace("+psycopg", "", 1)


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    """A new server in an empty folder."""
    found = Server(Stack.of(Settings(home=folder)).placed()[1])
    found.start()
    try:
        yield found
    finally:
        found.tie.close()
        found.stop()
