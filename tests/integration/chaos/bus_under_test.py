"""One bus on real servers while it is hurt: its generator, its workers, what is counted at the end."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient
from kafka.admin import MemberToRemove
from kafka.errors import KafkaError

from bus import TransientError
from bus.log.kafka import KafkaAccess, KafkaLog
from bus.ports import Log, Record, partition_of
from bus.store import Store, open_codec, outbox
from consumers import CONSUMERS
from tests.acceptance.cli import Grms
from tests.integration.chaos.events import Event, delivered, generated, record_of
from tests.integration.chaos.journal import Journal, Told
from tests.integration.chaos.state import Database
from tests.integration.chaos.verdicts import counted
from tests.integration.cluster import Cluster

__all__ = ["EVENTS", "ROUNDS", "WHOLE", "Bus", "Worker", "emptied", "portions", "stream", "until"]

ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "3"))
WHOLE = ROUNDS >= 20
"""`make chaos`, not a sample of it."""
EVENTS = 50_000 if WHOLE else 6_000
ROOT = Path(__file__).resolve().parents[3]
GROUP = f"grms-{'-'.join(sorted(CONSUMERS))}"
CEILING_S = 400.0
"""How long a condition may take on a machine that does ten other things."""
TOPICS = sorted({topic for consumer in CONSUMERS.values() for topic in consumer.topics})


def until(true: Callable[[], bool], what: str, ceiling_s: float = CEILING_S) -> None:
    """Wait for a condition; a test that never sees it fails."""
    end = time.monotonic() + ceiling_s
    while not true():
        if time.monotonic() > end:
            pytest.fail(f"{what}: not in {ceiling_s:.0f} s")
        time.sleep(0.02)


@dataclass
class Worker:
    """A ``grms run`` process."""

    process: subprocess.Popen[bytes]
    said: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def children(self) -> list[int]:
        """Worker processes that it supervises."""
        with suppress(OSError):
            text = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
            return [int(number) for number in text.split()]
        return []

    def send(self, sent: signal.Signals) -> None:
        """A signal to the process itself."""
        self.process.send_signal(sent)

    def kill_one(self, rng: random.Random) -> None:
        """SIGKILL to one of the supervised workers; its supervisor starts another."""
        until(lambda: bool(self.children()), "workers are there")
        with suppress(ProcessLookupError):
            os.kill(rng.choice(self.children()), signal.SIGKILL)

    def kill(self) -> None:
        """SIGKILL, with all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()

    def ended(self, ceiling_s: float = CEILING_S) -> int:
        """Exit code, waited for."""
        try:
            return self.process.wait(ceiling_s)
        except subprocess.TimeoutExpired:
            self.kill()
            pytest.fail(f"a worker did not end in {ceiling_s:.0f} s: {self.log()}")

    def log(self) -> str:
        """The end of what it said."""
        return self.said.read_text(errors="replace")[-3000:]


