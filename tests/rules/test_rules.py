"""The YAML cases beside this file: each names its rule, what is told, and what must come out."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.rules.one import computed

CASES = [
    case
    for path in sorted(Path(__file__).parent.glob("r*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("case", CASES, ids=[f"{case['rule']}: {case['name']}" for case in CASES])
def test_rule(case):
    got = computed({name: value for name, value in case.items() if name not in ("name", "rule", "expect")})
    want = case["expect"]
    days = {day["date"]: day for day in got["days"]}
    for day, wanted in want.get("days", {}).items():
        seen = days.get(str(day))
        assert seen is not None, f"no day {day}"
        assert {name: seen[name] for name in wanted} == wanted, day
    for name, value in want.get("line", {}).items():
        assert got[name] == value, name
    assert [f"{one['code']} {one['date']}" for one in got["errors"]] == want.get("errors", [])
    if "quarantine" in want:
        assert [f"{one['time']} {one['reason']}" for one in got["quarantine"]] == want["quarantine"]
    if "items" in want:
        assert [f"{one['kind']} {one['pct']}" for one in got["month_items"]] == want["items"]
