"""One Kafka node on this machine: formatted once, then started and asked whether it answers."""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import signal
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ops.stack.brokers import LOCAL, properties
from ops.stack.files import put
from ops.stack.jars import JarSource, kafka_version
from ops.stack.process import Launch, Tie, run
from ops.stack.programs import java

__all__ = ["PORTS", "Kafka"]

PORTS = ("kafka", "kafka_sasl", "kafka_controller")

_LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %p %c{1}: %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
logger.server.name = kafka.server.KafkaRaftServer
logger.server.level = info
"""
_WHO_IS_THERE = struct.pack(">ihhihi", 14, 3, 1, 0, -1, 0)
"""Metadata request, version 1, of no topic. Its answer lists the brokers let in; a client would log each refusal."""
_JVM = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true")
"""The quick compiler alone: half the processor time to start, and no less throughput in the minutes a test takes."""


@dataclass(frozen=True)
class Kafka:
    """A broker's folder and ports, and where its jars come from."""

    folder: Path
    ports: dict[str, int]
    jars: JarSource

    name = "kafka"
    stop_signal = signal.SIGTERM

    @property
    def log(self) -> Path:
        """What the broker says."""
        return self.folder / "kafka.log"

    @property
    def bootstrap(self) -> str:
        """HOST:PORT for clients on this machine."""
        return f"127.0.0.1:{self.ports['kafka']}"

    @property
    def version(self) -> str | None:
        """The broker's version; None: it does not answer."""
        return kafka_version() if self.answers() else None

    @property
    def sasl_bootstrap(self) -> str:
        """HOST:PORT for clients that log in by SCRAM-SHA-512."""
        return f"127.0.0.1:{self.ports['kafka_sasl']}"

    @property
    def admin_password(self) -> str:
        """Of the SCRAM user admin."""
        return (self.folder / "admin.secret").read_text(encoding="ascii")

    def prepare(self, tie: Tie) -> None:
        """Write the settings; format the data folder if there is none. A half-formatted one is begun anew."""
        put(self.folder / "log4j2.properties", _LOGGING)
        data, new = self.folder / "data", self.folder / "data.new"
        if not data.exists():
            shutil.rmtree(new, ignore_errors=True)
            password = secrets.token_urlsafe(24)
            put(self.folder / "admin.secret", password, mode=0o400)
            put(self.folder / "format.properties", self._properties(new))
            put(self.folder / "format.args", "\n".join(self._format_arguments(password)), mode=0o400)
            run(self._launch("kafka.tools.StorageTool", f"@{self.folder / 'format.args'}"), tie)
            (self.folder / "format.args").unlink()
            (self.folder / "format.properties").unlink()
            new.rename(data)
        put(self.folder / "server.properties", self._properties(data))

    def launch(self) -> Launch:
        """How the broker is started."""
        return self._launch("kafka.Kafka", str(self.folder / "server.properties"))

    def answers(self) -> bool:
        """Whether the broker takes requests and its controller has let it in."""
        with suppress(OSError, struct.error), socket.create_connection(("127.0.0.1", self.ports["kafka"]), 5) as line:
            line.sendall(_WHO_IS_THERE)
            with line.makefile("rb") as answer:
                _length, _correlation, brokers = struct.unpack(">iii", answer.read(12))
                return bool(brokers > 0)
        return False

    def _format_arguments(self, password: str) -> list[str]:
        # In a file, for a process's arguments are read by everyone.
        cluster = base64.urlsafe_b64encode(b"\1" + os.urandom(15)).decode().rstrip("=")
        scram = f"SCRAM-SHA-512=[name=admin,password={password}]"
        return ["format", "-t", cluster, "-c", str(self.folder / "format.properties"), "--add-scram", scram]

    def _properties(self, data: Path) -> str:
        controller = f"127.0.0.1:{self.ports['kafka_controller']}"
        listeners = {"PLAINTEXT": self.bootstrap, "SASL": self.sasl_bootstrap}
        return properties(
            {
                "node.id": "1",
                "controller.quorum.voters": f"1@{controller}",
                "listeners": ",".join(f"{name}://{at}" for name, at in {**listeners, "CONTROLLER": controller}.items()),
                "log.dirs": str(data),
                **LOCAL,
            }
        )

    def _launch(self, *command: str) -> Launch:
        settings = f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}"
        return Launch(
            argv=(str(java()), *_JVM, settings, *command),
            output=self.log,
            stop_signal=signal.SIGTERM,
            death_signal=signal.SIGKILL,
            env={"CLASSPATH": os.pathsep.join(map(str, self.jars.fetched())), "LC_ALL": "C.UTF-8"},
        )