@dataclass
class Bus:
    """A home on Kafka with a store of its own, and the journal of what was written to it."""

    cluster: Cluster
    folder: Path
    database_url: str | None
    journal: Journal
    kills: int = 0
    began: float = field(default_factory=time.monotonic)
    healed_at: float | None = None
    workers: list[Worker] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(1_000_000)))

    @classmethod
    @contextmanager
    def fresh(cls, cluster: Cluster, folder: Path, database: str) -> Iterator[Bus]:
        """A bus with empty topics and an empty store; every process of it is gone at the end."""
        cluster.restart()
        emptied(cluster.bootstrap)
        url = cluster.fresh_database() if database == "postgresql" else None
        (folder / "home").mkdir()
        with closing(Journal(folder / "journal.jsonl")) as journal:
            bus = cls(cluster, folder, url, journal)
            try:
                yield bus
            finally:
                for worker in bus.workers:
                    worker.kill()

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def settings(self) -> dict[str, str]:
        url = {"GRMS_DATABASE_URL": self.database_url} if self.database_url else {}
        return {"GRMS_KAFKA_BOOTSTRAP": self.cluster.bootstrap, **url}

    @property
    def database(self) -> Database:
        return Database(self.database_url or f"sqlite:///{self.home / 'store.sqlite'}")

    @property
    def grms(self) -> Grms:
        return Grms(self.home, self.settings)

    @contextmanager
    def parts(self) -> Iterator[tuple[Store, KafkaLog]]:
        """Store and log as the product opens them; topics are made by the first command, so by `ready`."""
        store = Store(self.database.url, 30.0)
        try:
            with closing(KafkaLog(KafkaAccess.of(self.cluster.bootstrap), wait_s=60)) as log:
                yield store, log
        finally:
            store.close()

    def ready(self) -> None:
        """Make topics and tables: the first command does."""
        self.grms.json("view", "hash", "--wait", 60)

    # -- workers -------------------------------------------------------------------------

    def start(self, *, workers: int = 1, engine: str = "faust", batch: int = 50, hurt: str = "", ends: bool = False):
        """Start ``grms run``, perhaps hurt."""
        program = ["tests.integration.chaos.worker", hurt] if hurt else ["ops.cli"]
        options = ["run", "--engine", engine, "--batch", str(batch), "--wait", "60", "--home", str(self.home), "--json"]
        options += ["--workers", str(workers)] if engine == "faust" else []
        options += ["--until-caught-up"] if ends else []
        said = self.folder / f"worker-{next(self._numbers)}.log"
        env = {name: text for name, text in os.environ.items() if not name.startswith("GRMS_")}
        env |= self.settings | {"CHAOS_MARKS": str(self.folder / "marks")}
        with said.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", *program, *options],
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        worker = Worker(process, said)
        self.workers.append(worker)
        return worker

    def marks(self) -> list[str]:
        """What hurt workers told."""
        path = self.folder / "marks"
        return path.read_text().split() if path.exists() else []

    # -- writing --------------------------------------------------------------------------

    def write(self, deliveries: Sequence[Event], *, through: str = "log", size: int = 200) -> None:
        """Write deliveries through a public door: straight to the log, or by the outbox."""
        with self.parts() as (store, log):
            codec = open_codec(store)
            door = _ToLog(log) if through == "log" else _ToOutbox(store, log)
            for start in range(0, len(deliveries), size):
                some = deliveries[start : start + size]
                self.journal.intent(some)
                records = [record_of(codec, event) for event in some]
                while True:
                    try:
                        door.put(records)
                    except TransientError as error:
                        self.errors.append(error)
                        self.journal.unknown(some)
                    else:
                        break
                self.journal.ok(some)

    @contextmanager
    def writing(self, deliveries: Sequence[Event], **how: Any) -> Iterator[threading.Thread]:
        """The same beside what goes on inside; joined at the end."""
        failed: list[BaseException] = []

        def write() -> None:
            try:
                self.write(deliveries, **how)
            except BaseException as error:  # noqa: BLE001 - raised below
                failed.append(error)

        thread = threading.Thread(target=write, daemon=True)
        thread.start()
        yield thread
        thread.join(CEILING_S)
        assert not thread.is_alive(), "the generator hangs"
        if failed:
            raise failed[0]

    # -- waiting --------------------------------------------------------------------------

    def moved(self) -> int:
        """Sum of all positions."""
        return sum(self.database.positions().values())

    def until_moving(self, since: int, what: str = "workers get on") -> None:
        until(lambda: self.moved() > since, what)

    def behind(self, log: Log) -> int:
        """Partitions, outbox batches and marks that wait; holes at the end of a partition are nothing to wait for."""
        at = self.database.positions()
        waits = 0
        for consumer in CONSUMERS.values():
            for topic in consumer.topics:
                for number, end in log.end_offsets(topic).items():
                    offset = at.get((consumer.name, topic, number), 0)
                    while offset < end and not (found := log.read(topic, number, offset, 1)).records:
                        offset = found.next_offset
                    waits += offset < end
        return waits + self.database.waiting()

    def healed(self) -> None:
        """From now on nothing is hurt: recovery counts from here."""
        self.healed_at = time.monotonic()

    def drained(self, ceiling_s: float = CEILING_S) -> float | None:
        """Wait for lag 0; seconds since the heal, None when it does not come."""
        since = self.healed_at or time.monotonic()
        end = time.monotonic() + ceiling_s
        with self.parts() as (_, log):
            while self.behind(log):
                if time.monotonic() > end:
                    return None
                time.sleep(0.1)
        return time.monotonic() - since

    def committed(self) -> int:
        """Sum of the positions that Kafka was told."""
        with KafkaAdminClient(bootstrap_servers=self.cluster.bootstrap) as admin:
            told = admin.list_group_offsets({GROUP: None})[GROUP]
            return sum(max(one.offset, 0) for one in told.values())

    # -- counting -------------------------------------------------------------------------

    def verdicts(self, *, rebuild: bool = True, ceiling_s: float = CEILING_S) -> dict[str, str]:
        """Heal, drain and count."""
        recovery_s = self.drained(ceiling_s)
        for worker in self.workers:
            worker.kill()
        equal = self.grms.json("view", "rebuild", "--wait", 60, exits=(0, 1))["equal"] if rebuild else None
        told = Told.of(self.journal.path)
        return counted(told, self.database.state(), rebuilt_equal=equal, recovery_s=recovery_s)

    def told(self) -> Told:
        return Told.of(self.journal.path)


@dataclass
class _ToLog:
    """As the relay does: by topic and partition, in order."""

    log: Log

    def put(self, records: Sequence[tuple[str, str, Record]]) -> None:
        batches: dict[tuple[str, int], list[Record]] = {}
        for topic, key, record in records:
            batches.setdefault((topic, partition_of(key, self.log.partitions(topic))), []).append(record)
        for place, some in batches.items():
            self.log.append(*place, some)


@dataclass
class _ToOutbox:
    """As the intake does: in a transaction of the store."""

    store: Store
    log: Log

    def put(self, records: Sequence[tuple[str, str, Record]]) -> None:
        with self.store.write() as tx:
            outbox.put(tx, self.log, records)


def emptied(bootstrap: str) -> None:
    """Take every topic of the bus away, with what the group knows of them."""
    with KafkaAdminClient(bootstrap_servers=bootstrap) as admin:
        there = [topic for topic in admin.list_topics() if topic.startswith("grms.")]
        _left(admin)
        if there:
            admin.delete_topics(there)
            until(lambda: not {*there} & {*admin.list_topics()}, "topics are deleted")


def _left(admin: KafkaAdminClient) -> None:
    """Let dead members leave the group now: a static one would be waited for until its session ends."""
    try:
        members = admin.describe_groups([GROUP])[GROUP]["members"]
        names = [member["group_instance_id"] for member in members if member.get("group_instance_id")]
        if names:
            admin.remove_group_members(GROUP, [MemberToRemove(group_instance_id=name) for name in names])
        admin.delete_groups([GROUP])
    except (KafkaError, KeyError):
        pass  # there is no such group


def portions(deliveries: Sequence[Event], count: int) -> Iterator[Sequence[Event]]:
    """Deliveries in so many parts."""
    size = -(-len(deliveries) // count)
    for start in range(0, len(deliveries), size):
        yield deliveries[start : start + size]


def stream(count: int, seed: int, *, copies: bool = True) -> list[Event]:
    """A run's deliveries, from a seed that replays them."""
    return delivered(generated(count, seed), random.Random(seed), copies=copies)
