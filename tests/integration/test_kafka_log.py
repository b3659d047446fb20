"""The log on a real broker: the contract of every log, and what only a real broker does."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ResourcePattern,
    ResourceType,
    UserScramCredentialUpsertion,
)

from bus.errors import LogRefused, LogTruncated, Unreachable
from bus.log.kafka import KafkaAccess, KafkaLog
from bus.ports import MAX_RECORD_BYTES, Record
from tests.contract.log_contract import LogContract, contents, records
from tests.integration.kafka_topics import Transactional, new_topics


@pytest.fixture(scope="module")
def shared(cluster):
    with closing(KafkaLog(KafkaAccess.of(cluster.bootstrap))) as log:
        yield log


@pytest.fixture
def log(shared):
    return shared


@pytest.fixture
def topic(cluster):
    return new_topics(cluster.bootstrap, 1)[0]


def read_all(log, topic):
    """Values of partition 0 and the offset behind them, read on until the end."""
    values, offset = [], 0
    while True:
        found, following = log.read(topic, 0, offset, 3)
        values += [one.value for one in found]
        if following == offset:
            return values, offset
        offset = following


class TestKafkaLog(LogContract):
    @pytest.fixture
    def log(self, shared):
        return shared

    @pytest.fixture
    def _topics(self, cluster):
        return new_topics(cluster.bootstrap, 2, partitions=2)

    @pytest.fixture
    def topic(self, _topics):
        return _topics[0]

    @pytest.fixture
    def other(self, _topics):
        return _topics[1]

    @pytest.fixture
    def tick(self):
        return lambda: time.sleep(0.003)


def test_aborted_records_and_markers_are_holes(cluster, log, topic):
    with closing(Transactional(cluster.bootstrap)) as producer:
        log.append(topic, 0, [Record.of(b"k", b"before")])
        producer.open(topic, [b"wrong", b"wrong"])
        assert log.end_offsets(topic) == {0: 1}, "nothing that is not decided is behind the end"
        assert log.read(topic, 0, 1, 10) == ([], 1)
        producer.abort()
        until(lambda: log.end_offsets(topic) == {0: 4})
        assert log.read(topic, 0, 1, 10) == ([], 4), "only holes: read on"
        producer.open(topic, [b"right"])
        producer.commit()
        until(lambda: log.end_offsets(topic) == {0: 6})
    assert read_all(log, topic) == ([b"before", b"right"], 6)
    found, following = log.read(topic, 0, 0, 1)
    assert (len(found), following) == (1, 1), "a limit inside a fetch does not pass what was not returned"


def test_transactions_side_by_side_are_told_apart(cluster, log, topic):
    with closing(Transactional(cluster.bootstrap)) as one, closing(Transactional(cluster.bootstrap)) as two:
        one.open(topic, [b"1a"])
        two.open(topic, [b"2a"])
        log.append(topic, 0, [Record.of(b"k", b"plain")])
        one.abort()
        two.commit()
        until(lambda: log.end_offsets(topic) == {0: 5})
        one.open(topic, [b"1b"])
        one.commit()
        until(lambda: log.end_offsets(topic) == {0: 7})
    assert read_all(log, topic)[0] == [b"2a", b"plain", b"1b"]


def test_a_read_below_the_logs_start_is_an_alarm(cluster, log, topic):
    log.append(topic, 0, records(10))
    with closing(KafkaAdminClient(bootstrap_servers=cluster.bootstrap)) as admin:
        admin.delete_records({TopicPartition(topic, 0): 4})
    assert log.start_offsets(topic) == {0: 4}
    with pytest.raises(LogTruncated, match=rf"{topic}/0: offset 1 .* begins at 4.*3 offsets are gone.*[Rr]estore"):
        log.read(topic, 0, 1, 10)
    assert contents(log.read(topic, 0, 4, 10).records) == records(6, first=4)


def test_an_unknown_topic_is_refused_and_not_made(log):
    for ask in (log.partitions, log.end_offsets, lambda name: log.append(name, 0, records(1))):
        with pytest.raises(LogRefused, match=r"no\.such\.topic is not there.*grms topics apply"):
            ask("no.such.topic")
    assert "no.such.topic" not in log.topics()


def test_a_record_beyond_what_the_topic_takes_is_refused_and_the_next_one_goes(log, topic):
    with pytest.raises(LogRefused, match=rf"{topic}/0.*larger than the topic takes"):
        log.append(topic, 0, [Record.of(b"k", bytes(5 * MAX_RECORD_BYTES))])
    largest = Record.of(b"k", os.urandom(MAX_RECORD_BYTES - 1))
    assert log.append(topic, 0, [largest, *records(3), largest]) == 0
    assert contents(log.read(topic, 0, 0, 10).records) == [largest, *records(3), largest]


def test_a_foreign_record_without_values_is_read(cluster, log, topic):
    with closing(KafkaProducer(bootstrap_servers=cluster.bootstrap)) as producer:
        producer.send(topic, None, b"k", headers=[("ce_id", b"")], partition=0).get(10)
    (one,) = log.read(topic, 0, 0, 1).records
    assert (one.key, one.value, one.headers) == (b"k", None, (("ce_id", b""),))


def test_many_threads_append_and_read_through_one_log(log, topic):
    with ThreadPoolExecutor(4) as pool:
        bases = sorted(pool.map(lambda writer: log.append(topic, 0, records(30, first=writer * 100)), range(8)))
        seen = list(pool.map(lambda _: contents(log.read(topic, 0, 0, 1000).records), range(8)))
    assert bases == list(range(0, 240, 30))
    assert all(found == seen[0] and len(found) == 240 for found in seen)


def test_sequential_small_reads_fetch_once(log, topic, monkeypatch):
    log.append(topic, 0, records(500))
    asked = []
    ask = log._wire.ask
    monkeypatch.setattr(log._wire, "ask", lambda *about: asked.append(about) or ask(*about))
    found = [log.read(topic, 0, at, 5).records for at in range(0, 500, 5)]
    assert [one.offset for some in found for one in some] == list(range(500))
    assert len(asked) == 1


def test_a_fork_does_not_use_its_parents_connections(log, topic):
    if os.fork() == 0:
        try:
            log.end_offsets(topic)
        except RuntimeError:
            os._exit(7)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.wait()[1]) == 7


def test_nobody_there_is_told_within_the_wait(cluster):
    began = time.monotonic()
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1: .*refused|Connect call failed.*GRMS_KAFKA_BOOTSTRAP"):
        KafkaLog(KafkaAccess.of("127.0.0.1:1"), wait_s=0.5)
    assert time.monotonic() - began < 5


def sasl(cluster, password=None):
    kafka = cluster.kafka
    password = password or (kafka.folder / "admin.secret").read_text()
    bootstrap = f"127.0.0.1:{kafka.ports['kafka_sasl']}"
    return KafkaAccess.of(bootstrap, username="admin", password=password, protocol="SASL_PLAINTEXT")


def test_a_wrong_password_is_told_at_once_and_never_shown(cluster):
    access = sasl(cluster, "not-the-password")
    with pytest.raises(LogRefused, match="does not know user admin") as told:
        KafkaLog(access, wait_s=30)
    assert "not-the-password" not in f"{told.value} {access!r}"


def test_a_user_who_may_not_write_is_refused(cluster, topic):
    with closing(KafkaAdminClient(**sasl(cluster).client_settings())) as admin:
        admin.alter_user_scram_credentials([UserScramCredentialUpsertion("unit", "SCRAM-SHA-512", "its-own")])
        access = replace(sasl(cluster), username="unit", password="its-own")  # noqa: S106 - a test's
        with closing(KafkaLog(access)) as log:
            with pytest.raises(LogRefused, match=f"{topic} is not there for user unit.*right"):
                log.read(topic, 0, 0, 1)
            allow(admin, topic, ACLOperation.READ)
            until(lambda: topic in log.topics())
            assert log.read(topic, 0, 0, 1) == ([], 0)
            with pytest.raises(LogRefused, match=f"{topic}/0: this user may not .*right"):
                log.append(topic, 0, records(1))
            allow(admin, topic, ACLOperation.WRITE)
            until(lambda: appended(log, topic))
            assert contents(log.read(topic, 0, 0, 10).records) == records(1)


def allow(admin, topic, operation):
    resource = ResourcePattern(ResourceType.TOPIC, topic)
    admin.create_acls([ACL("User:unit", "*", operation, ACLPermissionType.ALLOW, resource)])


def appended(log, topic):
    try:
        log.append(topic, 0, records(1))
    except LogRefused:
        return False
    return True


def until(true):
    for _ in range(100):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError
