"""Both servers of a home: up, down, status."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bus import Unreachable
from ops.settings import Settings
from ops.stack import kafka, postgres, process
from ops.stack.files import put
from ops.stack.jars import JarSource, kafka_version
from ops.stack.kafka import Kafka
from ops.stack.ports import chosen
from ops.stack.postgres import Postgres
from ops.stack.process import Tie
from ops.stack.ready import STEPS

__all__ = ["Server", "Stack", "started", "tied"]

_READY_S = 90
"""A server that does not answer by then is not coming; 3 s is usual, and a busy machine with cold caches needs more."""
_STOP_S = 30
_UNFIT = (",", "\n", "\r")

Server = Kafka | Postgres


@dataclass(frozen=True)
class Stack:
    """The servers below ``folder``."""

    folder: Path
    jars: JarSource

    @classmethod
    def of(cls, settings: Settings) -> Stack:
        """The stack of a home."""
        caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        cache = settings.kafka_jars or caches / "grms" / f"kafka-{kafka_version()}"
        return cls(settings.home.absolute() / "stack", JarSource(cache.absolute(), settings.maven_url))

    def servers(self) -> tuple[Kafka, Postgres]:
        """Both servers, on the ports chosen when they were last started."""
        try:
            ports = json.loads(self._ports.read_text(encoding="utf-8"))
        except FileNotFoundError:
            ports = {}
        return Kafka(self.folder / "kafka", ports, self.jars), Postgres(self.folder / "postgres", ports)

    def up(self, settings: Settings) -> None:
        """Start what does not run, and make it ready for use.

        Servers that this starts end with this process, whatever ends it, until the last line here is done.

        Raises:
            Unreachable: a server does not start; the message ends with its log.
            JarMismatch: a jar of Kafka's is not the one listed.
        """
        _supported()
        self._make_folders()
        with process.locked(self.folder, _READY_S), ThreadPoolExecutor() as pool, tied() as tie:
            broker, database = servers = self.placed()
            list(pool.map(lambda server: started(server, tie, self._kept), servers))
            both = {"kafka_bootstrap": broker.bootstrap, "database_url": database.url}
            for step in STEPS:
                step(settings.model_copy(update=both))
            records = {server.name: process.running(server.folder) for server in servers}
            if None in records.values():
                raise Unreachable(f"A server ended at once. {process.tail(broker.log)} {process.tail(database.log)}")
            put(self._kept, json.dumps(records))

    def down(self) -> None:
        """Stop both servers; their data stay.

        Raises:
            Unreachable: one does not end.
        """
        if not self.folder.exists():
            return
        with process.locked(self.folder, _READY_S), ThreadPoolExecutor() as pool:
            list(pool.map(lambda server: process.stop(server.folder, server.stop_signal, _STOP_S), self.servers()))
            self._kept.unlink(missing_ok=True)

    def status(self) -> dict[str, dict[str, object]]:
        """Address, version and process of each server; None throughout where it does not run."""
        broker, database = self.servers()
        told: dict[str, dict[str, object]] = {}
        for server, address in ((broker, "bootstrap"), (database, "url")):
            record = process.running(server.folder)
            version = server.version if record else None
            known = record is not None and version is not None
            told[server.name] = {
                address: getattr(server, address) if known else None,
                "version": version,
                "pid": record["pid"] if record and known else None,
            }
        return told

    @property
    def _ports(self) -> Path:
        return self.folder / "ports.json"

    @property
    def _kept(self) -> Path:
        return self.folder / "kept.json"

    def _make_folders(self) -> None:
        if any(sign in str(self.folder) for sign in _UNFIT):
            raise Unreachable(f"Kafka can't keep its data in {self.folder}: a path with a comma or line end.")
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            self.folder.mkdir(mode=0o700, exist_ok=True)
            for server in self.servers():
                server.folder.mkdir(exist_ok=True)
        except OSError as error:
            raise Unreachable(f"home {self.folder.parent}: {error.strerror}. Name another one with --home.") from error

    def placed(self) -> tuple[Kafka, Postgres]:
        """Both servers, their folders made. One that runs keeps its ports, as does one whose ports are free."""
        self._make_folders()
        broker, database = self.servers()
        places: tuple[tuple[Server, tuple[str, ...]], ...] = ((broker, kafka.PORTS), (database, postgres.PORTS))
        ports: dict[str, int] = {}
        for server, names in places:
            if process.running(server.folder):
                ports |= {name: server.ports[name] for name in names}
            else:
                process.ended(server.folder)
        missing = [name for name in (*kafka.PORTS, *postgres.PORTS) if name not in ports]
        ports |= chosen(missing, broker.ports)
        put(self._ports, json.dumps(ports))
        return self.servers()


def started(server: Server, tie: Tie, kept: Path | None = None) -> None:
    """Start a server unless it runs, and wait until it answers.

    Raises:
        Unreachable: it does not; the message ends with its log.
    """
    if not process.running(server.folder):
        server.prepare(tie)
        process.start(server.launch(), server.folder, tie, kept)
    process.until(lambda: _serves(server) or not process.alive(server.folder), _READY_S)
    if not _serves(server):
        raise Unreachable(f"{server.name} does not answer. {process.tail(server.log)}")


def _serves(server: Server) -> bool:
    return process.running(server.folder) is not None and server.answers()


@contextmanager
def tied() -> Iterator[Tie]:
    """A tie for the length of a block."""
    tie = Tie()
    try:
        yield tie
    finally:
        tie.close()


def _supported() -> None:
    if sys.platform != "linux":
        raise Unreachable(
            "grms stack runs on Linux. Name servers of your own in GRMS_KAFKA_BOOTSTRAP, GRMS_DATABASE_URL."
        )
