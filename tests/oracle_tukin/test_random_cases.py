"""On random cases the engine and the independent oracle give the same statement."""

from __future__ import annotations

import os

import pytest

from ops.tukin import case_document
from tests.oracle_tukin.oracle import statement
from tests.oracle_tukin.random_case import make_case
from tests.tukin.judge import judged

SEEDS = int(os.environ.get("TUKIN_SEEDS", "60"))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_engine_and_oracle_agree(seed, tmp_path):
    make_case(seed, tmp_path)
    assert judged(case_document(tmp_path)) == judged(statement(tmp_path))
