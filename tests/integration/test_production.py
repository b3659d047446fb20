"""The three brokers of ops/deploy/compose.yaml, run here: only hosts, ports and folders are this machine's."""

from __future__ import annotations

import dataclasses
import gc
import json
import re
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import UserScramCredentialUpsertion
from kafka.errors import TopicAuthorizationFailedError

from ops.deploy import compose
from ops.settings import Settings
from ops.stack import Kafka, Stack, ports, process

# kafka-python leaves a socket that was refused to the garbage; that is no fault of ours.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <(socket|ssl):ResourceWarning")

_PASSWORD = "of-the-test"  # noqa: S105 - of brokers that live for a test
_CLUSTER = "AXz6aRiFSoNEP7yWsTI64w"
_NODES = ("kafka-1", "kafka-2", "kafka-3")


def test_the_compose_file_is_up_to_date():
    assert compose.FILE.read_text(encoding="utf-8") == compose.text(), "run: make compose"


def test_nothing_in_the_compose_file_is_published_without_tls():
    for node in compose.NODES:
        told = dict(line.split("=", 1) for line in _content(f"kafka-{node}").splitlines())
        protocols = dict(pair.split(":") for pair in told["listener.security.protocol.map"].split(","))
        names = [listener.partition("://")[0] for listener in told["listeners"].split(",")]
        assert {protocols[name] for name in names} == {"SASL_SSL", "SSL"}


def _content(node: str) -> str:
    return yaml.safe_load(compose.FILE.read_text(encoding="utf-8"))["configs"][node]["content"]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory) -> Path:
    """What ops/deploy/README.md asks for: a CA, and a certificate and key for each broker."""
    if not shutil.which("openssl"):
        pytest.skip("openssl, which makes the brokers' certificates, is not on this machine")
    folder = tmp_path_factory.mktemp("secrets")

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=ca")
    for node in _NODES:
        (folder / "names").write_text(f"subjectAltName=DNS:{node},IP:127.0.0.1\n")
        openssl("req", *key, "-keyout", f"{node}.key", "-out", f"{node}.csr", "-subj", f"/CN={node}")
        signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names")
        openssl("x509", "-req", "-in", f"{node}.csr", *signed, "-out", f"{node}.crt")
        pem = (folder / f"{node}.key").read_text() + (folder / f"{node}.crt").read_text()
        (folder / f"{node}.pem").write_text(pem)
    return folder


def _here(node: str, place: dict[str, int], certificates: Path, data: Path) -> str:
    """A node's settings with this machine's hosts, ports and folders."""
    text = _content(node).replace("$$", "$")
    for other in _NODES:
        for port in ("9093", "9094"):
            text = text.replace(f"{other}:{port}", f"127.0.0.1:{place[f'{other}:{port}']}")
    text = re.sub(r"//\$\{[^}]*\}:\d+", f"//127.0.0.1:{place[f'{node}:9092']}", text)
    text = re.sub(r"//:(\d+)", lambda found: f"//127.0.0.1:{place[f'{node}:{found[1]}']}", text)
    text = text.replace("/run/secrets/broker.pem", str(certificates / f"{node}.pem"))
    return text.replace("/run/secrets", str(certificates)).replace("/var/lib/kafka/data", str(data))


@dataclasses.dataclass(frozen=True)
class Brokers:
    """Three brokers; clients reach them by ``bootstrap``."""

    folder: Path
    bootstrap: str
    ca: Path

    def client(self, user: str = "admin", password: str = _PASSWORD) -> dict[str, object]:
        return {
            "bootstrap_servers": self.bootstrap,
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": user,
            "sasl_plain_password": password,
            "ssl_cafile": str(self.ca),
        }

    def together(self) -> bool:
        """Whether the controllers let all three in; asked only when all three listen."""
        with KafkaAdminClient(**self.client()) as admin:
            return process.until(lambda: len(admin.describe_cluster()["brokers"]) == len(_NODES), 60)


@pytest.fixture(autouse=True)
def _no_sockets_left_to_other_tests(caplog):
    # A captured error would keep its socket.
    caplog.set_level("CRITICAL", "kafka")
    yield
    gc.collect()


