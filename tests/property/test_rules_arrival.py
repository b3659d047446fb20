"""The rules through the bus: whatever arrives first, late, three times or around a crash, the same hits and figures."""

from __future__ import annotations

import csv
import gzip
import json
import os
import random
from collections import defaultdict
from pathlib import Path

import pytest

from bus.engine import live_generation
from consumers import CHAIN
from consumers.chain.report import summed
from tests.oracle import mutations, rules
from tests.oracle.folders import KEYS, last_statements, rows_of_folder
from tests.property.simulator import Fate, process, simulate

SAMPLE = Path(__file__).parents[2] / "ops" / "demo" / "province"
SEEDS = int(os.environ.get("CHAOS_SEEDS", "0")) // 25 or 2
MANIFEST = {"tahun_anggaran": 2025, "as_of": "2025-12-31", "zona": "Asia/Makassar", "pulled": "2026-01-05"}


@pytest.fixture(scope="module")
def sample():
    return rows_of_folder(SAMPLE)


def write(folder, path: Path, layout) -> list[Path]:
    """Lay rows out as the files they came from."""
    path.mkdir(parents=True)
    (path / "manifest.json").write_text(json.dumps(MANIFEST), encoding="utf-8")
    for kind, rows in folder.items():
        if kind.startswith(("spse", "rup", "ecat")):
            (path / f"{kind}.json").write_text(json.dumps([with_all(layout, kind, row) for row in rows]))
            continue
        with (path / f"{kind}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, layout[kind])
            writer.writeheader()
            writer.writerows(with_all(layout, kind, row) for row in rows)
    return sorted(file for file in path.iterdir() if file.name != "manifest.json")


def with_all(layout, kind, row):
    return {name: row.get(name, "") for name in layout[kind]}


@pytest.fixture(scope="module")
def layout():
    """Columns of each file; a row read leaves empty ones out."""
    columns = defaultdict(list)
    for path in SAMPLE.iterdir():
        kind = path.name.split(".")[0]
        if kind in KEYS:
            columns[kind] = columns_of(path)
    return columns


def columns_of(path: Path) -> list[str]:
    text = gzip.decompress(path.read_bytes()).decode()
    return list(json.loads(text)[0]) if ".json" in path.name else next(csv.reader([text.splitlines()[0]]))


def told(home: Path):
    """Hits and figures as the live views hold them."""
    with process(home, Fate(random.Random(0), 0)) as parts, parts.store.read() as tx:
        generation = live_generation(parts, CHAIN)
        sql = "select body from view_row where generation = ? and view = ?"
        hits = defaultdict(list)
        for (body,) in tx.all(sql, generation, "integrity"):
            hit = json.loads(body)
            hits[hit["rule"]].append(hit["key"])
        assert tx.all("select message from dead_letter") == []
        figures = summed(json.loads(body) for (body,) in tx.all(sql, generation, "figures"))
    return {rule: sorted(keys) for rule, keys in hits.items()}, figures


@pytest.mark.chaos
@pytest.mark.parametrize("seed", range(SEEDS))
def test_any_arrival_gives_what_the_text_says(seed, sample, layout, tmp_path):
    rng = random.Random(seed)
    folder = {kind: rows for kind, rows in mutations.mutate(sample, seed, 30).items() if kind in KEYS}
    folder = {
        kind: [{k: v for k, v in row.items() if k in layout[kind]} for row in rows] for kind, rows in folder.items()
    }
    parts = [{kind: [] for kind in folder} for _ in range(rng.choice((2, 3, 5)))]
    for kind, rows in folder.items():
        for row in rows:
            for part in rng.sample(parts, rng.choice((1, 1, 1, 2))):
                part[kind].append(row)
    deliveries = []
    for number, part in enumerate(parts):
        files = write(part, tmp_path / f"part{number}", layout)
        rng.shuffle(files)
        deliveries.append(files)
    simulate(tmp_path / "home", deliveries, rng, crashes=rng.choice((0, 3)), source="auto")
    oracle = rules.Folder(last_statements(folder), mutations.ASOF, 2025)
    expected = oracle.check()
    hits, figures = told(tmp_path / "home")
    assert hits == expected
    assert figures == {"totals": oracle.totals(), "funnel": oracle.funnel(), "mak": oracle.mak_figures()}
