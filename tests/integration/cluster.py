"""Real Kafka and PostgreSQL for a test, which can be stopped, killed and started one by one."""

from __future__ import annotations

import itertools
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from ops.settings import Settings
from ops.stack import Kafka, Postgres, Stack, Tie, started, stop

_STOP_S = 30


@dataclass(frozen=True)
class Cluster:
    """Both servers. They end with the test's process, whatever ends it; stopped ones keep data and port."""

    kafka: Kafka
    postgres: Postgres
    tie: Tie = field(default_factory=Tie)
    _numbers: itertools.count = field(default_factory=lambda: itertools.count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def fresh(cls, folder: Path) -> Cluster:
        """New servers in an empty folder."""
        cluster = cls(*Stack.of(Settings(home=folder)).placed())
        try:
            cluster.restart()
        except BaseException:
            cluster.end()
            raise
        return cluster

    @property
    def bootstrap(self) -> str:
        """GRMS_KAFKA_BOOTSTRAP."""
        return self.kafka.bootstrap

    @property
    def database_url(self) -> str:
        """GRMS_DATABASE_URL of the database that is there from the start; tests share it."""
        return self.postgres.url

    def fresh_database(self) -> str:
        """GRMS_DATABASE_URL of a new empty database."""
        with self._lock:
            name = f"fresh_{next(self._numbers)}"
        with psycopg.connect(plain(self.database_url), autocommit=True) as connection:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        return self.database_url.rpartition("/")[0] + f"/{name}"

    def kill_kafka(self) -> None:
        """SIGKILL the broker."""
        stop(self.kafka.folder, signal.SIGKILL, _STOP_S)

    def stop_kafka(self) -> None:
        """Let the broker end in order."""
        stop(self.kafka.folder, signal.SIGTERM, _STOP_S)

    def start_kafka(self) -> None:
        """Start the broker where it was, and wait until it answers; nothing when it runs."""
        started(self.kafka, self.tie)

    def stop_postgres(self, sent: signal.Signals = signal.SIGQUIT) -> None:
        """Stop the database: at once and without a checkpoint; SIGINT in order, SIGKILL the main process only."""
        stop(self.postgres.folder, sent, _STOP_S)

    def start_postgres(self) -> None:
        """Start the database where it was, and wait until it answers; nothing when it runs."""
        started(self.postgres, self.tie)

    def restart(self) -> None:
        """Start what does not run."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda start: start(), (self.start_kafka, self.start_postgres)))

    def end(self) -> None:
        """Kill both and wait until nothing of them lives."""
        self.tie.close()
        self.kill_kafka()
        self.stop_postgres()


def plain(url: str) -> str:
    """A URL as psycopg reads it, without SQLAlchemy's driver."""
    return url.replace("+psycopg", "", 1)
