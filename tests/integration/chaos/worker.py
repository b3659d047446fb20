"""``grms`` with something broken on purpose, for tests alone: ``python -m … HURT[,HURT…] run --engine faust …``.

HURT is one of
``die-before=N``  SIGKILL in the Nth batch, inside its transaction
``die-after=N``   SIGKILL behind the Nth batch's commit, before Kafka hears of it
``die-relay=N``   SIGKILL between the Nth append of the relay and the delete
``stop-inside=N`` SIGSTOP in the Nth batch, inside its transaction
``stop=N``        SIGSTOP before the Nth batch's transaction, its records in hand
``inbox-off``     events that the inbox knows count as new: must double
``kafka-positions``  begin where Kafka says, move SQL's positions without a look: must lose or double
``auto-commit``   Kafka's client commits on a timer what was fetched, on top of that: must lose
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from faust.transport.drivers import aiokafka as driver

from bus import projection
from bus.engine import faust, step
from bus.engine.faust import _Consumer, _Thread, _Worker
from bus.errors import TransientError
from bus.log.kafka import KafkaLog
from bus.store import generations
from bus.store.postgresql import _PostgreSQLTx
from bus.store.sqlite import _SQLiteTx
from ops.cli import main
from ops.cli import run as run_command

MARKS = Path(os.environ.get("CHAOS_MARKS", os.devnull))
"""A file that tells the test what happened in here, a word a line."""


def _mark(word: str) -> None:
    with MARKS.open("a") as marks:
        marks.write(word + "\n")
        marks.flush()


def _strike(sent: signal.Signals) -> None:
    """By thread: a signal to the process would let this thread run on for a while."""
    _mark(sent.name)
    signal.pthread_kill(threading.get_ident(), sent)


def _after(number: int, call: Callable[..., Any], sent: signal.Signals, *, first: bool) -> Callable[..., Any]:
    """The call, with a signal to this process before (``first``) or behind its Nth time."""
    calls = 0

    def struck(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if first and calls == number:
            _strike(sent)
        result = call(*args, **kwargs)
        if not first and calls == number:
            _strike(sent)
        return result

    return struck


def _die_before(number: int) -> None:
    projection.apply = _after(number, projection.apply, signal.SIGKILL, first=False)


def _die_after(number: int) -> None:
    faust.apply_slices = _after(number, faust.apply_slices, signal.SIGKILL, first=False)


def _die_relay(number: int) -> None:
    KafkaLog.append = _after(number, KafkaLog.append, signal.SIGKILL, first=False)


def _stop_inside(number: int) -> None:
    projection.apply = _after(number, projection.apply, signal.SIGSTOP, first=False)


def _stop(number: int) -> None:
    """Stop, and tell afterwards whether a batch was refused because its position had moved."""
    moving = step.generations.advance

    def advance(*args: Any) -> None:
        try:
            moving(*args)
        except TransientError:
            _mark("FENCED")
            raise

    step.generations.advance = advance
    faust.apply_slices = _after(number, faust.apply_slices, signal.SIGSTOP, first=True)


def _inbox_off() -> None:
    for transaction in (_SQLiteTx, _PostgreSQLTx):
        honest = transaction.add_new

        def all_new(self: Any, table: str, rows: Any, honest: Any = honest) -> Any:
            fresh = honest(self, table, rows)
            return list(rows) if table == "inbox" else fresh

        transaction.add_new = all_new


def _kafka_positions() -> None:
    def advance(tx: Any, generation: int, topic: str, partition: int, _old: Any, new: Any) -> None:
        tx.run(
            "insert into position values (?, ?, ?, ?, ?) on conflict (generation, topic, partition) "
            "do update set next_offset = excluded.next_offset, recorded_ms = excluded.recorded_ms",
            *(generation, topic, partition, new.next_offset, new.recorded_ms),
        )

    def take_all(self: Any, consumer: Any, generation: int, delivered: Any) -> Any:
        slices = [step.Slice(*place, None, records, records[-1].offset + 1) for place, records in delivered.items()]
        self.report.add(faust.apply_slices(self.parts, consumer, generation, slices))
        return {}

    generations.advance = advance
    _Worker._step = take_all
    del _Consumer.seek_to_committed


def _auto_commit() -> None:
    _kafka_positions()
    honest = _Thread._create_worker_consumer

    def committing(self: Any, transport: driver.Transport) -> Any:
        consumer = honest(self, transport)
        consumer._enable_auto_commit = True
        consumer._auto_commit_interval_ms = 20
        return consumer

    _Thread._create_worker_consumer = committing
    honest_step = faust.apply_slices

    def slow_step(*args: Any) -> Any:
        time.sleep(0.03)  # so that batches wait in memory when the kill comes
        return honest_step(*args)

    faust.apply_slices = slow_step


_HURTS: dict[str, Callable[..., None]] = {
    "die-before": _die_before,
    "die-after": _die_after,
    "die-relay": _die_relay,
    "stop-inside": _stop_inside,
    "stop": _stop,
    "inbox-off": _inbox_off,
    "kafka-positions": _kafka_positions,
    "auto-commit": _auto_commit,
}

if __name__ == "__main__":
    # Live from the start: what is caught up in bulk would never meet what is broken here.
    run_command._FAR = sys.maxsize
    for hurt in sys.argv.pop(1).split(","):
        name, _, count = hurt.partition("=")
        _HURTS[name](*([int(count)] if count else []))
    main()
