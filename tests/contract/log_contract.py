"""What every log promises: one suite, subclassed by the test of each implementation."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from bus.errors import LogTruncated
from bus.ports import Log, Record, StoredRecord

TOPIC = "grms.pengadaan.v1"


def records(count: int, first: int = 0) -> list[Record]:
    """Records of several layouts: with and without key, value, and headers."""
    made = []
    for number in range(first, first + count):
        headers = [("ce_id", b"id-%d" % number), ("ce_type", b"grms.pengadaan.PurchaseAnnounced")]
        if number % 3 == 0:
            headers.append(("ce_unit", b"1.02\0%d" % number))
        if number % 7 == 0:
            headers = []
        key = None if number % 5 == 4 else b"NT:%d" % number
        value = None if number % 11 == 10 else bytes(range(number % 256))
        made.append(Record.of(key, value, tuple(headers)))
    return made


def contents(stored: list[StoredRecord]) -> list[Record]:
    return [Record.of(one.key, one.value, one.headers) for one in stored]


class LogContract:
    """Subclasses give the fixtures ``log`` (two partitions a topic) and ``tick`` (lets its clock go on)."""

    @pytest.fixture
    def topic(self) -> str:
        return TOPIC

    @pytest.fixture
    def other(self) -> str:
        return "grms.bus.v1"

    @pytest.fixture
    def log(self, clock) -> Log:
        raise NotImplementedError

    @pytest.fixture
    def tick(self) -> Callable[[], None]:
        raise NotImplementedError

    def test_a_new_topic_is_empty(self, log, topic):
        assert log.partitions(topic) == 2
        assert log.end_offsets(topic) == {0: 0, 1: 0}
        assert log.start_offsets(topic) == {0: 0, 1: 0}
        assert log.read(topic, 0, 0, 10) == ([], 0)

    def test_a_topic_has_one_history(self, log, topic, other):
        log.partitions(topic)
        log.partitions(other)
        assert {topic, other} <= log.topics()
        history = log.history(topic)
        log.append(topic, 0, records(1))
        assert history
        assert log.history(topic) == history

    def test_what_was_appended_is_read_back_byte_for_byte(self, log, topic):
        given = records(100)
        assert log.append(topic, 1, given) == 0
        assert contents(log.read(topic, 1, 0, 1000).records) == given

    def test_offsets_are_dense_over_appends(self, log, topic):
        sizes = [3, 1, 50, 2]
        bases = [log.append(topic, 0, records(size)) for size in sizes]
        assert bases == [0, 3, 4, 54]
        assert [one.offset for one in log.read(topic, 0, 0, 1000).records] == list(range(56))
        assert log.end_offsets(topic) == {0: 56, 1: 0}

    def test_any_window_is_the_same_slice(self, log, topic):
        whole: list[Record] = []
        rng = random.Random(1)
        while len(whole) < 120:
            some = records(rng.randint(1, 30), first=len(whole))
            log.append(topic, 0, some)
            whole += some
        for _ in range(60):
            offset, limit = rng.randint(0, 120), rng.randint(1, 130)
            read, next_offset = log.read(topic, 0, offset, limit)
            assert next_offset == offset + len(read)
            assert contents(read) == whole[offset : offset + limit]
            assert [one.offset for one in read] == list(range(offset, offset + len(read)))

    def test_the_end_is_told_by_a_batch_that_leads_nowhere(self, log, topic):
        log.append(topic, 0, records(3))
        assert log.read(topic, 0, 3, 10) == ([], 3)

    def test_an_offset_that_no_log_of_this_history_has_is_refused(self, log, topic):
        log.append(topic, 0, records(3))
        with pytest.raises(LogTruncated, match=rf"{topic}/0: offset 9 .* ends at 3"):
            log.read(topic, 0, 9, 10)

    def test_what_was_read_once_is_read_always(self, log, topic):
        log.append(topic, 0, records(10))
        first = log.read(topic, 0, 0, 100).records
        log.append(topic, 0, records(10, first=10))
        assert log.read(topic, 0, 0, 10).records == first
        assert log.read(topic, 0, 0, 100).records[:10] == first

    def test_topics_and_partitions_are_apart(self, log, topic, other):
        log.append(topic, 0, records(2))
        log.append(topic, 1, records(3))
        log.append(other, 0, records(4))
        assert log.end_offsets(topic) == {0: 2, 1: 3}
        assert log.end_offsets(other) == {0: 4, 1: 0}

    def test_a_partition_that_is_not_there_is_refused(self, log, topic):
        for partition in (-1, 2):
            with pytest.raises(ValueError, match="partitions 0 to 1"):
                log.append(topic, partition, records(1))

    def test_appending_nothing_changes_nothing(self, log, topic):
        log.append(topic, 0, records(2))
        assert log.append(topic, 0, []) == 2
        assert log.end_offsets(topic)[0] == 2

    def test_recorded_times_never_fall(self, log, topic, tick):
        for _ in range(5):
            log.append(topic, 0, records(2))
            tick()
        times = [one.recorded_ms for one in log.read(topic, 0, 0, 100).records]
        assert times == sorted(times)
        assert len(set(times)) == 5, "one append, one time"

    def test_a_time_leads_to_the_first_record_from_then_on(self, log, topic, tick):
        for _ in range(3):
            log.append(topic, 0, records(2))
            tick()
        stored = log.read(topic, 0, 0, 100).records
        times = sorted({one.recorded_ms for one in stored})
        for asked in (0, *(time + step for time in times for step in (-1, 0, 1)), times[-1] + 100_000):
            expected = next((one.offset for one in stored if one.recorded_ms >= asked), 6)
            assert log.offset_for_time(topic, 0, asked) == expected
        assert log.offset_for_time(topic, 1, 0) == 0

    def test_a_copied_record_keeps_its_first_recorded_time(self, log, topic):
        copied = Record.of(b"k", b"v", (("ce_id", b"1"), ("ce_recorded", b"1234")))
        log.append(topic, 0, [copied, Record.of(b"k", b"v", (("ce_id", b"2"),))])
        first, second = log.read(topic, 0, 0, 10).records
        assert first.recorded_ms == 1234
        assert second.recorded_ms != 1234

    def test_a_time_leads_to_the_first_copied_record_from_then_on(self, log, topic):
        first = [1_000, 1_000, 2_000, 2_500, 2_500, 2_500, 9_000]
        for moment in first:
            log.append(topic, 0, [Record.of(b"k", b"v", (("ce_recorded", b"%d" % moment),))])
        log.append(topic, 0, [Record.of(b"k", b"v")])
        (last,) = log.read(topic, 0, 7, 1).records
        for asked in (0, 999, 1_000, 1_001, 2_000, 2_001, 2_500, 2_501, 9_000, 9_001, last.recorded_ms):
            expected = next((place for place, moment in enumerate(first) if moment >= asked), 7)
            assert log.offset_for_time(topic, 0, asked) == expected
        assert log.offset_for_time(topic, 0, last.recorded_ms + 1) == 8

    def test_a_recorded_time_that_is_no_number_does_not_count(self, log, topic):
        log.append(topic, 0, [Record.of(b"k", b"v", (("ce_recorded", b"long ago"),))])
        (one,) = log.read(topic, 0, 0, 1).records
        assert one.recorded_ms >= 1_000_000
