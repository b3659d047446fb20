"""The README tells what the demo prints."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.cli import PROGRAM

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture
def printed(tmp_path):
    done = subprocess.run([PROGRAM, "demo", "--home", str(tmp_path / "home")], capture_output=True, check=True)
    return done.stdout.decode().replace(str(PROGRAM), ".venv/bin/grms").replace(str(tmp_path / "home"), ".grms")


def test_the_transcript_is_what_the_demo_prints(printed):
    told = re.search(r"```\n(\d[\d,]+ rows of 18 files.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert told is not None
    # Seconds and the as-of time differ from run to run.
    assert told[1].splitlines()[2:] == printed.splitlines()[2:]
    assert told[1].split(" new events")[0] == printed.split(" new events")[0]
