"""The servers that other tests rely on: they stop, die, come back, and keep what they were told."""

from __future__ import annotations

import psycopg
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition

from tests.integration.cluster import plain


def _write(url: str, number: int) -> None:
    with psycopg.connect(plain(url)) as connection:
        connection.execute("create table if not exists told (number int)")
        connection.execute("insert into told values (%s)", (number,))


def _read(url: str) -> list[int]:
    with psycopg.connect(plain(url)) as connection:
        return [number for (number,) in connection.execute("select number from told order by number")]


def test_a_fresh_database_is_empty_and_apart(cluster):
    one, other = cluster.fresh_database(), cluster.fresh_database()
    _write(one, 1)
    with psycopg.connect(plain(other)) as connection:
        assert connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone() == (0,)
        assert connection.execute("show server_encoding").fetchone() == ("UTF8",)
        assert connection.execute("show fsync").fetchone() == ("on",)
        assert connection.execute("select rolsuper from pg_roles where rolname = current_user").fetchone() == (False,)


def test_nobody_logs_in_without_the_password(cluster):
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(plain(cluster.database_url), password="wrong")  # noqa: S106 - that is the point
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(plain(cluster.database_url), user="postgres")


def test_what_was_committed_outlives_an_immediate_stop(cluster):
    url = cluster.fresh_database()
    _write(url, 1)
    cluster.stop_postgres()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(plain(url))
    cluster.start_postgres()
    _write(url, 2)
    assert _read(url) == [1, 2]


def test_what_was_acknowledged_outlives_a_killed_broker(cluster):
    with KafkaAdminClient(bootstrap_servers=cluster.bootstrap) as admin:
        admin.create_topics({"told": {"num_partitions": 1, "replication_factor": 1}})
    for value in (b"1", b"2"):
        with KafkaProducer(bootstrap_servers=cluster.bootstrap, acks="all") as producer:
            producer.send("told", value).get(30)
        cluster.kill_kafka()
        cluster.start_kafka()
    with KafkaConsumer(bootstrap_servers=cluster.bootstrap, consumer_timeout_ms=10_000) as consumer:
        consumer.assign([TopicPartition("told", 0)])
        consumer.seek_to_beginning()
        assert [next(consumer).value for _ in range(2)] == [b"1", b"2"]
