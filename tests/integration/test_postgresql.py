"""A PostgreSQL that stops, kills, locks and refuses: everything is waited out, and nothing is done twice."""

from __future__ import annotations

import signal
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import make_url

from bus import Parts
from bus.engine.step import Slice, apply_slices, refresh_all
from bus.errors import BusError, TransientError, Unreachable
from bus.retry import retrying
from bus.store import Store, generations, open_codec
from bus.store.postgresql import PostgreSQL
from tests.contract.toy import TOPIC, place, record, toy, views
from tests.databases import server

TOY = toy()


@pytest.fixture
def url(postgres) -> str:
    return postgres.fresh()


@pytest.fixture
def store(url):
    with closing(Store(url)) as store:
        yield store


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A server that tests of this module may stop."""
    with server(tmp_path_factory.mktemp("own")) as own:
        yield own


def mark(tx, node="a") -> None:
    tx.merge("dirty", [(1, node)], "(generation, node) do nothing")


def marks(store) -> list[str]:
    with store.read() as tx:
        return [node for (node,) in tx.all("select node from dirty order by node")]


def cut(postgres) -> None:
    """Cut off every session of a store."""
    with psycopg.connect(postgres.plain, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() "
            "and application_name = 'grms'"
        )


# --- a server that goes --------------------------------------------------------


def test_a_session_that_is_cut_off_is_replaced(postgres, store):
    def within() -> None:
        with store.write() as tx:
            mark(tx)
            cut(postgres)
            mark(tx, "b")

    with pytest.raises(TransientError, match="administrator"):
        within()
    assert marks(store) == []
    cut(postgres)
    with store.write() as tx:
        mark(tx, "idle in the pool, cut off meanwhile")
    assert len(marks(store)) == 1


def test_a_rehearsal_that_is_cut_off_ends_and_is_not_tried_for_ever(postgres, store):
    def rehearse() -> None:
        with store.rehearsal():
            with store.write() as tx:
                mark(tx)
            cut(postgres)
            retrying(write)

    def write() -> None:
        with store.write() as tx:
            mark(tx, "b")

    with pytest.raises(BusError, match="what was rehearsed") as raised:
        rehearse()
    assert not raised.value.retriable
    write()
    assert marks(store) == ["b"]


@pytest.mark.parametrize("how", [signal.SIGQUIT, signal.SIGINT], ids=["at once", "in order"])
def test_a_server_that_stops_within_a_batch_is_waited_for_and_the_position_is_unmoved(own, how):
    with closing(Store(own.fresh())) as store:
        parts = Parts(store, None, open_codec(store), lambda: 1)
        with store.write() as tx:
            generation = generations.made_live(tx, TOY.name, "test", 1)
        first, rest = [record(parts.codec, "aa1")], [record(parts.codec, f"b{n:02}") for n in range(20)]
        apply_slices(parts, TOY, generation, [Slice(TOPIC, 0, None, first, 1)])
        at = place(store, generation)
        with suppress(TransientError), store.write() as tx:
            generations.advance(tx, generation, TOPIC, 0, at, replace(at, next_offset=9))
            own.stop(how)
            tx.add("dirty", [(generation, "lost")])
            pytest.fail("the server is gone")
        attempts = []

        def work():
            attempts.append(time.monotonic())
            now = place(store, generation)
            assert now == at
            return apply_slices(parts, TOY, generation, [Slice(TOPIC, 0, now, rest, 21)])

        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(retrying, work)
            while len(attempts) < 3:
                time.sleep(0.05)
            own.start()
            assert done.result(60).events == 20
        retrying(lambda: refresh_all(parts, TOY, generation))
        assert len(views(store, generation)) == 21


def test_a_server_that_comes_late_is_waited_for_at_first_contact(own):
    url = own.fresh()
    own.stop()
    with ThreadPoolExecutor(1) as pool:
        opened = pool.submit(Store, url, 60)
        time.sleep(0.5)
        assert not opened.done()
        own.start()
        with closing(opened.result(60)) as store:
            assert marks(store) == []


def test_who_waits_to_be_alone_outlives_a_restart(own):
    url = own.fresh()
    with closing(Store(url)) as store, closing(Store(url)) as other, ThreadPoolExecutor(1) as pool:

        def wait() -> bool:
            with other.alone(wait=True) as granted:
                return granted

        with store.alone(wait=False) as mine:
            assert mine
            waiting = pool.submit(wait)
            time.sleep(0.5)
            own.stop()
            own.start()
        assert waiting.result(60)


# --- what passes, and what does not --------------------------------------------


def test_a_deadlock_passes_and_is_tried_again(url, store):
    with store.write() as tx:
        mark(tx, "a")
        mark(tx, "b")
    both = threading.Barrier(2)
    attempts = []

    def cross(one: str, two: str) -> None:
        with closing(Store(url)) as mine:

            def work() -> None:
                attempts.append(one)
                with mine.write() as tx:
                    tx.all("select 1 from dirty where node = ? for update", one)
                    if len(attempts) <= 2:
                        both.wait(30)
                    tx.all("select 1 from dirty where node = ? for update", two)

            retrying(work)

    with ThreadPoolExecutor(2) as pool:
        for done in (pool.submit(cross, "a", "b"), pool.submit(cross, "b", "a")):
            done.result(60)
    assert len(attempts) == 3


@pytest.mark.parametrize(
    ("setting", "said"),
    [("statement_timeout=50", "statement timeout"), ("lock_timeout=50", "lock timeout")],
)
def test_what_takes_too_long_passes(setting, said, url, store):
    with (
        closing(Store(str(make_url(url).render_as_string(hide_password=False)) + f"%20-c%20{setting}")) as hasty,
        store.write() as tx,
    ):
        mark(tx)
        with pytest.raises(TransientError, match=said), hasty.write() as other:
            mark(other)
        assert marks(hasty) == []


def test_a_session_is_set_up_as_told(store):
    with store.read() as tx:
        told = dict(
            tx.all(
                "select name, setting from pg_settings where name in ('application_name', 'lock_timeout', "
                "'statement_timeout', 'idle_in_transaction_session_timeout', 'default_transaction_isolation')"
            )
        )
    assert told.pop("application_name") == "grms"
    assert told.pop("default_transaction_isolation") == "read committed"
    assert all(0 < int(milliseconds) <= 600_000 for milliseconds in told.values())


def test_a_writer_is_read_committed_whatever_the_database_says(url):
    with closing(Store(f"{url}%20-c%20default_transaction_isolation=serializable")) as store, store.write() as tx:
        assert tx.one("show transaction_isolation") == ("read committed",)


def test_a_bug_is_no_transient_failure(store):
    with pytest.raises(psycopg.errors.UndefinedColumn), store.read() as tx:
        tx.all("select nothing from dirty")
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), store.read() as tx:
        mark(tx)
    assert marks(store) == []


def test_an_error_does_not_quote_the_row_that_it_is_about(store):
    secret = "1985" * 4

    def twice() -> None:
        with store.write() as tx:
            tx.add("inbox", [(1, secret), (1, secret)])

    with pytest.raises(psycopg.errors.UniqueViolation) as raised:
        twice()
    assert secret not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize(
    ("state", "passes"),
    [
        ("08006", True),
        ("40001", True),
        ("40P01", True),
        ("53100", True),
        ("53300", True),
        ("55P03", True),
        ("57P01", True),
        ("57P03", True),
        ("58030", True),
        ("22003", False),
        ("23505", False),
        ("42P01", False),
        ("42501", False),
        ("54000", False),
        ("XX000", False),
    ],
)
def test_states_that_pass(state, passes):
    error = psycopg.errors.lookup(state)("said")
    meant = PostgreSQL.meaning(None, error, "store")
    assert (isinstance(meant, TransientError) and meant.retriable) is passes


# --- first contact -------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "remedy"),
    [
        ({"password": "guessed-secret"}, "Mend user and password"),
        ({"username": "no_such_role"}, "Mend user and password"),
        ({"database": "no_such_database"}, "Create the database"),
        ({"query": {"options": "-csearch_path=no_such_schema"}}, "Create the schema"),
    ],
    ids=["password", "role", "database", "schema"],
)
def test_a_refusal_is_told_at_once_with_its_remedy(change, remedy, url):
    began = time.monotonic()
    wrong = make_url(url).set(**change)
    with pytest.raises(Unreachable, match=remedy) as raised:
        Store(wrong, 30)
    assert time.monotonic() - began < 20, "waiting changes nothing"
    said = str(raised.value)
    assert wrong.password not in said
    assert make_url(url).password not in said


def test_a_port_that_nobody_listens_at_is_tried_until_the_wait_ends():
    began = time.monotonic()
    with pytest.raises(
        Unreachable, match=r"(?s)postgresql\+psycopg://u:\*\*\*@127\.0\.0\.1:9/d.*Is PostgreSQL running"
    ):
        Store("postgresql://u:secret@127.0.0.1:9/d", 1.0)
    assert 1 <= time.monotonic() - began < 20


@pytest.mark.parametrize("url", ["mysql://u:secret@h/d", "postgresql+psycopg2://u:secret@h/d", "no url: secret", ""])
def test_another_kind_of_database_is_refused_without_showing_its_url(url):
    with pytest.raises(ValueError, match=r"is no URL|names a database") as raised:
        Store(url)
    assert "secret" not in str(raised.value)
