"""What still runs for a folder."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path


def of(folder: Path) -> dict[int, str]:
    """Processes that name the folder in their command, or work in it: pid → command."""
    return dict(_of(str(folder)))


def _of(folder: str) -> Iterator[tuple[int, str]]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            place = str((process / "cwd").readlink())
        except OSError:
            continue  # it ended, or it is the kernel's
        if folder in command or f"{place}/".startswith(f"{folder}/"):
            yield int(process.name), command


def gone(folder: Path, wait_s: float = 30) -> dict[int, str]:
    """What still runs for the folder after a while: nothing, if all is well."""
    end = time.monotonic() + wait_s
    while (left := of(folder)) and time.monotonic() < end:
        time.sleep(0.05)
    return left
