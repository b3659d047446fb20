"""How the benchmark takes time and prints its table."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["best_of", "child", "folder", "say", "timed"]


def say(what: str, figure: str, aim: str = "") -> None:
    """One line of the table."""
    sys.stdout.write(f"{what:66} {figure:>8}  {aim}\n")
    sys.stdout.flush()


def timed(work: Callable[[], object]) -> float:
    """Seconds that some work takes; what was alive before is kept out of the collector's way."""
    gc.collect()
    gc.freeze()
    began = time.perf_counter()
    work()
    took = time.perf_counter() - began
    gc.unfreeze()
    return took


def best_of(times: int, work: Callable[[], object]) -> float:
    """Least seconds of several turns: what the work costs when nothing else disturbs it."""
    return min(timed(work) for _ in range(times))


def child(job: str, size: int) -> dict[str, float]:
    """What a job of ``python -m ops.bench`` measures, in a process whose memory is its own."""
    command = [sys.executable, "-m", "ops.bench", job, str(size)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)  # noqa: S603 - ourselves
    took: dict[str, float] = json.loads(done.stdout)
    return took


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)
