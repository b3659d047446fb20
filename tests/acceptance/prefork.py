"""``grms`` in a process of its own, forked from one that has its imports done.

A start is two thirds of what most commands take, and the tests make thousands of calls. Only imports are shared:
environment, folder, standard streams, exit and ``atexit`` are those of a fresh process. Commands that are killed, and
all of ``tests/integration/test_process.py``, start the program itself.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["called"]

_ROOT = Path(__file__).resolve().parents[2]
_LARGEST_REQUEST = 1 << 17


def called(args: Sequence[str], env: Mapping[str, str], timeout_s: float) -> tuple[int, bytes, bytes]:
    """Run ``grms`` with these arguments in this environment; return exit code, stdout and stderr.

    Raises:
        subprocess.TimeoutExpired: it took longer, and was killed with all that it started.
    """
    told, tells = os.pipe()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, os.fdopen(told, "rb", 0) as status:
        request = json.dumps({"args": [*args], "env": {**env}, "cwd": str(Path.cwd())}).encode()
        socket.send_fds(_server(), [request], [out.fileno(), err.fileno(), tells])
        os.close(tells)
        group = int(status.readline())
        if not select.select([status], [], [], timeout_s)[0]:
            os.killpg(group, signal.SIGKILL)
            raise subprocess.TimeoutExpired(["grms", *args], timeout_s)
        code = int(status.readline())
        out.seek(0)
        err.seek(0)
        return code, out.read(), err.read()


@cache
def _server() -> socket.socket:
    """The socket of a process that waits for requests; it ends when the socket is closed."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-c", f"from {__name__} import serve; serve({theirs.fileno()})"],
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            env={name: text for name, text in os.environ.items() if not name.startswith("GRMS_")},
        )
    atexit.register(process.wait)
    atexit.register(ours.close)
    return ours


def _next_request(requests: socket.socket) -> dict[str, Any]:
    """Fork for each request; return it in the process that is to serve it."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody here waits for a child
    while True:
        message, fds, _, _ = socket.recv_fds(requests, _LARGEST_REQUEST, 3)
        if not message:
            sys.exit(0)
        if os.fork() == 0:
            break
        for fd in fds:
            os.close(fd)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    requests.close()
    os.setsid()
    out, err, status = fds
    os.write(status, f"{os.getpid()}\n".encode())
    if pid := os.fork():
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.write(status, f"{code}\n".encode())
        os._exit(0)
    os.close(status)
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.close(out)
    os.close(err)
    found: dict[str, Any] = json.loads(message)
    return found


def serve(fd: int) -> None:
    """What the waiting process does."""
    import bus.log.kafka.log  # noqa: PLC0415 - only there
    import bus.store.revision  # noqa: F401, PLC0415
    from ops.cli import main  # noqa: PLC0415

    asked = _next_request(socket.socket(fileno=fd))
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])
    sys.path.pop(0)  # the folder of the tests
    sys.argv = ["grms", *asked["args"]]
    sys.exit(main())
