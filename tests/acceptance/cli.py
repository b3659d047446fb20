"""The command line as an outsider calls it: a subprocess, an exit code, one JSON document."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tests.acceptance import prefork

# Not named GRMS_…: a setting the product does not know must make it fail.
OTHER = os.environ.get("CLI_UNDER_TEST")
PROGRAM = Path(OTHER or Path(sys.executable).parent / "grms")
OBSERVED_AT = "2025-10-03T00:00:00+07:00"
TIMEOUT_S = 300
BUG = 70


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    exit: int
    stdout: str
    stderr: str

    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.stdout)


@dataclass(frozen=True)
class Grms:
    """One home and the commands on it."""

    home: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    def start(self, *args: object) -> subprocess.Popen[bytes]:
        """Start a command in a process group of its own."""
        return subprocess.Popen(
            [PROGRAM, *self._args(args)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._env(),
            start_new_session=True,
        )

    def _args(self, args: Iterable[object]) -> list[str]:
        return [*map(str, args), "--home", str(self.home), "--json"]

    def _env(self) -> dict[str, str]:
        inherited = {name: text for name, text in os.environ.items() if not name.startswith("GRMS_")}
        return {**inherited, **self.settings}

    def call(self, *args: object) -> Answer:
        """Run a command to its end, whatever that is; it never ends in a bug of ours."""
        answer = finish(self.start(*args)) if OTHER else self._forked(args)
        assert answer.exit != BUG, answer
        assert "Traceback" not in answer.stderr, answer.stderr
        if answer.stdout.strip():
            answer.document()
        return answer

    def _forked(self, args: Iterable[object]) -> Answer:
        code, stdout, stderr = prefork.called(self._args(args), self._env(), TIMEOUT_S)
        return Answer(code, stdout.decode(), stderr.decode(errors="replace"))

    def json(self, *args: object, exits: Iterable[int] = (0,)) -> Any:
        """The document of a command that ends as expected."""
        answer = self.call(*args)
        assert answer.exit in set(exits), (args, answer)
        return answer.document()

    def ingest(self, *paths: object, source: str = "isb", exits: Iterable[int] = (0,)) -> Any:
        """The report of an ingest; its counts always add up."""
        report = self.json("ingest", source, *paths, exits=exits)
        assert report["read"] == report["published"] + report["unchanged"] + report["rejected"], report
        for total in ("published", "unchanged", "rejected"):
            assert report[total] == sum(file[total] for file in report["files"]), total
        return report

    def run(self, *args: object, exits: Iterable[int] = (0,)) -> Any:
        return self.json("run", "--until-caught-up", *args, exits=exits)

    def hash(self) -> dict[str, str]:
        """The hash of every view."""
        hashes: dict[str, str] = self.json("view", "hash")
        assert hashes, "no views"
        return hashes

    def report(self, *args: object, exits: Iterable[int] = (0, 1)) -> Any:
        return self.json("chain", "report", *args, exits=exits)

    def measures(self, *args: object) -> dict[str, int]:
        measures: dict[str, int] = self.report(*args)["measures"]
        return measures

    def letters(self) -> list[dict[str, Any]]:
        """The open dead letters."""
        listed = self.json("dlq", "list")
        assert listed["total"] == len(listed["items"]) == sum(listed["by_reason"].values())
        items: list[dict[str, Any]] = listed["items"]
        return items

    def read(self, folder: Path) -> Grms:
        """Ingest a folder and bring the views up to date, whatever is wrong with its rows."""
        self.ingest(folder, "--observed-at", OBSERVED_AT, exits=(0, 1))
        self.run(exits=(0, 1))
        return self

    def killed(self, *args: object, rng: Random, rounds: int, longest_s: float) -> Answer:
        """Run a command again and again, killed at random moments, then once to its end."""
        for _ in range(rounds):
            self.killed_once(*args, rng=rng, longest_s=longest_s)
        answer = self.call(*args)
        assert answer.exit in {0, 1}, answer
        return answer

    def killed_once(self, *args: object, rng: Random, longest_s: float) -> None:
        """Start a command and kill it, with all it started, at a random moment."""
        process = self.start(*args)
        time.sleep(rng.uniform(0.02, longest_s))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def finish(process: subprocess.Popen[bytes]) -> Answer:
    """Wait for a command; kill it when it hangs."""
    try:
        stdout, stderr = process.communicate(timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    return Answer(process.returncode, stdout.decode(), stderr.decode(errors="replace"))


def only(measures: Mapping[str, int], names: Iterable[str]) -> dict[str, int | None]:
    """The named measures; one that is missing shows as None."""
    return {name: measures.get(name) for name in names}
