"""Every step and every date of every bundled policy, on both sides."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from consumers.tukin.loader import read_policies
from consumers.tukin.policy import Book, Policy
from tests.rules.one import POLICIES, computed, policy_text

HERE = Path(__file__).parent
TIERS = yaml.safe_load((HERE / "tiers.yaml").read_text(encoding="utf-8"))
DATES = yaml.safe_load((HERE / "dates.yaml").read_text(encoding="utf-8"))
NAMES = sorted(path.stem for path in POLICIES.glob("[!_]*.yaml"))
DAY = "2025-09-01"


def policy_of(name):
    (policy,) = read_policies(policy_text(name), name)
    return policy


MAIN = [name for name in NAMES if isinstance(policy_of(name), Policy)]


def cut(name: str, *times: str) -> str:
    """What one Monday costs, in percent: the day's own cut or the item that it fed."""
    told = {"policy": name, "punches": [f"{DAY} {time}" for time in times], "away": [] if times else [DAY]}
    line = computed(told)
    shares = [next(day["cut_pct"] for day in line["days"] if day["date"] == DAY)]
    shares += [item["pct"] for item in line["month_items"]]
    return max(shares, key=float)


def test_no_policy_is_forgotten():
    assert sorted(TIERS) == MAIN
    assert sorted(DATES) == NAMES


@pytest.mark.parametrize("name", MAIN)
def test_steps(name):
    told = TIERS[name]
    assert {time: cut(name, time, "17:30:00") for time in told["late"]} == told["late"]
    assert {time: cut(name, "07:00:00", time) for time in told["early"]} == told["early"]
    assert cut(name, "16:00:00") == told["missing_in"]
    assert cut(name, "07:00:00") == told["missing_out"]
    assert cut(name) == told["absent"]


@pytest.mark.parametrize("name", MAIN)
def test_no_step_is_forgotten(name):
    """The table has the first second of each step and the last second before it."""
    policy, told = policy_of(name), TIERS[name]
    starts = [minutes for minutes, _ in policy.late.table.rows] if policy.late.table else [1]
    for minutes in starts:
        edge = datetime.fromisoformat(f"{DAY}T07:30:00") + timedelta(minutes=minutes)
        assert {edge.strftime("%H:%M:%S"), (edge - timedelta(seconds=1)).strftime("%H:%M:%S")} <= told["late"].keys()
    ends = [minutes for minutes, _ in policy.early.table.rows] if policy.early.table else [1]
    for minutes in ends:
        edge = datetime.fromisoformat(f"{DAY}T16:00:00") - timedelta(minutes=minutes)
        assert {edge.strftime("%H:%M:%S"), (edge + timedelta(seconds=1)).strftime("%H:%M:%S")} <= told["early"].keys()


@pytest.mark.parametrize("name", NAMES)
def test_dates(name):
    policy = policy_of(name)
    book = Book((policy,))
    for day, close, in_force in DATES[name]:
        of = book.main if isinstance(policy, Policy) else book.overlay
        found = of(date.fromisoformat(day), date.fromisoformat(close))
        assert (found is policy) is in_force, (day, close)


@pytest.mark.parametrize("name", NAMES)
def test_no_date_is_forgotten(name):
    policy = policy_of(name)
    days = {day for day, _, _ in DATES[name]}
    closes = {close for _, close, _ in DATES[name]}
    before = timedelta(days=1)
    edges = {policy.berlaku, policy.berlaku - before}
    if policy.sampai:
        edges |= {policy.sampai, policy.sampai + before}
    assert {edge.isoformat() for edge in edges} <= days
    assert {policy.diundangkan.isoformat(), (policy.diundangkan - before).isoformat()} <= closes
