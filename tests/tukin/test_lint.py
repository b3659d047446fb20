"""Lint finds holes and wrong incentives, with a day that the engine itself judges so; RULES.md is current."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import consumers
from consumers.tukin.coverage import bundled, rendered
from consumers.tukin.lint import lint
from consumers.tukin.loader import read_policies
from tests.rules.one import computed, policy_text


def findings(name: str, **changes) -> dict[tuple[str, str], str]:
    (policy,) = yaml.safe_load(policy_text(name))
    (read,) = read_policies(yaml.safe_dump([{**policy, **changes}]), name)
    return {(one.kind, one.path): one.example for one in lint(read)}


def test_coming_late_and_leaving_unpunched_is_dearer_than_absence():
    example = findings("daerah4060")["incentive", "absent"]
    assert example == "Monday, in 09:01 (91 min late), no out punch: 3 %; absent: 1.5 %"
    told = {"policy": "daerah4060", "punches": ["2025-09-01 09:01:00"], "away": ["2025-09-02"]}
    days = {day["date"]: day["cut_pct"] for day in computed(told)["days"]}
    assert (days["2025-09-01"], days["2025-09-02"]) == ("3", "1.5")
    assert ("incentive", "absent") not in findings("daerah4060", absent="5")
    assert ("incentive", "absent") not in findings("daerah4060", cap_day="1.5")


def test_an_approved_excuse_dearer_than_none():
    found = findings("permentan68")
    assert found["incentive", "excuses.cuti_besar"] == "cuti_besar, 1 calendar days: 50 %; the same absent: 4 % a day"
    told = {"policy": "permentan68", "excuses": [{"kind": "cuti_besar", "date_from": "2025-09-01"}]}
    assert computed(told)["discipline_cut_rp"] == 2_100_000
    assert computed({"policy": "permentan68", "away": ["2025-09-01"]})["discipline_cut_rp"] == 168_000
    dear = {"izin": {"mode": "per_day", "count": "month", "table": [[1, "1"], [4, "6"]]}}
    assert findings("pusat2013", excuses=dear)["incentive", "excuses.izin"].startswith("izin, day 4: 6 %")


def test_not_punching_cheaper_than_punching_late():
    assert ("incentive", "missing_in") not in findings("pusat2013")
    assert "91 min late" in findings("pusat2013", missing_in="1")["incentive", "missing_in"]


def test_more_minutes_that_cost_less():
    found = findings("pusat2013", late={"tiers": [[1, "2"], [31, "1"]]})
    assert found["incentive", "late"] == "30 minutes: 2 %; 31 minutes: 1 %"


def test_holes():
    found = findings("pusat2013", status_factor={"PNS": "100"}, hari_khusus={"base": "total", "late": "25"})
    assert {("hole", "status_factor.CPNS"), ("hole", "hari_khusus.absent"), ("hole", "plt")} <= found.keys()
    assert ("hole", "early") in findings("daerah4060")
    assert ("hole", "skp.baik") not in findings("pusat2013", skp={})  # no performance part, so no predicate is asked
    assert ("hole", "skp.baik") in findings("daerah4060", skp={})


@pytest.mark.parametrize("policy", bundled(), ids=lambda one: one.id)
def test_every_bundled_policy_is_linted_with_examples(policy):
    assert all(one.example and one.message for one in lint(policy))


def test_rules_md_is_current():
    path = Path(consumers.__file__).parent / "RULES.md"
    assert path.read_text(encoding="utf-8") == rendered(bundled()), (
        "python -m consumers.tukin.coverage > consumers/RULES.md"
    )
