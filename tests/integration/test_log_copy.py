"""``grms log copy``: to Kafka and back, killed and resumed; views, times and ids are the same everywhere."""

from __future__ import annotations

import random
import shutil
import time
from contextlib import closing

import pytest
from kafka import KafkaAdminClient

from bus.log import EmbeddedLog
from bus.log.kafka import KafkaAccess, KafkaLog
from bus.topics import NOTIFICATIONS, declared
from tests.acceptance.cli import OBSERVED_AT, Grms
from tests.oracle import feeds

AT = ("--observed-at", OBSERVED_AT)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A home that has read a small feed in two goes, and what it said in between."""
    root = tmp_path_factory.mktemp("told")
    rng = random.Random(7)
    first = feeds.subset(feeds.bundle(), rng, packages=40)
    later = feeds.dated(feeds.changed(first, rng), "2025-10-09")
    home = Grms(root / "home")
    home.ingest(feeds.write(first, root / "first"), *AT)
    home.run()
    between = home.report()
    time.sleep(0.01)
    home.ingest(feeds.write(later, root / "later"))
    home.run()
    return home, between


@pytest.fixture
def embedded(told, tmp_path):
    """A copy of that home, to be spoilt."""
    shutil.copytree(told[0].home, tmp_path / "home")
    return Grms(tmp_path / "home")


@pytest.fixture
def on_kafka(cluster):
    """The same or another home on a cluster without topics."""
    with closing(KafkaAdminClient(bootstrap_servers=cluster.bootstrap)) as admin:
        there = admin.list_topics()
        if there:
            admin.delete_topics(there)
        while admin.list_topics():
            time.sleep(0.05)
    return lambda home: Grms(home, {"GRMS_KAFKA_BOOTSTRAP": cluster.bootstrap})


def records(log):
    """Everything in a log but for the header that keeps recorded times."""
    found = {}
    for topic in sorted({topic.name for topic in declared()} & log.topics()):
        for partition in range(log.partitions(topic)):
            some, following = log.read(topic, partition, 0, 1 << 30)
            assert following == log.end_offsets(topic)[partition]
            found[topic, partition] = [
                (one[:4], [header for header in one.headers if header[0] != "ce_recorded"]) for one in some
            ]
    return {place: some for place, some in found.items() if some}


def in_kafka(cluster):
    with closing(KafkaLog(KafkaAccess.of(cluster.bootstrap))) as log:
        return records(log)


def in_home(grms):
    with closing(EmbeddedLog(grms.home / "log.sqlite")) as log:
        return records(log)


def facts(by_topic):
    """Without notifications: whoever derives views anew tells them anew."""
    return {
        name: what
        for name, what in by_topic.items()
        if (name if isinstance(name, str) else name[0]) not in NOTIFICATIONS
    }


def same(grms, told):
    """Views, and the report as it was known in between."""
    home, between = told
    assert grms.hash() == home.hash()
    assert grms.report("--as-known-at", between["as_known_at"]) == between


def test_there_and_back_everything_is_the_same(cluster, told, embedded, on_kafka, tmp_path):
    kafka = on_kafka(embedded.home)
    document = kafka.json("log", "copy", "--to", "kafka")
    held = in_home(embedded)
    assert in_kafka(cluster) == held
    assert (
        document["copied"] == sum(map(len, held.values())) == sum(one["copied"] for one in document["topics"].values())
    )
    assert (document["to"], document["already"], document["same_offsets"]) == ("kafka", 0, True)
    assert kafka.json("topics", "check")["ok"]

    fresh = on_fresh(kafka, tmp_path / "fresh")
    fresh.run()
    same(fresh, told)
    assert fresh.json("view", "rebuild")["equal"]

    back = Grms(tmp_path / "back", {**kafka.settings, "GRMS_DATABASE_URL": cluster.fresh_database()})
    returned = back.json("log", "copy", "--to", "embedded")
    assert facts(returned["topics"]) == facts(document["topics"])
    assert facts(in_home(back)) == facts(held)
    alone = Grms(back.home, {"GRMS_DATABASE_URL": back.settings["GRMS_DATABASE_URL"]})
    for grms in (alone, back):
        grms.run()
        same(grms, told)


def on_fresh(grms, home):
    return Grms(home, grms.settings)


def test_a_store_goes_over_until_one_of_the_logs_grows(told, embedded, on_kafka, tmp_path):
    kafka = on_kafka(embedded.home)
    answer = kafka.call("view", "hash")
    assert answer.exit == 3
    assert "grms log copy" in answer.stderr
    kafka.json("log", "copy", "--to", "kafka")
    same(kafka, told)
    same(embedded, told)
    assert kafka.run()["events"] == 0

    later = feeds.write(feeds.subset(feeds.bundle(), random.Random(8), packages=5), tmp_path / "later")
    assert kafka.ingest(later, "--observed-at", "2025-11-01T00:00:00+07:00")["events"] > 0
    assert kafka.run()["events"] > 0
    assert embedded.call("view", "hash").exit == 3, "the home's own log lacks what was read"
    assert kafka.call("log", "copy", "--to", "kafka").exit == 3, "and is older"
    document = kafka.json("log", "copy", "--to", "embedded")
    assert document["already"] > 0 < document["copied"]
    assert embedded.hash() == kafka.hash()


def test_a_killed_copy_goes_on_without_doubling(cluster, embedded, on_kafka):
    kafka = on_kafka(embedded.home)
    rng = random.Random(9)
    for _ in range(6):
        kafka.killed_once("log", "copy", "--to", "kafka", rng=rng, longest_s=2.5)
    document = kafka.json("log", "copy", "--to", "kafka")
    held = in_home(embedded)
    assert in_kafka(cluster) == held
    assert document["already"] + document["copied"] == sum(map(len, held.values()))


def test_a_log_of_something_else_is_refused(told, embedded, on_kafka, tmp_path):
    other = on_kafka(tmp_path / "other")
    other.ingest(feeds.BUNDLE / "rup-program-master.json.gz")
    answer = on_fresh(other, embedded.home).call("log", "copy", "--to", "kafka")
    assert answer.exit == 3
    assert "not the first ones" in answer.stderr
    same(embedded, told)


def test_other_partitions_are_refused(embedded, on_kafka):
    kafka = on_kafka(embedded.home)
    Grms(kafka.home, {**kafka.settings, "GRMS_PARTITIONS": "3"}).json("topics", "apply")
    answer = kafka.call("log", "copy", "--to", "kafka")
    assert answer.exit == 3
    assert "4 partitions in the log that is copied and 3 in the other" in answer.stderr


def test_there_must_be_something_to_copy_from_and_to(on_kafka, embedded, tmp_path):
    assert embedded.call("log", "copy", "--to", "kafka").exit == 2
    assert on_kafka(tmp_path / "empty").call("log", "copy", "--to", "kafka").exit == 2
