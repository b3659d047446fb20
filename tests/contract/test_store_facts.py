"""Facts, marks, views and positions: once in effect and nothing lost, whoever works beside."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing, suppress
from functools import partial
from random import Random

import pytest

from bus import projection as projections
from bus.engine.step import Slice, apply_slices, refresh_all
from bus.errors import TransientError
from bus.parts import Parts
from bus.ports import StoredRecord, partition_of
from bus.retry import retrying
from bus.store import Store, deadletters, generations, open_codec
from bus.store.generations import Position
from tests.contract.toy import TOPIC, counted, marks, place, record, toy, views

TOY = toy()


@pytest.fixture
def parts(database):
    with closing(Store(database)) as store:
        yield Parts(store, None, open_codec(store), lambda: 1)


@pytest.fixture
def other(database):
    """Another worker's parts."""
    with closing(Store(database)) as store:
        yield Parts(store, None, open_codec(store), lambda: 2)


@pytest.fixture
def generation(parts) -> int:
    with parts.store.write() as tx:
        return generations.made_live(tx, TOY.name, "test", 1)


def applied(parts, generation, records, old=None, partition=0, projection=TOY):
    end = (old.next_offset if old else 0) + len(records)
    return apply_slices(parts, projection, generation, [Slice(TOPIC, partition, old, records, end)])


def test_an_event_has_its_effect_once(parts, generation):
    first = [record(parts.codec, f"aa{n}") for n in range(5)]
    assert applied(parts, generation, first).events == 5
    again = [*first[2:], first[2], record(parts.codec, "aa9"), record(parts.codec, "aa9")]
    assert applied(parts, generation, again, place(parts.store, generation)).events == 1
    refresh_all(parts, TOY, generation)
    assert sorted(views(parts.store, generation)) == ["aa0", "aa1", "aa2", "aa3", "aa4", "aa9"]


def test_views_are_recomputed_for_marked_nodes_alone(parts, generation):
    applied(parts, generation, [record(parts.codec, "aa1 1"), record(parts.codec, "bb1 1")])
    assert marks(parts.store, generation) == ["aa1", "bb1"]
    refresh_all(parts, TOY, generation)
    before = views(parts.store, generation)
    at = place(parts.store, generation)
    applied(parts, generation, [record(parts.codec, "aa1 2"), record(parts.codec, "aa1 1", "Badan", 2)], at)
    assert marks(parts.store, generation) == ["aa1"]
    refresh_all(parts, TOY, generation)
    after = views(parts.store, generation)
    assert json.loads(after["aa1"])["names"] == {"aa1 1": "Badan", "aa1 2": "Dinas"}
    assert after["bb1"] == before["bb1"]
    assert marks(parts.store, generation) == []


def test_some_marks_at_a_time(parts, generation):
    applied(parts, generation, [record(parts.codec, f"n{n:02}") for n in range(25)])
    with parts.store.write() as tx:
        assert projections.refresh(tx, TOY, generation, parts.codec, limit=10) == 10
    assert len(marks(parts.store, generation)) == 15
    refresh_all(parts, TOY, generation)
    assert len(views(parts.store, generation)) == 25


def test_what_fails_leaves_facts_marks_and_position_as_they_were(parts, generation):
    applied(parts, generation, [record(parts.codec, "aa1")])
    at = place(parts.store, generation)
    with suppress(ZeroDivisionError), parts.store.write() as tx:
        generations.advance(tx, generation, TOPIC, 0, at, Position(2, 1))
        projections.apply(tx, TOY, generation, parts.codec, [(TOPIC, 0, record(parts.codec, "aa2"))], 1)
        raise ZeroDivisionError
    assert place(parts.store, generation) == at
    assert marks(parts.store, generation) == ["aa1"]
    assert applied(parts, generation, [record(parts.codec, "aa2")], at).events == 1


@pytest.mark.parametrize("first", [True, False], ids=["at first", "later"])
def test_of_two_who_read_the_same_batch_one_has_its_effect(first, parts, other, generation):
    records = [record(parts.codec, f"k{n:02}") for n in range(50)]
    if not first:
        applied(parts, generation, [record(parts.codec, "k99")])
    at = place(parts.store, generation)
    start = threading.Barrier(2)

    def work(worker):
        start.wait()
        try:
            return applied(worker, generation, records, at).events
        except TransientError as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(work, (parts, other)))
    assert 50 in done
    assert any("moved by another worker" in str(one) for one in done)
    with parts.store.read() as tx:
        assert tx.one("select count(*), count(distinct event_id) from fact") == (50 + (not first),) * 2


def marked_while_refreshing(parts, other, generation, wait_s) -> list[str]:
    """A refresher holds a mark and has read the facts when another worker marks the node again; what stays marked."""
    applied(parts, generation, [record(parts.codec, "aa1 1")])
    deriving, marking = threading.Event(), threading.Event()

    def slow(node, keys):
        deriving.set()
        marking.wait(30)
        yield from counted(node, keys)

    def mark():
        deriving.wait(30)
        with ThreadPoolExecutor(1) as pool:
            work = pool.submit(applied, other, generation, [record(parts.codec, "aa1 2")], None, 1)
            waited = work not in wait([work], wait_s).done
            marking.set()
            assert work.result(30).events == 1
            return waited

    with ThreadPoolExecutor(1) as pool:
        marked = pool.submit(mark)
        with parts.store.write() as tx:
            projections.refresh(tx, toy(slow), generation, parts.codec)
        assert marked.result(30) == (wait_s < 5)
    return marks(parts.store, generation)


