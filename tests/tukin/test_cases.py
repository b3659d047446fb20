"""The published worked cases come out to the rupiah, and nothing in their folders is touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ops.tukin import case_document
from tests.tukin.judge import judged

CASES = sorted((Path(__file__).parent / "cases").iterdir())


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_a_worked_case_comes_out_whole(folder):
    got = case_document(folder)
    want = json.loads((folder / "statement.json").read_text(encoding="utf-8"))
    assert judged(got) == judged(want)
    assert json.loads(json.dumps(got)) == want  # traces, facts and order too
