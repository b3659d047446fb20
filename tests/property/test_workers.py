"""Any interleaving of workers, zombies, rebalances, deaths and duplicates has the effect of each event once.

Fixed examples and fresh ones; `--hypothesis-seed` and the printed blob replay a failure.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bus.engine import Pace, faust, run
from bus.ports import partition_of
from bus.store import open_codec
from bus.store.outbox import put, relay
from bus.store.sqlite import _SQLiteTx
from tests.integration.chaos.events import generated, record_of
from tests.integration.chaos.journal import Told
from tests.integration.chaos.state import Database
from tests.integration.chaos.verdicts import counted, green
from tests.property.crew import CREW, PARTITIONS, Crash, Crew

SEEDS = int(os.environ.get("CHAOS_SEEDS", "25"))
EXAMPLES = 150 if SEEDS < 100 else 10 * SEEDS
SHM = Path("/dev/shm")  # noqa: S108 - syncs of a thousand stores wear a disk out and prove nothing here

EVENTS = generated(60, seed=31)
PLACES = [
    (topic, number)
    for topic in ("grms.kehadiran.v1", "grms.pelaksanaan.v1", "grms.pengadaan.v1")
    for number in range(PARTITIONS)
]
WORKERS = 3

who = st.integers(0, WORKERS - 1)
some_place = st.sampled_from(PLACES)
some_places = st.lists(some_place, min_size=1, max_size=6, unique=True)
troubles = st.sampled_from([None, None, "dies before", "dies after", "fails", "other first"])


class Workers(RuleBasedStateMachine):
    """Three workers on six partitions."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=SHM if SHM.is_dir() else None, prefix="workers"))
        self.url = f"sqlite:///{self.folder / 'store.sqlite'}"
        self.crew = Crew(self.url, open_codec, WORKERS)
        self.told = Told()

    def teardown(self) -> None:
        try:
            self.ended()
        finally:
            self.crew.store.close()
            shutil.rmtree(self.folder)

    # -- what is written ------------------------------------------------------------------

    @initialize(chosen=st.lists(st.integers(0, len(EVENTS) - 1), min_size=12, max_size=40))
    def begin(self, chosen):
        self._appended(chosen)

    @rule(chosen=st.lists(st.integers(0, len(EVENTS) - 1), min_size=1, max_size=12))
    def append(self, chosen):
        """Events reach the log in any order, some of them again."""
        self._appended(chosen)

    def _appended(self, chosen):
        for number in chosen:
            topic, key, record = record_of(self.crew.parts.codec, self._said(number))
            self.crew.log.append(topic, partition_of(key, PARTITIONS), [record])

    @rule(chosen=st.lists(st.integers(0, len(EVENTS) - 1), min_size=1, max_size=6), dies=st.booleans())
    def publish(self, chosen, dies):
        """Events take the outbox; the relay may die between append and delete."""
        records = [record_of(self.crew.parts.codec, self._said(number)) for number in chosen]
        with self.crew.store.write() as tx:
            put(tx, self.crew.log, records)
        if dies:
            self.crew.choose(0, "dies before")
        with suppress(Crash):
            relay(self.crew.store, self.crew.log)
        self.crew.store.moment = None

    @rule(place=some_place, count=st.integers(1, 3))
    def leave_holes(self, place, count):
        self.crew.log.skip(place, count)

    def _said(self, number):
        event = EVENTS[number]
        self.told.events[event.id] = event
        self.told.ok.add(event.id)
        return event

    # -- who works on what ----------------------------------------------------------------

    @rule(number=who, places=some_places, off=st.sampled_from([0, 0, 0, -3, 1, 4]), limit=st.integers(1, 9))
    def deliver(self, number, places, off, limit):
        """A rebalance, from where SQL says or beside it; who had the partitions does not know yet, and may never."""
        for place in places:
            self.crew.assign(number, place, off)
            self.crew.fetch(number, place, limit)

    @rule(number=who, limit=st.integers(1, 9))
    def deliver_more(self, number, limit):
        for place in PLACES:
            self.crew.fetch(number, place, limit)

    # -- working --------------------------------------------------------------------------

    @rule(number=who, packs=st.integers(1, 6), trouble=troubles, commits=st.integers(0, 2), other=who)
    def apply(self, number, packs, trouble, commits, other):
        """A worker applies what it has in hand, perhaps badly, perhaps later than another one."""
        if trouble:
            self.crew.choose(commits, trouble, lambda: self.crew.apply(other, 6))
        self.crew.apply(number, packs)

    @rule(number=who, trouble=troubles)
    def refresh(self, number, trouble):
        if trouble:
            self.crew.choose(0, trouble, lambda: self.crew.apply((number + 1) % WORKERS, 6))
        self.crew.refresh(number)

    @rule(batch=st.integers(1, 30))
    def pull(self, batch):
        """The pulling engine beside them."""
        run(self.crew.parts, list(CREW), pace=Pace(batch, 20), until_caught_up=True)

    # -- what always holds ----------------------------------------------------------------

    @invariant()
    def each_effect_once(self):
        database = Database(self.url)
        inbox = [name for (name,) in database.rows("select event_id from inbox")]
        facts = Counter(name for (name,) in database.rows("select event_id from fact"))
        assert facts == Counter(inbox)
        assert set(inbox) <= self.told.ok
        assert not facts or max(facts.values()) == 1

    @invariant()
    def everything_below_a_position_is_in(self):
        database = Database(self.url)
        inbox = {name for (name,) in database.rows("select event_id from inbox")}
        for (_, topic, number), offset in database.positions().items():
            below = [one for one in self.crew.log.read(topic, number, 0, 10_000).records if one.offset < offset]
            assert {dict(one.headers)["ce_id"].decode() for one in below} <= inbox

    def ended(self):
        """Heal and drain: the oracle's views, and the same as from the start of the log."""
        run(self.crew.parts, list(CREW), until_caught_up=True)
        state = Database(self.url).state()
        verdicts = counted(self.told, state, rebuilt_equal=None, recovery_s=0)
        assert green(verdicts), verdicts
        assert not state.letters


