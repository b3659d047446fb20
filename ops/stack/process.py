"""Processes that end with whoever started them, and that are never mistaken for others."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bus import Unreachable
from ops.stack import keeper

__all__ = ["Launch", "Tie", "alive", "bindable", "ended", "locked", "run", "running", "start", "stop", "tail", "until"]

_LOCK, _RECORD = "lock", "process.json"
_PAUSE_S = 0.02
_END_S = 20
"""A server whose tie was closed is killed after 5 s at the latest; the rest is for its children."""
_LOG_BYTES = 10 << 20
"""A log longer than this is put aside when its server starts; one former log is kept."""


@dataclass(frozen=True)
class Launch:
    """A command and how it ends: politely by ``stop_signal``, with its asker by ``death_signal``.

    ``user`` is (uid, gid, capability) to become instead of root; ``output`` gets what the command prints.
    """

    argv: tuple[str, ...]
    output: Path
    stop_signal: signal.Signals
    death_signal: signal.Signals
    env: Mapping[str, str] = field(default_factory=dict)
    user: tuple[int, int, int] | None = None


class Tie:
    """What a process is started with: it ends when the tie is closed, or when the process that holds the tie dies."""

    def __init__(self) -> None:
        self.end, self._held = os.pipe()

    def close(self) -> None:
        """End what is tied, but for the servers that are kept by now."""
        for number in (self.end, self._held):
            with suppress(OSError):
                os.close(number)


def run(launch: Launch, tie: Tie, said: str = "") -> None:
    """Run a command to its end; ``said`` is its input.

    Raises:
        Unreachable: it failed; the message ends with what it printed last.
    """
    kept = _keeper(launch, tie, record=None, kept=None, lock=None)
    kept.communicate(said.encode())
    if kept.returncode != 0:
        name = Path(launch.argv[0]).name
        raise Unreachable(f"{name} ended with {kept.returncode}. {tail(launch.output)}")


def start(launch: Launch, folder: Path, tie: Tie, kept: Path | None = None) -> None:
    """Start a server whose folder this is; at most one runs there.

    Args:
        kept: a file that names the servers which outlive their tie.

    Raises:
        Unreachable: another one still runs.
    """
    with locked(folder, _END_S) as lock:
        (folder / _RECORD).unlink(missing_ok=True)
        launched = _keeper(launch, tie, record=folder / _RECORD, kept=kept, lock=lock)
        launched.communicate()


def _keeper(
    launch: Launch, tie: Tie, *, record: Path | None, kept: Path | None, lock: int | None
) -> subprocess.Popen[bytes]:
    told = {
        **asdict(launch),
        "env": dict(launch.env),
        "tie": tie.end,
        "lock": [] if lock is None else [lock],
        "record": record,
        "kept": kept,
    }
    _rotate(launch.output)
    with launch.output.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-I", "-S", keeper.__file__, json.dumps(told, default=str)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            cwd=launch.output.parent,
            pass_fds=[tie.end, *told["lock"]],
            start_new_session=True,
        )


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))


@contextmanager
def locked(folder: Path, wait_s: float) -> Iterator[int]:
    """Hold the folder's lock. Processes that inherit the descriptor hold it on until the last of them ends.

    Raises:
        Unreachable: it stayed held for ``wait_s``.
    """
    file = folder / _LOCK
    number = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not until(lambda: _lockable(number, fcntl.LOCK_EX), wait_s):
            raise Unreachable(f"{file} is held by a process that goes on running. Wait, or see: fuser {file}")
        yield number
    finally:
        os.close(number)


def alive(folder: Path) -> bool:
    """Whether a process of this folder's server still lives."""
    with suppress(FileNotFoundError):
        number = os.open(folder / _LOCK, os.O_RDWR)
        try:
            return not _lockable(number, fcntl.LOCK_SH)
        finally:
            os.close(number)
    return False


def _lockable(number: int, how: int) -> bool:
    try:
        fcntl.flock(number, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def running(folder: Path) -> dict[str, object] | None:
    """The server started last in this folder while it runs: {"pid", "started", "boot"}."""
    try:
        record: dict[str, object] = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
        pid = record["pid"]
        same = isinstance(pid, int) and {"pid": pid, **keeper.identity(pid)} == record
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return record if same and alive(folder) else None


def stop(folder: Path, sent: signal.Signals, wait_s: float) -> None:
    """End the server of this folder, and nothing else: by ``sent``, after ``wait_s`` by SIGKILL.

    A process that merely has the number of one that ran here before is left alone.
    """
    record = running(folder)
    if record and isinstance(record["pid"], int):
        with suppress(ProcessLookupError):
            handle = os.pidfd_open(record["pid"])
            try:
                # The handle is of one process for ever: what is checked now is what is signalled.
                if running(folder) == record:
                    signal.pidfd_send_signal(handle, sent)
                    if not until(lambda: not alive(folder), wait_s):
                        signal.pidfd_send_signal(handle, signal.SIGKILL)
            finally:
                os.close(handle)
    ended(folder)
    (folder / _RECORD).unlink(missing_ok=True)


def ended(folder: Path) -> None:
    """Wait until no process of this folder's server lives.

    Raises:
        Unreachable: one goes on.
    """
    if not until(lambda: not alive(folder), _END_S):
        raise Unreachable(f"A server of {folder} does not end. See: fuser {folder / _LOCK}")


def until(true: Callable[[], bool], wait_s: float) -> bool:
    """Whether it became true in time."""
    end = time.monotonic() + wait_s
    while not true():
        if time.monotonic() >= end:
            return False
        time.sleep(_PAUSE_S)
    return True


def bindable(port: int) -> bool:
    """Whether nobody listens on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log, with its place."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
    except OSError:
        text = []
    return "\n".join([f"Its log {log} ends:", *text])
