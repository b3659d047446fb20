"""Copying keeps everything, goes on where it was cut off, and touches no log that holds something else."""

from __future__ import annotations

from contextlib import closing

import pytest

from bus.errors import LogMismatch
from bus.log import EmbeddedLog
from bus.log.copy import copy_partition
from bus.ports import Record
from bus.store import Store
from bus.store.binding import Copy, bind, forget_copies, note_copy
from bus.store.generations import Position, advance, make
from tests.contract.holey import HoleyLog
from tests.contract.log_contract import TOPIC, records


@pytest.fixture
def logs(tmp_path):
    """A log of 5,000 records, and an empty one."""
    with (
        closing(EmbeddedLog(tmp_path / "one.sqlite", partitions=1)) as one,
        closing(EmbeddedLog(tmp_path / "other.sqlite", partitions=1)) as other,
    ):
        for first in range(0, 5_000, 500):
            one.append(TOPIC, 0, records(500, first))
        yield one, other


def everything(log):
    """Records with their recorded times and without the header that keeps these."""
    found, offset = [], 0
    while True:
        some, following = log.read(TOPIC, 0, offset, 10_000)
        found += some
        if following == offset:
            break
        offset = following
    return [
        (one.recorded_ms, one.key, one.value, [header for header in one.headers if header[0] != "ce_recorded"])
        for one in found
    ]


def test_a_copy_equals_the_log_and_its_copy_too(logs, tmp_path):
    one, other = logs
    part = copy_partition(one, other, TOPIC, 0)
    assert (part.already, part.copied, part.end, part.read_until, part.same_offsets) == (0, 5000, 5000, 5000, True)
    assert everything(other) == everything(one)
    with closing(EmbeddedLog(tmp_path / "third.sqlite", partitions=1)) as third:
        copy_partition(other, third, TOPIC, 0)
        assert [one.headers for one in third.read(TOPIC, 0, 0, 9).records] == [
            one.headers for one in other.read(TOPIC, 0, 0, 9).records
        ]
        assert everything(third) == everything(one)


class Cut(EmbeddedLog):
    """Fails at its third append."""

    appends = 0

    def append(self, topic, partition, some):
        self.appends += 1
        if self.appends == 3:
            raise KeyboardInterrupt
        return super().append(topic, partition, some)


@pytest.mark.parametrize("spread", [False, True])
def test_a_cut_copying_goes_on_where_it_was(logs, tmp_path, spread):
    one = HoleyLog(logs[0]) if spread else logs[0]
    with closing(Cut(tmp_path / "other.sqlite", partitions=1)) as other:
        with pytest.raises(KeyboardInterrupt):
            copy_partition(one, other, TOPIC, 0)
        already = other.end_offsets(TOPIC)[0]
        assert 0 < already < 5_000
        part = copy_partition(one, other, TOPIC, 0)
        assert (part.already, part.copied, part.same_offsets) == (already, 5_000 - already, not spread)
        again = copy_partition(one, other, TOPIC, 0)
        assert (again.already, again.copied, again.same_offsets) == (5_000, 0, not spread)
        assert everything(other) == everything(one)


def test_a_log_that_grew_is_copied_on(logs):
    one, other = logs
    copy_partition(one, other, TOPIC, 0)
    one.append(TOPIC, 0, records(7, 9_000))
    assert copy_partition(one, other, TOPIC, 0).copied == 7
    assert everything(other) == everything(one)


@pytest.mark.parametrize("foreign", [records(3, 1), records(6_000), records(2_000) + records(1, 77)])
def test_a_log_that_holds_something_else_is_left_alone(logs, foreign):
    one, other = logs
    other.append(TOPIC, 0, foreign)
    with pytest.raises(LogMismatch, match=rf"{TOPIC}/0: .* holds {len(foreign):,} records.*not the first ones"):
        copy_partition(one, other, TOPIC, 0)
    assert other.end_offsets(TOPIC) == {0: len(foreign)}


def test_whoever_appends_in_between_is_noticed(logs):
    one, other = logs

    def somebody(copied):
        if copied:
            other.append(TOPIC, 0, records(1))

    with pytest.raises(LogMismatch, match="somebody else appends"):
        copy_partition(one, other, TOPIC, 0, somebody)


def test_what_is_recorded_after_a_copy_is_recorded_later(logs, tmp_path):
    one, _ = logs
    with closing(EmbeddedLog(tmp_path / "slow.sqlite", partitions=1, now_ms=lambda: 1)) as slow:
        copy_partition(one, slow, TOPIC, 0)
        base = slow.append(TOPIC, 0, [Record.of(b"k", b"v")])
        times = [one.recorded_ms for one in slow.read(TOPIC, 0, 0, 10_000).records]
    assert len(times) == base + 1
    assert times == sorted(times)
    assert times[-1] > times[-2]


@pytest.fixture
def store(tmp_path):
    with closing(Store(f"sqlite:///{tmp_path / 'store.sqlite'}")) as store:
        yield store


def at(store, offset):
    """Let a consumer have read so far."""
    with store.write() as tx:
        generation = make(tx, "chain", "live", "test", 1)
        advance(tx, generation, TOPIC, 0, None, Position(offset, 1))


def noted(store, log, ends):
    with store.write() as tx:
        note_copy(tx, {TOPIC: Copy(log.history(TOPIC), ends)})


def test_a_store_reads_no_other_log_than_its_own(logs, store):
    one, other = logs
    bind(store, one, [TOPIC])
    bind(store, one, [TOPIC])
    with pytest.raises(LogMismatch, match=rf"{TOPIC}.*would be skipped.*grms log copy.*GRMS_DATABASE_URL"):
        bind(store, other, [TOPIC])


def test_a_store_goes_over_to_a_whole_copy_and_back(logs, store):
    one, other = logs
    bind(store, one, [TOPIC])
    at(store, 5_000)
    noted(store, other, [5_000])
    bind(store, other, [TOPIC])
    bind(store, one, [TOPIC])
    bind(store, other, [TOPIC])


def test_a_copy_that_lacks_what_was_read_is_none(logs, store):
    one, other = logs
    bind(store, one, [TOPIC])
    at(store, 5_000)
    noted(store, other, [4_999])
    with pytest.raises(LogMismatch):
        bind(store, other, [TOPIC])


def test_once_the_log_grew_its_copy_is_none(logs, store):
    one, other = logs
    bind(store, one, [TOPIC])
    noted(store, other, [5_000])
    with store.write() as tx:
        forget_copies(tx, ["another topic"])
    bind(store, other, [TOPIC])
    with store.write() as tx:
        forget_copies(tx, [TOPIC])
    with pytest.raises(LogMismatch):
        bind(store, one, [TOPIC])
    bind(store, other, [TOPIC])
