"""The command that brings views up to the log: run."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import FrameType
from typing import TYPE_CHECKING

import click

from bus import Parts, Projection
from bus.engine import BULK, EMBEDDED, Pace, Report, lag
from bus.engine import run as pull
from consumers import CONSUMERS
from ops.cli.frame import FINDINGS, UNREACHABLE, Context, command, progress
from ops.topics import kafka_access
from ops.workers import orphaned, slot, supervise

if TYPE_CHECKING:
    from bus.log.kafka import KafkaAccess

__all__ = ["register"]

_FAR = 50_000
"""Offsets behind which live workers begin with a catch-up in bulk: some seconds of their time."""


def register(cli: click.Group) -> None:
    """Add the command."""
    command(cli, "run")(_run)


@dataclass(frozen=True, slots=True)
class _Job:
    """What was asked."""

    engine: str
    workers: int
    batch: int | None
    consumers: Sequence[Projection]
    until_caught_up: bool
    supervised: bool


@click.option("--until-caught-up", is_flag=True, help="Stop when everything accepted is in the views.")
@click.option("--engine", type=click.Choice(["embedded", "faust", "bulk"]), default="embedded")
@click.option("--workers", type=click.IntRange(1, 64), default=1, help="Processes; engine faust only.")
@click.option("--batch", type=click.IntRange(1, 100_000), help="Records a transaction.")
@click.option("--consumer", type=click.Choice([*CONSUMERS]), help="Only this consumer.")
@click.option("--supervised", is_flag=True, hidden=True, help="End with the process that started this one.")
def _run(
    context: Context,
    until_caught_up: bool,  # noqa: FBT001 - click's
    engine: str,
    workers: int,
    batch: int | None,
    consumer: str | None,
    supervised: bool,  # noqa: FBT001 - click's
) -> int:
    """Bring the views up to the log: once, or until stopped."""
    if workers != 1 and engine != "faust":
        raise click.UsageError(f"engine {engine} has one worker; --engine faust has as many as there are partitions")
    chosen = [CONSUMERS[consumer]] if consumer else list(CONSUMERS.values())
    job = _Job(engine, workers, batch, chosen, until_caught_up, supervised)
    stop = _Stop()
    began = time.monotonic()
    report, code = _live(context, job, stop) if engine == "faust" else (_pull(context, job, stop), 0)
    seconds = round(time.monotonic() - began, 3)
    document = {"events": report.events, "dead_letters": report.dead_letters, "seconds": seconds}
    context.say(
        document,
        lambda: iter([f"{report.events} events applied, {report.dead_letters} dead letters, {seconds} s"]),
    )
    return code or (FINDINGS if report.dead_letters else 0)


def _pull(context: Context, job: _Job, stop: Callable[[], bool]) -> Report:
    pace = BULK if job.engine == "bulk" else EMBEDDED
    with context.parts() as parts:
        return _pulled(parts, job, replace(pace, batch=job.batch or pace.batch), stop)


def _pulled(parts: Parts, job: _Job, pace: Pace, stop: Callable[[], bool]) -> Report:
    with progress("applying", lag(parts, job.consumers)) as step:
        until = job.until_caught_up or job.engine == "faust"
        return pull(parts, job.consumers, pace=pace, until_caught_up=until, stop=stop, progress=step)


def _live(context: Context, job: _Job, stop: Callable[[], bool]) -> tuple[Report, int]:
    """Live workers; what is far behind is caught up in bulk first."""
    access = kafka_access(context.settings)
    report = Report()
    with context.parts() as parts:
        if not job.supervised and lag(parts, job.consumers) > _FAR:
            report = _pulled(parts, job, BULK, stop)
        if job.workers == 1:
            return report.plus(_one(context, parts, access, job, stop)), 0
    together, code = supervise(_options(context, job), job.workers, stop)
    return report.plus(together), code


def _options(context: Context, job: _Job) -> list[str]:
    options = ["--engine", job.engine, "--home", str(context.settings.home), "--wait", str(context.wait_s)]
    if job.batch is not None:
        options += ["--batch", str(job.batch)]
    if len(job.consumers) == 1:
        options += ["--consumer", job.consumers[0].name]
    return [*options, "--until-caught-up"] if job.until_caught_up else options


def _one(context: Context, parts: Parts, access: KafkaAccess, job: _Job, stop: Callable[[], bool]) -> Report:
    from bus.engine.faust import Membership, work  # noqa: PLC0415 - Faust takes a second to import

    gone = orphaned() if job.supervised else lambda: False
    with slot(context.settings.home) as name, progress("applying", lag(parts, job.consumers)) as step:
        return work(
            parts,
            job.consumers,
            access,
            Membership(name),
            batch=job.batch or EMBEDDED.batch,
            until_caught_up=job.until_caught_up,
            stop=lambda: stop() or gone(),
            progress=step,
        )


_GRACE_S = 20.0
"""From the first signal to the end. A batch takes a second; what takes longer waits for a part that is away."""


class _Stop:
    """Becomes true on SIGTERM or SIGINT: the batch in hand is finished, then the run ends.

    A run that waits for a database or a cluster that is away ends after the grace all the same, as if killed: the
    transaction in hand rolls back.
    """

    def __init__(self) -> None:
        self._asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        if not self._asked:
            self._asked = True
            end = threading.Timer(_GRACE_S, _end)
            end.daemon = True
            end.start()

    def __call__(self) -> bool:
        return self._asked


def _end() -> None:
    sys.stderr.write("grms: stopped while a part was away; everything committed so far is kept\n")
    sys.stderr.flush()
    os._exit(UNREACHABLE)
