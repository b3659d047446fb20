"""``grms stack`` as an outsider calls it: up, down, status, and killed at any moment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from random import Random

import psycopg
import pytest
from kafka import KafkaAdminClient

from ops.stack import keeper
from tests.acceptance.cli import PROGRAM, Grms, finish
from tests.integration import processes
from tests.integration.cluster import plain

_NOTHING = {
    "kafka": {"bootstrap": None, "version": None, "pid": None},
    "postgres": {"url": None, "version": None, "pid": None},
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """A home whose servers the tests of this module share; none relies on how another left them."""
    grms = Grms(tmp_path_factory.mktemp("stack") / "rumah kedua é")
    yield grms
    grms.json("stack", "down")
    assert not processes.gone(grms.home)


def _told(stack, command, exits=(0,)):
    began = time.monotonic()
    told = stack.json("stack", command, exits=exits)
    sys.stdout.write(f"stack {command}: {time.monotonic() - began:.1f} s\n")
    return told


def test_up_gives_servers_that_work(stack):
    told = _told(stack, "up")
    assert told == _told(stack, "status")
    assert told["kafka"]["version"] == "4.3.1"
    assert told["postgres"]["version"].startswith("18.")
    assert told["postgres"]["url"].startswith("postgresql+psycopg://grms:")
    assert told["postgres"]["url"].endswith("/grms")
    with KafkaAdminClient(bootstrap_servers=told["kafka"]["bootstrap"]) as admin:
        assert len(admin.describe_cluster()["brokers"]) == 1
        assert "grms.pengadaan.v1" in admin.list_topics()
    with psycopg.connect(plain(told["postgres"]["url"])) as connection:
        assert connection.execute("select count(*) from statement").fetchone() == (0,)
        assert connection.execute("select current_user, current_database()").fetchone() == ("grms", "grms")


def test_up_again_gives_the_same_servers(stack):
    assert _told(stack, "up") == _told(stack, "up")


def test_two_ups_at_once_agree(stack):
    _told(stack, "down")
    answers = [finish(process) for process in (stack.start("stack", "up"), stack.start("stack", "up"))]
    assert [answer.exit for answer in answers] == [0, 0], answers
    assert answers[0].document() == answers[1].document() == _told(stack, "status")


def test_data_and_addresses_outlive_down(stack):
    told = _told(stack, "up")
    with psycopg.connect(plain(told["postgres"]["url"])) as connection:
        connection.execute("create table if not exists kept (number int)")
    with KafkaAdminClient(bootstrap_servers=told["kafka"]["bootstrap"]) as admin:
        admin.create_topics({f"kept-{time.time_ns()}": {"num_partitions": 1, "replication_factor": 1}})
        topics = set(admin.list_topics())
    assert _told(stack, "down") == _NOTHING
    assert not processes.gone(stack.home)
    assert _told(stack, "status", exits=(1,)) == _NOTHING
    assert _told(stack, "down") == _NOTHING
    again = _told(stack, "up")
    assert again["kafka"]["bootstrap"] == told["kafka"]["bootstrap"]
    assert again["postgres"]["url"] == told["postgres"]["url"]
    with psycopg.connect(plain(told["postgres"]["url"])) as connection:
        connection.execute("select * from kept")
    with KafkaAdminClient(bootstrap_servers=told["kafka"]["bootstrap"]) as admin:
        assert set(admin.list_topics()) == topics


@pytest.mark.parametrize(("dead", "other"), [("kafka", "postgres"), ("postgres", "kafka")])
def test_a_server_that_died_is_seen_and_started_again(stack, dead, other):
    told = _told(stack, "up")
    os.kill(told[dead]["pid"], signal.SIGKILL)
    seen = _told(stack, "status", exits=(1,))
    assert seen == {dead: _NOTHING[dead], other: told[other]}
    again = _told(stack, "up")
    assert again[other] == told[other]
    assert again[dead]["pid"] != told[dead]["pid"]
    assert {**again[dead], "pid": 0} == {**told[dead], "pid": 0}


def test_the_text_ends_with_what_a_shell_needs(stack):
    told = _told(stack, "up")
    command = [PROGRAM, "stack", "up", "--home", stack.home]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert lines[-2:] == [
        f"export GRMS_KAFKA_BOOTSTRAP={told['kafka']['bootstrap']}",
        f"export GRMS_DATABASE_URL={told['postgres']['url']}",
    ]


def test_secrets_are_nobodys_elses(stack):
    _told(stack, "up")
    folder = stack.home / "stack"
    assert folder.stat().st_mode & 0o077 == 0
    secrets = [*folder.glob("*/*.secret")]
    assert len(secrets) == 2
    running = " ".join(processes.of(folder).values())
    logs = " ".join(log.read_text() for log in folder.glob("*/*.log"))
    for secret in secrets:
        assert secret.stat().st_mode & 0o777 == 0o400
        assert secret.read_text() not in running
        assert secret.read_text() not in logs


def test_a_home_without_servers(new_home_without_servers):
    assert _told(new_home_without_servers, "status", exits=(1,)) == _NOTHING
    assert _told(new_home_without_servers, "down") == _NOTHING
    assert not new_home_without_servers.home.exists()


@pytest.fixture
def new_home_without_servers(tmp_path):
    return Grms(tmp_path / "home")


def test_down_leaves_a_process_alone_that_only_has_the_number(tmp_path):
    """As after a restart of the machine, when another process got the recorded number."""
    grms = Grms(tmp_path / "home")
    with subprocess.Popen(["sleep", "600"]) as foreign:
        for server in ("kafka", "postgres"):
            folder = grms.home / "stack" / server
            folder.mkdir(parents=True)
            record = {"pid": foreign.pid, **keeper.identity(foreign.pid)}
            (folder / "process.json").write_text(json.dumps(record))
        assert _told(grms, "status", exits=(1,)) == _NOTHING
        assert _told(grms, "down") == _NOTHING
        assert foreign.poll() is None
        foreign.kill()


def test_a_home_that_cannot_be_made_is_unreachable(tmp_path):
    (tmp_path / "file").write_text("")
    answer = Grms(tmp_path / "file" / "home").call("stack", "up")
    assert answer.exit == 4
    assert "--home" in answer.stderr


@pytest.mark.chaos
def test_a_killed_up_leaves_nothing_behind(tmp_path):
    """Killed at a random moment: no server is left, unless up was done but for its last words; the next up works."""
    rng = Random()
    rounds = int(os.environ.get("CHAOS_ROUNDS", "3"))
    measured = Grms(tmp_path / "measured")
    began = time.monotonic()
    measured.json("stack", "up")
    longest_s = time.monotonic() - began
    measured.json("stack", "down")
    grms = measured
    for number in range(rounds):
        if number % 3 == 0:
            grms = Grms(tmp_path / f"home-{number}")
        delay_s = rng.uniform(0, longest_s)
        process = grms.start("stack", "up")
        time.sleep(delay_s)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        done = grms.call("stack", "status")
        left = {} if done.exit == 0 else processes.gone(grms.home)
        assert not left, (number, delay_s, left)
        if number % 3 == 2 or number == rounds - 1:
            told = grms.json("stack", "up")
            assert done.exit == 1 or told == done.document()
            grms.json("stack", "down")
            assert not processes.gone(grms.home)


@pytest.mark.chaos
def test_servers_of_a_killed_test_run_end(tmp_path):
    program = f"""
import sys, time
from pathlib import Path
from tests.integration.cluster import Cluster
cluster = Cluster.fresh(Path({str(tmp_path / "home")!r}))
print("ready", flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as run:
        assert run.stdout.readline() == b"ready\n"
        assert len(processes.of(tmp_path / "home")) > 3
        run.kill()
    assert not processes.gone(tmp_path / "home")
