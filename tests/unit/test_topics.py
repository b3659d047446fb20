"""Topics as declared data: what a cluster lacks is made, what differs is altered, what would do harm is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bus.ports import MAX_RECORD_BYTES
from bus.topics import NOTIFICATIONS, Actual, Kind, Layout, Topic, declared, differences, ingress, settings
from schemas.catalogue import topics

LAYOUT = Layout(4)
TOPIC = Topic("grms.pengadaan.v1", -1)


def as_declared(topic, copies=3):
    return Actual(4, copies, settings(topic, copies))


def found(actual, layout=LAYOUT, brokers=3):
    there = {} if actual is None else {TOPIC.name: actual}
    return list(differences([TOPIC], there, layout, brokers))


def test_facts_are_kept_for_ever_and_notifications_for_90_days():
    kept = {topic.name: topic.retention_ms for topic in declared()}
    assert set(kept) == {*topics(), *NOTIFICATIONS}
    assert {kept[name] for name in topics() if name not in NOTIFICATIONS} == {-1}
    assert {kept[name] for name in NOTIFICATIONS} == {90 * 86_400_000}
    assert ingress("1.02").name == "in.1.02"


def test_every_topic_keeps_the_recorded_time_and_takes_the_largest_event():
    for topic in declared():
        told = settings(topic, 3)
        assert told["message.timestamp.type"] == "LogAppendTime"
        assert told["cleanup.policy"] == "delete"
        assert int(told["max.message.bytes"]) > MAX_RECORD_BYTES
        assert told["min.insync.replicas"] == "2"
        assert settings(topic, 1)["min.insync.replicas"] == "1"


def test_a_cluster_as_declared_needs_nothing():
    assert found(as_declared(TOPIC)) == []


def test_a_missing_topic_is_made():
    (change,) = found(None)
    assert (change.kind, change.topic, change.wanted) == (Kind.CREATE, TOPIC.name, "4 partitions x 3")


@pytest.mark.parametrize("name", settings(TOPIC, 3))
def test_every_setting_that_differs_is_altered(name):
    actual = as_declared(TOPIC)
    for other in ({**actual.settings, name: "other"}, {k: v for k, v in actual.settings.items() if k != name}):
        (change,) = found(replace(actual, settings=other))
        assert (change.kind, change.setting) == (Kind.ALTER, name)
        assert change.found == other.get(name)
        assert change.wanted == actual.settings[name]


def test_partitions_of_a_topic_are_never_changed():
    for partitions in (3, 5):
        (change,) = found(replace(as_declared(TOPIC), partitions=partitions))
        assert (change.kind, change.setting) == (Kind.REFUSED, "partitions")
        assert f"GRMS_PARTITIONS to {partitions}" in change.message


def test_copies_are_compared_only_where_they_are_told():
    assert found(as_declared(TOPIC, copies=1)) == []
    (change,) = found(as_declared(TOPIC, copies=1), replace(LAYOUT, replication=3))
    assert (change.kind, change.setting) == (Kind.REFUSED, "replication")
