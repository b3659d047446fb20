"""Files of the stack: written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["put"]


def put(file: Path, text: str, mode: int = 0o600) -> None:
    """Write a file in one step, on disk when this returns; nobody reads it with wider rights in between."""
    new = file.with_name(f".{file.name}.new")
    new.unlink(missing_ok=True)
    number = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with open(number, "w", encoding="utf-8") as written:  # noqa: PTH123 - a descriptor
        written.write(text)
        written.flush()
        os.fsync(number)
    new.replace(file)
