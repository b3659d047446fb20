"""``grms topics`` and the first command on a cluster that is empty, or not."""

from __future__ import annotations

import os
import time
from contextlib import closing

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from bus.topics import declared
from tests.acceptance.cli import Grms
from tests.oracle import feeds

NAMES = sorted(topic.name for topic in declared())


@pytest.fixture
def admin(cluster):
    """An administrator of a cluster without topics."""
    with closing(KafkaAdminClient(bootstrap_servers=cluster.bootstrap)) as admin:
        there = admin.list_topics()
        if there:
            admin.delete_topics(there)
        while admin.list_topics():
            time.sleep(0.05)
        yield admin


@pytest.fixture
def grms(cluster, tmp_path):
    return Grms(tmp_path / "home", {"GRMS_KAFKA_BOOTSTRAP": cluster.bootstrap})


def with_settings(grms, **settings):
    return Grms(grms.home, {**grms.settings, **settings})


def altered(admin, name, changed):
    """Alter a topic, and wait until the broker says so: it acknowledges before it does."""
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, changed)])
    asked = [ConfigResource(ConfigResourceType.TOPIC, name)]
    while True:
        told = admin.describe_configs(asked, config_filter="all")["topic"][name]
        if {key: str(told[key]["value"]) for key in changed} == changed:
            return
        time.sleep(0.05)


def test_the_first_command_makes_every_topic_as_declared(admin, grms):
    assert grms.json("topics", "check", exits=(1,))["ok"] is False
    grms.ingest(feeds.BUNDLE / "rup-program-master.json.gz")
    assert sorted(admin.list_topics()) == NAMES
    assert grms.json("topics", "check") == {"ok": True, "problems": []}
    assert grms.json("topics", "plan") == {"changes": []}
    assert grms.json("topics", "apply") == {"created": [], "altered": []}


def test_a_plan_changes_nothing_and_apply_does_what_it_says(admin, grms):
    planned = grms.json("topics", "plan", exits=(1,))["changes"]
    assert [(change["kind"], change["topic"]) for change in planned] == [("create", topic.name) for topic in declared()]
    assert admin.list_topics() == []
    assert grms.json("topics", "apply") == {"created": NAMES, "altered": []}
    assert sorted(admin.list_topics()) == NAMES


def test_what_somebody_changed_is_set_right(admin, grms):
    grms.json("topics", "apply")
    name = "grms.pengadaan.v1"
    changed = {"retention.ms": "1000", "message.timestamp.type": "CreateTime"}
    altered(admin, name, changed)
    changes = grms.json("topics", "plan", exits=(1,))["changes"]
    assert {(change["kind"], change["topic"], change["setting"], change["found"]) for change in changes} == {
        ("alter", name, *item) for item in changed.items()
    }
    problems = grms.json("topics", "check", exits=(1,))["problems"]
    assert [problem["remedy"] for problem in problems] == ["grms topics apply"] * 2
    assert grms.json("topics", "apply") == {"created": [], "altered": [name]}
    grms.json("topics", "check")


def test_a_cluster_with_some_topics_is_left_to_somebody_who_looks(admin, grms):
    grms.json("topics", "apply")
    admin.delete_topics(["grms.bus.v1"])
    while "grms.bus.v1" in admin.list_topics():
        time.sleep(0.05)
    answer = grms.call("run", "--until-caught-up")
    assert answer.exit == 4
    assert f"lacks 1 of {len(NAMES)} topics: grms.bus.v1" in answer.stderr
    assert "grms topics apply" in answer.stderr
    assert grms.json("topics", "apply") == {"created": ["grms.bus.v1"], "altered": []}
    grms.run()


def test_other_partitions_are_refused_and_then_nothing_is_changed(admin, grms):
    grms.json("topics", "apply")
    altered(admin, "grms.bus.v1", {"retention.ms": "1000"})
    other = with_settings(grms, GRMS_PARTITIONS="3")
    answer = other.call("topics", "apply")
    assert answer.exit == 3
    assert "has 4 partitions, 3 are declared" in answer.stderr
    assert {change["kind"] for change in other.json("topics", "plan", exits=(1,))["changes"]} == {"refused", "alter"}
    assert len(grms.json("topics", "plan", exits=(1,))["changes"]) == 1


def test_without_a_cluster_there_is_nothing_to_plan(tmp_path):
    answer = Grms(tmp_path / "home").call("topics", "plan")
    assert answer.exit == 2
    assert "GRMS_KAFKA_BOOTSTRAP" in answer.stderr


def test_a_cluster_that_is_not_there_ends_after_the_wait(tmp_path):
    grms = Grms(tmp_path / "home", {"GRMS_KAFKA_BOOTSTRAP": "127.0.0.1:1"})
    for command in (("topics", "check"), ("run", "--until-caught-up")):
        answer = grms.call(*command, "--wait", "0.3")
        assert answer.exit == 4
        assert "127.0.0.1:1" in answer.stderr


def test_a_password_that_others_may_read_is_refused_and_never_shown(cluster, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("not-the-password\n")
    address = f"127.0.0.1:{cluster.kafka.ports['kafka_sasl']}"
    settings = {
        "GRMS_KAFKA_BOOTSTRAP": address,
        "GRMS_KAFKA_USERNAME": "admin",
        "GRMS_KAFKA_PASSWORD_FILE": str(secret),
        "GRMS_KAFKA_PROTOCOL": "SASL_PLAINTEXT",
    }
    grms = Grms(tmp_path / "home", settings)
    os.chmod(secret, 0o644)  # noqa: PTH101
    answer = grms.call("topics", "check")
    assert answer.exit == 2
    assert f"chmod 400 {secret}" in answer.stderr
    secret.chmod(0o400)
    answer = grms.call("topics", "check")
    assert answer.exit == 4
    assert "does not know user admin" in answer.stderr
    assert "not-the-password" not in answer.stderr
    secret.chmod(0o600)
    secret.write_text((cluster.kafka.folder / "admin.secret").read_text() + "\n")
    assert grms.call("topics", "check").exit in (0, 1)