@pytest.fixture(scope="module")
def brokers(certificates, tmp_path_factory):
    folder = tmp_path_factory.mktemp("production")
    place = ports.chosen([f"{node}:{port}" for node in _NODES for port in (9092, 9093, 9094)], {})
    jars = Stack.of(Settings(home=folder)).jars
    tie = process.Tie()

    def start(node: str) -> None:
        home = folder / node
        home.mkdir()
        (home / "server.properties").write_text(_here(node, place, certificates, home / "data"))
        launch = Kafka(home, {}, jars).launch()
        command = ("format", "-t", _CLUSTER, "-c", launch.argv[-1])
        scram = ("--add-scram", f"SCRAM-SHA-512=[name=admin,password={_PASSWORD}]")
        tool = dataclasses.replace(launch, argv=(*launch.argv[:-2], "kafka.tools.StorageTool", *command, *scram))
        process.run(tool, tie)
        process.start(launch, home, tie)

    try:
        with ThreadPoolExecutor() as pool:
            list(pool.map(start, _NODES))
        clients = [place[f"{node}:9092"] for node in _NODES]
        assert process.until(lambda: not any(map(process.bindable, clients)), 120), _logs(folder)
        found = Brokers(folder, ",".join(f"127.0.0.1:{port}" for port in clients), certificates / "ca.pem")
        assert found.together(), _logs(folder)
        yield found
    finally:
        tie.close()
        for node in _NODES:
            process.ended(folder / node)
        shutil.rmtree(folder)


def _logs(folder: Path) -> str:
    return "\n".join(process.tail(folder / node / "kafka.log") for node in _NODES)


def test_an_acknowledged_record_outlives_a_broker(brokers):
    with KafkaAdminClient(**brokers.client()) as admin:
        admin.create_topics({"told": {"num_partitions": 3, "replication_factor": -1}})
        described = admin.describe_topics(["told"])
    assert all(len(partition["replica_nodes"]) == 3 for partition in described[0]["partitions"])
    with KafkaProducer(**brokers.client(), acks="all") as producer:
        for partition in range(3):
            producer.send("told", b"before", partition=partition).get(60)
        process.stop(brokers.folder / "kafka-1", signal.SIGKILL, 10)
        for partition in range(3):
            producer.send("told", b"after", partition=partition).get(60)
    with KafkaConsumer(**brokers.client(), consumer_timeout_ms=30_000) as consumer:
        consumer.assign([TopicPartition("told", partition) for partition in range(3)])
        consumer.seek_to_beginning()
        assert sorted(next(consumer).value for _ in range(6)) == [b"after"] * 3 + [b"before"] * 3


def test_nobody_gets_in_without_password(brokers):
    assert _let_in(**brokers.client())
    assert not _let_in(**brokers.client(password="wrong"))  # noqa: S106 - that is the point
    assert not _let_in(bootstrap_servers=brokers.bootstrap)


def _let_in(**client: object) -> bool:
    """Whether a client may ask something. In a process of its own: one that was refused leaves a thread behind."""
    program = (
        "import json, sys; from kafka import KafkaAdminClient; KafkaAdminClient(**json.loads(sys.argv[1])).close()"
    )
    told = json.dumps({**client, "bootstrap_timeout_ms": 5000})
    done = subprocess.run([sys.executable, "-c", program, told], check=False, capture_output=True, text=True)
    assert done.returncode == 0 or "Unable to bootstrap" in done.stderr, done.stderr
    return done.returncode == 0


def test_who_was_granted_nothing_may_do_nothing(brokers):
    with KafkaAdminClient(**brokers.client()) as admin:
        admin.create_topics({"closed": {"num_partitions": 1, "replication_factor": -1}})
        admin.alter_user_scram_credentials([UserScramCredentialUpsertion("unit", "SCRAM-SHA-512", "units")])
    unit = {**brokers.client("unit", "units"), "enable_idempotence": False}
    with KafkaProducer(**unit) as producer, pytest.raises(TopicAuthorizationFailedError):
        producer.send("closed", b"told").get(30)
