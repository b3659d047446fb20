"""The count itself: an honest bus is green, and each kind of damage turns its invariant red."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from bus import Parts
from bus.engine import run
from bus.log import EmbeddedLog
from bus.ports import partition_of
from bus.store import Store, open_codec
from consumers import CONSUMERS
from tests.integration.chaos.bus_under_test import stream
from tests.integration.chaos.events import record_of
from tests.integration.chaos.journal import Journal, Told
from tests.integration.chaos.state import Database
from tests.integration.chaos.verdicts import counted, green

DAMAGE = {
    "I1": "delete from inbox where event_id = (select min(event_id) from inbox)",
    "I2": "insert into fact select * from fact where event = 'PurchaseCompleted' limit 1",
    "I3": "update inbox set event_id = 'nobody said this' where event_id = (select min(event_id) from inbox)",
    "I4": 'update view_row set body = replace(body, \'"status":"\', \'"status":"not \') where rowid in '
    "(select rowid from view_row where view = 'packages' and body like '%\"announced\":{%' limit 1)",
}


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    folder = tmp_path_factory.mktemp("honest")
    with (
        closing(Store(f"sqlite:///{folder / 'store.sqlite'}")) as store,
        closing(EmbeddedLog(folder / "log.sqlite")) as log,
        closing(Journal(folder / "journal")) as journal,
    ):
        codec = open_codec(store)
        deliveries = stream(600, seed=51)
        journal.intent(deliveries)
        for event in deliveries:
            topic, key, record = record_of(codec, event)
            log.append(topic, partition_of(key, 4), [record])
        journal.ok(deliveries)
        run(Parts(store, log, codec, lambda: 1), list(CONSUMERS.values()), until_caught_up=True)
    return folder


def _verdicts(folder, **how):
    told, state = Told.of(folder / "journal"), Database(f"sqlite:///{folder / 'store.sqlite'}").state()
    return counted(told, state, **{"rebuilt_equal": True, "recovery_s": 5.0, **how})


def test_an_honest_bus_is_green(honest):
    assert green(_verdicts(honest))


@pytest.mark.parametrize("invariant", DAMAGE)
def test_damage_turns_its_invariant_red(invariant, honest, tmp_path):
    with (
        closing(sqlite3.connect(honest / "store.sqlite")) as one,
        closing(sqlite3.connect(tmp_path / "store.sqlite")) as other,
    ):
        one.backup(other)
        with other:
            assert other.execute(DAMAGE[invariant]).rowcount == 1
    (tmp_path / "journal").write_bytes((honest / "journal").read_bytes())
    verdicts = _verdicts(tmp_path)
    assert verdicts[invariant] != "ok"
    assert not green(verdicts)


@pytest.mark.parametrize("how", [{"rebuilt_equal": False}, {"recovery_s": None}, {"recovery_s": 121.0}])
def test_another_rebuild_and_a_slow_recovery_are_red(how, honest):
    assert not green(_verdicts(honest, **how))


def test_an_answer_that_never_came_may_be_either(honest, tmp_path):
    """Unknown is neither lost nor invented."""
    events = stream(10, seed=52)
    (tmp_path / "store.sqlite").write_bytes((honest / "store.sqlite").read_bytes())
    (tmp_path / "journal").write_bytes((honest / "journal").read_bytes())
    with closing(Journal(tmp_path / "journal")) as journal:
        journal.intent(events)
        journal.unknown(events)
    assert green(_verdicts(tmp_path))
