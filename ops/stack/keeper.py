"""Run one command and end it when whoever asked for it dies. A program of its own: standard library, Linux.

``python -I -S keeper.py LAUNCH`` where LAUNCH is the JSON of `ops.stack.process.Launch` with the descriptors of its tie
and its lock. The tie is a pipe whose other end only the asker holds: end of file means that the asker is gone. Then the
command is ended, unless ``kept`` names it: that file is written in one rename when ``grms stack up`` is done, so a
server outlives an ``up`` that ended well and no other. Should the keeper itself be killed, the kernel ends the command.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG, _PR_SET_KEEPCAPS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
_CAPABILITY_VERSION_3 = 0x20080522
_GIVE_UP_S = 5
"""A command that was asked to end has this long before it is killed."""
_LOOK_MS = 5000


def main() -> int:
    """Keep the command until it ends; its exit status is ours."""
    launch: dict[str, Any] = json.loads(sys.argv[1])
    if launch["record"] and os.fork():
        return 0  # a server's keeper belongs to nobody, so nobody has to collect it
    if _asker_gone(launch["tie"]):
        return 1
    me = os.getpid()
    with Path(launch["output"]).open("ab") as output:
        child = subprocess.Popen(  # noqa: S603 - the command comes from ops.stack alone
            launch["argv"],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=launch["env"],
            pass_fds=launch["lock"],
            preexec_fn=lambda: _become(launch, me),  # noqa: PLW1509 - this process has one thread
        )
    return _keep(child, launch)


def _keep(child: subprocess.Popen[bytes], launch: dict[str, Any]) -> int:
    me = {"pid": child.pid, **identity(child.pid)}
    if launch["record"]:
        _write(Path(launch["record"]), me)
    signal.signal(signal.SIGTERM, lambda *_: child.send_signal(launch["stop_signal"]))
    watched = select.poll()
    ended = os.pidfd_open(child.pid)
    watched.register(ended, select.POLLIN)
    watched.register(launch["tie"], select.POLLIN)
    while ended not in (ready := [number for number, _ in watched.poll(_LOOK_MS)]):
        if launch["tie"] in ready:
            watched.unregister(launch["tie"])
            if not _is_kept(launch["kept"], me):
                _end(child, launch)
        elif not Path(launch["output"]).parent.exists():
            _end(child, launch)  # the home was removed: there is nothing left to serve
    return child.wait()


def _end(child: subprocess.Popen[bytes], launch: dict[str, Any]) -> None:
    child.send_signal(launch["death_signal"])
    try:
        child.wait(_GIVE_UP_S)
    except subprocess.TimeoutExpired:
        child.kill()
    if not launch["record"]:
        os.killpg(0, signal.SIGKILL)  # what a command started ends with it; this is its keeper's last act


def _asker_gone(tie: int) -> bool:
    poll = select.poll()
    poll.register(tie, select.POLLIN)
    return bool(poll.poll(0))


def _is_kept(kept: str | None, me: dict[str, Any]) -> bool:
    if kept is None:
        return False
    try:
        return me in json.loads(Path(kept).read_text(encoding="utf-8")).values()
    except (OSError, ValueError):
        return False


def identity(pid: int) -> dict[str, object]:
    """What tells a process from a later one with its number: ticks from boot to its start, and which boot.

    Raises:
        OSError: there is no such process.
    """
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return {"started": int(fields[19]), "boot": boot}


def _become(launch: dict[str, Any], keeper: int) -> None:
    """In the child, before the command: drop root for ``user``, and die with the keeper."""
    if launch["user"]:
        _drop_root(*launch["user"])
    _call("prctl", _PR_SET_PDEATHSIG, launch["death_signal"], 0, 0, 0)
    if os.getppid() != keeper:
        os._exit(1)


def _drop_root(uid: int, gid: int, capability: int) -> None:
    """Become an ordinary user who may still walk into root's folders, which are closed to others."""
    _call("prctl", _PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    bit = 1 << capability
    _call("capset", struct.pack("Ii", _CAPABILITY_VERSION_3, 0), struct.pack("6I", bit, bit, bit, 0, 0, 0))
    _call("prctl", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability, 0, 0)


def _call(name: str, *args: object) -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*args) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _write(file: Path, document: dict[str, Any]) -> None:
    new = file.with_suffix(".new")
    new.write_text(json.dumps(document), encoding="utf-8")
    new.replace(file)


if __name__ == "__main__":
    sys.exit(main())