def _run(examples, *, derandomize, phases=(Phase.generate, Phase.shrink)):
    run_state_machine_as_test(
        Workers,
        settings=settings(
            max_examples=examples,
            stateful_step_count=40,
            derandomize=derandomize,
            database=None,
            deadline=None,
            print_blob=True,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.chaos
@pytest.mark.parametrize("derandomize", [True, False], ids=["fixed seeds", "fresh seeds"])
def test_workers_in_any_order(derandomize):
    _run(EXAMPLES, derandomize=derandomize)


def _inbox_off(monkeypatch):
    honest = _SQLiteTx.add_new

    def all_new(self, table, rows):
        fresh = honest(self, table, rows)
        return rows if table == "inbox" else fresh

    monkeypatch.setattr(_SQLiteTx, "add_new", all_new)


def _no_gap_guard(monkeypatch):
    def delivered_is_all(_parts, _place, _offset, delivered):
        return delivered, delivered[-1].offset + 1

    monkeypatch.setattr(faust, "_joined", delivered_is_all)


def _lost_marks(monkeypatch):
    honest = _SQLiteTx.merge

    def unmarked(self, table, rows, conflict):
        honest(self, table, rows[1:] if table == "dirty" else rows, conflict)

    monkeypatch.setattr(_SQLiteTx, "merge", unmarked)


@pytest.mark.parametrize(("guard", "examples"), [(_inbox_off, 200), (_no_gap_guard, 500), (_lost_marks, 200)])
def test_the_machine_sees_what_a_missing_guard_lets_through(guard, examples, monkeypatch):
    guard(monkeypatch)
    with pytest.raises((AssertionError, ExceptionGroup)):
        _run(examples, derandomize=True, phases=(Phase.generate,))
