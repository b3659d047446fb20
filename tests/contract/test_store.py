"""What every store promises, whichever database it lies in: transactions, order of texts, locks, rehearsals."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from bus.store import Store
from bus.store import database as rooms

TEXTS = [
    "",
    " ",
    "!",
    "1",
    "10",
    "9",
    "A",
    "Z",
    "_",
    "a",
    "aa",
    "b",
    "z",
    "|",
    "}",
    "~",
    "é",
    "ß",
    "中",
    "\uffff",
    "😀",
]


@pytest.fixture
def store(database):
    with closing(Store(database)) as store:
        yield store


def put(tx, *nodes, generation=1):
    tx.merge("dirty", [(generation, node) for node in sorted(nodes)], "(generation, node) do nothing")


def nodes(store) -> list[str]:
    with store.read() as tx:
        return [node for (node,) in tx.all("select node from dirty order by node")]


def test_a_transaction_is_all_or_nothing(store):
    with store.write() as tx:
        put(tx, "a")
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        put(tx, "b")
        raise ZeroDivisionError
    assert nodes(store) == ["a"]


def test_a_reader_sees_one_snapshot_while_somebody_writes(database, store):
    with closing(Store(database)) as other, store.read() as tx:
        before = tx.all("select node from dirty")
        with other.write() as writing:
            put(writing, "a")
        assert tx.all("select node from dirty") == before == []
    assert nodes(store) == ["a"]


def test_texts_compare_by_code_point(store):
    with store.write() as tx:
        put(tx, *TEXTS)
        assert [node for (node,) in tx.all("select node from dirty order by node")] == sorted(TEXTS)
        assert tx.one("select min(node), max(node) from dirty") == (min(TEXTS), max(TEXTS))
        below = tx.all("select node from dirty where node < ? order by node", "a")
        assert [node for (node,) in below] == sorted(text for text in TEXTS if text < "a")


def test_a_list_of_values_may_be_long(store):
    many = sorted(f"node {number}" for number in range(3000))
    with store.write() as tx:
        put(tx, *many)
        sql = "select node from dirty where generation = ? and node in (?*)"
        assert sorted(node for (node,) in tx.where_in(sql, [*many, "none"], 1)) == many
        assert tx.where_in(sql, [], 1) == []
        assert tx.run_in("delete from dirty where generation = ? and node in (?*)", many[1:], 1) == 2999
        assert tx.all("select node from dirty") == [(many[0],)]


def test_what_is_streamed_is_whole_and_may_be_read_beside(store):
    with store.write() as tx:
        put(tx, *(f"{number:05}" for number in range(5000)))
    with store.read() as tx:
        seen = []
        for (node,) in tx.stream("select node from dirty where node <> ? order by node", "00001"):
            if len(seen) == 10:
                assert tx.one("select count(*) from dirty") == (5000,)
            seen.append(node)
    assert seen == [f"{number:05}" for number in range(5000) if number != 1]


def test_an_insert_itself_says_what_is_new(store):
    with store.write() as tx:
        assert tx.add_new("inbox", [(1, "a"), (1, "b")]) == [(1, "a"), (1, "b")]
        assert tx.add_new("inbox", [(1, "a"), (1, "c"), (2, "a")]) == [(1, "c"), (2, "a")]
        assert tx.add_new("inbox", []) == []


def test_values_of_every_type_come_back(store):
    row = (b"\0\xff" * 16, -(2**62), None, b"")
    with store.write() as tx:
        tx.add("content", [row])
        tx.merge("content", [(b"2", None, "% ? %s", bytes(range(256)))], "(digest) do nothing")
        assert [tuple(found) for found in tx.all("select * from content order by unit is null")] == [
            (b"2", None, "% ? %s", bytes(range(256))),
            row,
        ]
        assert tx.all("select 1 from content where unit like '\\%%' escape '\\'") == [(1,)]


def test_a_new_row_gets_a_new_id_that_never_comes_again(store):
    def insert() -> int:
        with store.write() as tx:
            return tx.insert(
                "insert into outbox (topic, partition, size, block) values (?, ?, ?, ?)", "t", 0, 1, b"block"
            )

    ids = [insert(), insert()]
    with store.write() as tx:
        tx.run("delete from outbox")
    ids.append(insert())
    assert ids == sorted(set(ids))


def test_a_rehearsal_leaves_nothing(database, store):
    with store.write() as tx:
        put(tx, "before")
    with store.rehearsal():
        with store.write() as tx:
            put(tx, "inside")
        with pytest.raises(ZeroDivisionError), store.write() as tx:
            put(tx, "undone")
            raise ZeroDivisionError
        assert nodes(store) == ["before", "inside"]
        with closing(Store(database)) as other:
            assert nodes(other) == ["before"]
    assert nodes(store) == ["before"]


def test_who_is_alone_is_alone_by_name(database, store):
    with closing(Store(database)) as other, store.alone(wait=False) as mine:
        assert mine
        with other.alone(wait=False) as theirs, other.alone("relay", wait=False) as another:
            assert (theirs, another) == (False, True)
    with closing(Store(database)) as other, other.alone(wait=False) as theirs:
        assert theirs


def test_who_waits_to_be_alone_comes_next(database, store):
    order = []

    def wait():
        with closing(Store(database)) as other, other.alone(wait=True) as granted:
            order.append(("other", granted))

    with ThreadPoolExecutor() as pool:
        with store.alone(wait=True):
            waiting = pool.submit(wait)
            time.sleep(3 * rooms._TURN_S)
            order.append(("first", True))
        waiting.result(30)
    assert order == [("first", True), ("other", True)]


def test_who_asks_for_a_name_goes_one_by_one(database):
    inside = threading.Lock()

    def turn(_number):
        with closing(Store(database)) as store, store.write() as tx:
            tx.exclusively("something")
            assert inside.acquire(blocking=False), "two at once"
            time.sleep(0.02)
            inside.release()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(turn, range(8)))


def test_a_whole_database_has_no_damage(store):
    with store.read() as tx:
        assert list(tx.damage()) == []
