"""Order, repetition, the split into files and the moment of knowing change nothing but adjustments."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ops.tukin import case_document
from tests.oracle_tukin.random_case import make_case
from tests.tukin.judge import judged

SEEDS = range(500, 515)


def shuffled(path: Path, rng: random.Random, *, copies: int) -> None:
    """Reorder the lines below a CSV's header, or all lines of a .dat, each given some times."""
    lines = path.read_text(encoding="utf-8").splitlines()
    head = lines[:1] if path.suffix == ".csv" else []
    rest = lines[len(head) :] * copies
    rng.shuffle(rest)
    path.write_text("\n".join([*head, *rest]) + "\n", encoding="utf-8")


@pytest.mark.parametrize("seed", SEEDS)
def test_rows_may_come_in_any_order_and_punches_three_times(seed, tmp_path):
    make_case(seed, tmp_path)
    before = judged(case_document(tmp_path))
    rng = random.Random(seed)
    for path in sorted(tmp_path.rglob("*")):
        if path.suffix in (".csv", ".dat"):
            shuffled(path, rng, copies=3 if path.stem == "punches" else 1)
    assert judged(case_document(tmp_path)) == before


@pytest.mark.parametrize("seed", SEEDS)
def test_punches_may_be_split_over_both_kinds_of_file(seed, tmp_path):
    make_case(seed, tmp_path)
    before = judged(case_document(tmp_path))
    dat, table = tmp_path / "punches.dat", tmp_path / "punches.csv"
    lines = dat.read_text(encoding="utf-8").splitlines()
    whole = [line for line in lines if line.count("\t") == 5 and line.split("\t")[0].strip()]
    moved = whole[::2]
    dat.write_text("\n".join([line for line in lines if line not in moved]) + "\n", encoding="utf-8")
    rows = table.read_text(encoding="utf-8").splitlines() if table.exists() else ["device,pin,time"]
    for line in moved:
        pin, time, device, *_ = line.split("\t")
        if "-30 " not in time and time.count(":") > 1:  # a bad row shows its own line, which would change
            rows.append(f"{device},{pin.strip()},{time}")
        else:
            dat.write_text(dat.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert judged(case_document(tmp_path)) == before


def earned_and_due(document: dict) -> dict[str, int]:
    """By NIP: all that was paid over the months, and what is still to be taken at the end."""
    sums: dict[str, int] = {}
    for month in document["months"]:
        for line in month["employees"]:
            if not line["errors"]:
                sums[line["nip"]] = sums.get(line["nip"], 0) + line["paid_rp"]
    for line in document["months"][-1]["employees"]:
        sums[line["nip"]] += line["carry_rp"]
    return sums


@pytest.mark.parametrize("table", ["pins", "excuses", "punches.dat"])
def test_facts_known_late_pay_the_same_in_the_end(table, tmp_path):
    """What is known a month late comes as an adjustment; the sum over all months is the same."""
    source = Path(__file__).parent / "cases" / "03-susulan"
    here, late = tmp_path / "a", tmp_path / "b"
    for folder in (here, late):
        folder.mkdir()
        for path in source.iterdir():
            if path.is_file() and path.name != "statement.json":
                (folder / path.name).write_bytes(path.read_bytes())
        for path in (source / "late").rglob("*.csv"):
            if path.stem in ("class_amounts", "pins"):
                _append(folder / path.name, path)
    name = table if "." in table else f"{table}.csv"
    (late / "late" / "2025-10").mkdir(parents=True)
    if table == "excuses":
        for place in (here, late / "late" / "2025-10"):
            (place / name).write_text(
                "id,nip,kind,part,date_from,date_to,time,reason,status\n"
                "X1,990003000000000002,DL,,2025-09-10,2025-09-11,,,approved\n",
                encoding="utf-8",
            )
    else:
        (late / name).rename(late / "late" / "2025-10" / name)
    first, second = case_document(here), case_document(late)
    assert earned_and_due(first) == earned_and_due(second)
    assert judged(first) != judged(second)


def _append(path: Path, more: Path) -> None:
    added = more.read_text(encoding="utf-8").split("\n", 1)[1]
    path.write_text(path.read_text(encoding="utf-8") + added, encoding="utf-8")
