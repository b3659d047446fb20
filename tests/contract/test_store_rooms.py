"""Outbox, dead letters, schema ids, exports: the rooms of the store, alone and with somebody beside."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from random import Random

import pytest

from bus.ports import Record
from bus.store import Store, deadletters, exports, open_codec, outbox, registered
from bus.store.deadletters import DeadLetter

ROW = DeadLetter(
    origin="adapter",
    reason="bad_money",
    source="isb",
    place="a.json row 1",
    message="a.json row 1: no decimal",
    original=b'{"kd": 1}',
    event="ContractSigned",
    topic="grms.pelaksanaan.v1",
    key="NT:1|2",
    node="NT:1",
    context={"kind": "kontrak", "observed": "2025-10-03", "file": "a.json"},
)


class MemoryLog:
    """What was appended, in order; slow, so that relays meet."""

    def __init__(self) -> None:
        self.appended: dict[tuple[str, int], list[Record]] = defaultdict(list)
        self.relaying = threading.Lock()

    def partitions(self, _topic: str) -> int:
        return 3

    def append(self, topic: str, partition: int, records) -> int:
        assert self.relaying.acquire(blocking=False), "two relays at once"
        time.sleep(0.002)
        self.appended[topic, partition] += list(records)
        self.relaying.release()
        return 0


@pytest.fixture
def store(database):
    with closing(Store(database)) as store:
        yield store


@pytest.fixture
def other(database):
    with closing(Store(database)) as store:
        yield store


def parked(store, *letters, now_ms=1) -> int:
    with store.write() as tx:
        return deadletters.park(tx, letters, now_ms)


def listed(store, **asked) -> list[DeadLetter]:
    with store.read() as tx:
        return deadletters.listing(tx, **asked)


def found(store, letter) -> DeadLetter:
    with store.read() as tx:
        whole = deadletters.find(tx, letter.named().id)
    assert whole is not None
    return whole


def observed(letter, *days) -> DeadLetter:
    return replace(letter, context={**letter.context, "observed": " ".join(days)})


# --- outbox --------------------------------------------------------------------


def events(keys, first):
    return [("t", key, Record.of(key.encode(), b"%d" % number)) for number, key in enumerate(keys, first)]


def test_events_of_a_key_reach_the_log_in_order_whoever_relays(database, store):
    log, rng = MemoryLog(), Random(3)
    keys = [f"k{number}" for number in range(9)]
    for first in range(0, 300, 10):
        with store.write() as tx:
            outbox.put(tx, log, events(rng.choices(keys, k=10), first))

    def relay(_number):
        with closing(Store(database)) as mine:
            return outbox.relay(mine, log)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(relay, range(4))) == 300
    order = defaultdict(list)
    for records in log.appended.values():
        for record in records:
            order[record.key].append(int(record.value))
    assert sorted(number for numbers in order.values() for number in numbers) == list(range(300))
    assert all(numbers == sorted(numbers) for numbers in order.values())
    with store.read() as tx:
        assert outbox.waiting(tx) == 0


def test_a_relay_deletes_nothing_that_came_meanwhile(store, other):
    class Log(MemoryLog):
        def append(self, topic, partition, records):
            super().append(topic, partition, records)
            if len(self.appended) == 1:
                with other.write() as tx:
                    outbox.put(tx, self, events(["later"], 100))

    log = Log()
    with store.write() as tx:
        outbox.put(tx, log, events(["first"], 0))
    outbox.relay(store, log)
    values = sorted(record.value for records in log.appended.values() for record in records)
    assert values == [b"0", b"100"]


# --- dead letters --------------------------------------------------------------


def test_a_letter_comes_back_whole(store):
    assert parked(store, ROW, now_ms=7) == 1
    assert found(store, ROW) == replace(ROW.named(), at_ms=7)


def test_a_row_that_fails_again_is_the_same_letter(store):
    assert parked(store, ROW, ROW) == 1
    assert parked(store, observed(replace(ROW, reason="bad_date", place="b.json row 9"), "2025-10-01"), now_ms=5) == 0
    letter = found(store, ROW)
    assert (letter.attempts, letter.reason, letter.place, letter.at_ms) == (3, "bad_date", "b.json row 9", 1)
    assert letter.observed == ["2025-10-01", "2025-10-03"]


def test_letters_are_listed_by_reason_and_source_oldest_first(store):
    parked(store, replace(ROW, original=b"2", reason="bad_date"), now_ms=2)
    parked(store, replace(ROW, original=b"1"), replace(ROW, original=b"3", source="absensi"), now_ms=1)
    assert [letter.at_ms for letter in listed(store)] == [1, 1, 2]
    assert len(listed(store, reason="bad_money")) == 2
    assert len(listed(store, reason="bad_money", source="absensi")) == 1
    assert listed(store, reason="' or 1 = 1 --") == []
    with store.read() as tx:
        assert deadletters.open_count(tx) == {"bad_date": 1, "bad_money": 2}
        assert len(deadletters.open_about(tx, ["NT:1", "NT:2"], 1)) == 2
        assert deadletters.open_about(tx, ["NT:2"], 1) == []


def test_what_was_discarded_stays_so_and_what_was_redriven_opens_again(store):
    damaged = replace(ROW, original=b"end", context={**ROW.context, "damaged": "yes"})
    redriven = replace(ROW, original=b"again")
    parked(store, ROW, damaged, redriven)
    with store.write() as tx:
        deadletters.close(tx, ROW.named().id, "discarded", "a test\udc80", 2)
        deadletters.close(tx, damaged.named().id, "discarded", "a test", 2)
        deadletters.close(tx, redriven.named().id, "redriven", "a test", 2)
    assert listed(store) == []
    parked(store, observed(ROW, "2025-10-04"), damaged, redriven)
    assert {letter.id for letter in listed(store)} == {redriven.named().id}
    parked(store, observed(damaged, "2025-10-04"))
    assert {letter.id for letter in listed(store)} == {redriven.named().id, damaged.named().id}
    assert found(store, ROW).because == r"a test\udc80"


def test_letters_parked_by_two_at_once_remember_both(store, other):
    start = threading.Barrier(2)
    letters = [replace(ROW, original=b"%d" % number) for number in range(40)]

    def work(who, day, order):
        start.wait()
        return parked(who, *(observed(letter, day) for letter in order))

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(work, store, "2025-10-01", letters)
        two = pool.submit(work, other, "2025-10-02", letters[::-1])
        assert one.result(60) + two.result(60) == 40
    for letter in letters:
        whole = found(store, letter)
        assert (whole.observed, whole.attempts) == (["2025-10-01", "2025-10-02"], 2)


def test_a_letter_may_hold_anything(store):
    dirty = "a\0b\udc80\ud800é"
    letter = replace(
        ROW,
        original=bytes(range(256)),
        message=dirty,
        key=dirty,
        node=dirty * 5000,
        place=dirty,
        context={"file": dirty, dirty: None, "kind": dirty},
    )
    parked(store, letter)
    whole = found(store, letter)
    assert whole.original == letter.original
    assert whole.message == r"a\x00b\udc80\ud800é"
    assert dict(whole.context) == dict(letter.context)


# --- schema ids, exports -------------------------------------------------------


def test_schema_ids_are_given_once_and_in_one_order(store, other):
    first, second = open_codec(store), open_codec(other)
    assert set(registered(store).values()) == {1}
    with store.read() as tx:
        ids = [row[0] for row in tx.all("select id from schema_id order by id")]
        named = [row[0] for row in tx.all("select event from schema_id order by id")]
    assert ids == list(range(1, len(ids) + 1))
    assert [first.schema_id(name) for name in named] == [second.schema_id(name) for name in named] == ids


def test_keys_that_the_latest_export_lacks_are_gone(store):
    with store.write() as tx:
        for kind, observed_at, rows in (
            ("k", "2025-10-01", 2),
            ("k", "2025-10-02", 1),
            ("damaged", "2025-10-02", None),
        ):
            tx.run(
                "insert into export (source, kind, file, observed, at_ms, rows) values ('isb', ?, 'f', ?, 1, ?)",
                *(kind, observed_at, rows),
            )
        tx.add(
            "subject",
            [
                ("damaged", "x", "2025-10-01", 1),
                ("k", "cut off", "", 1),
                ("k", "gone", "2025-10-01", 1),
                ("k", "here", "2025-10-02", 2),
            ],
        )
        assert exports.gone_keys(tx) == {"k": ["gone"]}
        assert exports.gone(tx, "k", "2025-10-02") == 1