def test_a_mark_that_comes_while_a_refresher_holds_it_is_not_lost(parts, other, generation):
    assert marked_while_refreshing(parts, other, generation, 0.5) == ["aa1"]
    refresh_all(parts, TOY, generation)
    assert set(json.loads(views(parts.store, generation)["aa1"])["names"]) == {"aa1 1", "aa1 2"}


def test_a_mark_that_did_not_wait_would_be_lost(postgres, monkeypatch):
    monkeypatch.setattr(projections, "MARKED_AGAIN", "do nothing")
    url = postgres.fresh()
    with closing(Store(url)) as mine, closing(Store(url)) as theirs:
        parts, other = (Parts(store, None, open_codec(store), lambda: 1) for store in (mine, theirs))
        with mine.write() as tx:
            generation = generations.made_live(tx, TOY.name, "test", 1)
        assert marked_while_refreshing(parts, other, generation, 30) == [], "else the test above proves nothing"


def test_many_workers_and_refreshers_come_to_what_one_comes_to(database, parts, generation):
    rng = Random(5)
    kinds = [record(parts.codec, f"n{n:02} {n % 7}", f"Dinas {d}", d) for n in range(40) for d in range(1, 8)]
    read = {partition: [] for partition in range(4)}
    for one in kinds:
        read[partition_of(one.key.decode(), 4)] += [one] * rng.choice((1, 1, 2))
    for records in read.values():
        rng.shuffle(records)
    done = threading.Event()

    def reader(partition):
        with closing(Store(database)) as store:
            worker = Parts(store, None, parts.codec, lambda: 1)

            def step(start):
                batch = read[partition][start : start + 7]
                return applied(worker, generation, batch, place(store, generation, partition), partition).events

            return sum(retrying(partial(step, start)) for start in range(0, len(read[partition]), 7))

    def refresher(_number):
        with closing(Store(database)) as store:
            worker = Parts(store, None, parts.codec, lambda: 1)
            while not done.is_set():
                refresh_all(worker, TOY, generation)

    with ThreadPoolExecutor(7) as pool:
        refreshers = [pool.submit(refresher, number) for number in range(3)]
        try:
            assert sum(pool.map(reader, range(4))) == len(kinds)
        finally:
            done.set()
        for one in refreshers:
            one.result(60)
    refresh_all(parts, TOY, generation)
    shown = views(parts.store, generation)
    assert marks(parts.store, generation) == []
    with parts.store.write() as tx:
        alone = generations.make(tx, TOY.name, "filling", "alone", 1)
    applied(parts, alone, kinds)
    refresh_all(parts, TOY, alone)
    assert views(parts.store, alone) == shown
    generations.drop(parts.store, alone)
    assert views(parts.store, alone) == {}
    assert views(parts.store, generation) == shown


def test_of_several_at_first_one_makes_the_live_generation(database):
    start = threading.Barrier(6)

    def first(number):
        with closing(Store(database)) as store:
            start.wait()
            with store.write() as tx:
                return generations.made_live(tx, "toy", f"worker {number}", number)

    with ThreadPoolExecutor(6) as pool:
        made = set(pool.map(first, range(6)))
    assert len(made) == 1


def test_there_is_never_a_second_live_generation(parts, generation):
    with pytest.raises(Exception, match=r"(?i)unique"), parts.store.write() as tx:
        generations.make(tx, TOY.name, "live", "another", 1)
    with parts.store.read() as tx:
        assert generations.live(tx, TOY.name) == generation


@pytest.mark.parametrize("bad", ["nul", "undecodable", "long", "headers"])
def test_a_record_that_cannot_be_used_is_a_dead_letter_and_the_next_is_applied(bad, parts, generation):
    good = record(parts.codec, "aa1")
    broken = {
        "nul": lambda: record(parts.codec, "a\0b"),
        "undecodable": lambda: good._replace(value=b"\0\0\0\0\1garbage\0"),
        "long": lambda: record(parts.codec, "".join(Random(1).choices("abcdefghij", k=9000))),
        "headers": lambda: StoredRecord(0, 1, b"k\0\xff", b"\0\xff", ("ce_type", "x\0"), (b"\0", b"\xff")),
    }[bad]()
    done = applied(parts, generation, [broken, good])
    assert (done.events, done.dead_letters) == (1, 1)
    refresh_all(parts, TOY, generation)
    with parts.store.read() as tx:
        (letter,) = deadletters.listing(tx)
        whole = deadletters.find(tx, letter.id)
    assert whole.original == broken.value
    assert "\0" not in whole.message + whole.key + whole.place
    assert sorted(views(parts.store, generation)) == ["aa1"]
