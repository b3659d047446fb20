"""Worker processes on one machine: a name for each, and a parent that starts, restarts and ends them."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click

from bus.engine import Report

__all__ = ["orphaned", "slot", "supervise"]

_LOOK_S = 0.1
_GRACE_S = 25.0
"""From SIGTERM to SIGKILL; a worker needs one batch."""
_RESTART_S = 1.0
_DONE = (0, 1)


@contextmanager
def slot(home: Path) -> Iterator[str]:
    """A name for this worker: unique among running ones of this machine, and the same again after a restart."""
    folder = home / "workers"
    folder.mkdir(parents=True, exist_ok=True)
    place = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:8]
    number = 0
    while True:
        with (folder / f"{number}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                number += 1
                continue
            yield f"{socket.gethostname()}-{place}-{number}"
            return


def orphaned() -> Callable[[], bool]:
    """A question: has the parent of this process gone since?"""
    parent = os.getppid()
    return lambda: os.getppid() != parent


@dataclass(slots=True)
class _Crew:
    """Running workers, and what those that ended reported."""

    command: Sequence[str]
    environ: Mapping[str, str]
    running: list[subprocess.Popen[str]] = field(default_factory=list)
    report: Report = field(default_factory=Report)
    code: int = 0

    def start(self) -> None:
        self.running.append(
            subprocess.Popen(  # noqa: S603 - our own program
                self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=self.environ
            )
        )

    def look(self, *, restart: bool) -> None:
        """Take in workers that ended; those that were killed are started anew."""
        for worker in [one for one in self.running if one.poll() is not None]:
            self.running.remove(worker)
            said = worker.communicate()[0]
            if worker.returncode in _DONE:
                document = json.loads(said)
                self.report.events += document["events"]
                self.report.dead_letters += document["dead_letters"]
            elif worker.returncode < 0 and restart:
                name = signal.Signals(-worker.returncode).name
                click.echo(f"worker {worker.pid} ended by {name}; another takes its place", err=True)
                time.sleep(_RESTART_S)
                self.start()
            elif worker.returncode > 0:
                self.code = worker.returncode

    def end(self, number: int) -> None:
        for worker in self.running:
            worker.send_signal(number)


def supervise(
    options: Sequence[str], workers: int, stop: Callable[[], bool], settings: Mapping[str, str] | None = None
) -> tuple[Report, int]:
    """Run worker processes until all have ended or one can't go on.

    Args:
        options: options of ``grms run`` for one worker.
        stop: becomes true when they are to end.
        settings: ``GRMS_…`` of the workers, where they differ from this process's.

    Returns:
        What they did together, and 0 or the exit code of the one that could not go on.
    """
    command = [sys.executable, "-m", "ops.cli", "run", "--json", "--workers", "1", "--supervised", *options]
    crew = _Crew(command, {**os.environ, **(settings or {})})
    for _ in range(workers):
        crew.start()
    try:
        while crew.running and not stop() and not crew.code:
            crew.look(restart=True)
            time.sleep(_LOOK_S)
    finally:
        crew.end(signal.SIGTERM)
        deadline = time.monotonic() + _GRACE_S
        while crew.running and time.monotonic() < deadline:
            crew.look(restart=False)
            time.sleep(_LOOK_S)
        crew.end(signal.SIGKILL)
    return crew.report, crew.code
