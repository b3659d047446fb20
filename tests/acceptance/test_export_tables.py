"""``grms export views``: CSV tables of the synthetic province, and the dictionary that describes each column."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import re
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from consumers import CONSUMERS
from ops.tables import WITHHELD, tables
from tests.acceptance.cli import Grms

SAMPLE = Path(__file__).parents[2] / "ops" / "demo" / "province"
DESCRIBING = {"dictionary.csv", "codes.csv"}


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    grms = Grms(tmp_path_factory.mktemp("tables") / "home")
    grms.ingest(SAMPLE, source="auto")
    grms.run()
    folder = tmp_path_factory.mktemp("out")
    return grms, folder, grms.json("export", "views", "--out", folder)


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def bodies(folder, view):
    return [json.loads(line) for line in (folder / f"{view}.jsonl").read_text(encoding="utf-8").splitlines()]


def test_every_column_of_every_table_is_in_the_dictionary_and_the_reverse(exported):
    _, folder, _ = exported
    described = defaultdict(list)
    for row in read(folder / "dictionary.csv"):
        described[f"{row['table']}.csv"].append(row["column"])
    found = {}
    for path in folder.glob("*.csv"):
        if path.name not in DESCRIBING:
            with path.open(encoding="utf-8", newline="") as file:
                found[path.name] = next(csv.reader(file))
    assert found == described


def test_every_view_is_a_table_or_withheld_for_a_reason():
    """A new view goes into ops/tables/tables.csv and dictionary.csv, or into WITHHELD."""
    made = {table.view for table in tables()}
    assert made.isdisjoint(WITHHELD)
    assert made | WITHHELD.keys() == {view for consumer in CONSUMERS.values() for view in consumer.views}


def leaves(value, path=""):
    """Paths of a body as the declared tables write them: a list of objects or lists is gone through."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from leaves(part, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value and isinstance(value[0], dict | list):
        for item in value:
            yield from leaves(item, path)
    elif isinstance(value, list) and path.split(".")[0] in {"totals", "funnel", "clean", "repaired", "unresolved"}:
        for place in range(len(value)):
            yield f"{path}.{place}"
    else:
        yield path


@pytest.mark.parametrize("view", sorted({table.view for table in tables()}))
def test_nothing_of_a_view_is_left_out(exported, view):
    _, folder, _ = exported
    declared = set()
    for table in tables():
        if table.view == view:
            prefix = f"{table.each}." if table.each else ""
            declared |= {f"{prefix}{column.path}" for column in table.columns if column.path[0] != "^"}
    branches = {path.rsplit(".", count)[0] for path in declared for count in range(1, path.count(".") + 1)}
    stated = {path for body in bodies(folder, view) for path in leaves(body)}
    assert stated - declared - branches == set()


def test_cells_are_of_their_type_and_codes_of_their_list(exported):
    _, folder, _ = exported
    lists = defaultdict(set)
    for row in read(folder / "codes.csv"):
        assert row["meaning"]
        lists[row["list"]].add(row["code"])
    shapes = {"integer": r"\d+", "decimal": r"-?\d+(\.\d+)?", "boolean": "true|false"}
    for column in read(folder / "dictionary.csv"):
        assert column["meaning"]
        assert column["source"]
        assert column["classification"] in {"public", "internal"}
        assert (column["type"] == "code") == bool(column["codes"])
        assert column["unit"] == "rupiah" if column["column"].endswith("_rp") else column["unit"] != "rupiah"
        cells = {row[column["column"]] for row in read(folder / f"{column['table']}.csv")} - {""}
        shape = shapes.get(column["type"])
        if shape:
            assert [cell for cell in cells if not re.fullmatch(shape, cell)] == []
        if column["codes"]:
            known = lists[column["codes"]]
            assert known == {"*"} or cells <= known, column


def test_sums_of_tables_are_those_of_the_report(exported):
    grms, folder, _ = exported
    report = grms.report()
    sums, counts = defaultdict(Decimal), defaultdict(int)
    for row in read(folder / "figures_totals.csv"):
        sums[row["unit"], row["name"]] += Decimal(row["amount_rp"])
    for row in read(folder / "figures_funnel.csv"):
        counts[row["name"]] += int(row["count"])
    told = {(unit, name): Decimal(text) for unit, names in report["totals"].items() for name, text in names.items()}
    assert {key: value for key, value in told.items() if value} == {key: value for key, value in sums.items() if value}
    assert counts == {name: count for name, count in report["funnel"].items() if count}
    contracts = read(folder / "package_contracts.csv")
    for name, column in (("contracts", "value_rp"), ("paid", "paid_rp")):
        total = sum(value for (_, figure), value in told.items() if figure == name)
        assert sum(Decimal(row[column]) for row in contracts) == total


def test_the_index_tells_rows_digest_and_clock_of_each_table(exported):
    _, folder, told = exported
    assert json.loads((folder / "index.json").read_text(encoding="utf-8")) == told
    for table in told["tables"]:
        path = folder / table["file"]
        assert len(read(path)) == table["rows"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == table["sha256"]
        assert table["as_known_at"]
        assert table["title"]
    assert set(told["described_in"]) == DESCRIBING


def test_tables_name_no_person(exported):
    """NIPs, names, tax numbers and accounts of the sources are in no table, though keys of hits hold NIPs."""
    _, folder, _ = exported
    text = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.csv"))
    named = set()
    for path in SAMPLE.glob("*.csv.gz"):
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            file.seek(0)
            for row in csv.DictReader(file, delimiter=";" if head.count(";") > head.count(",") else ","):
                named |= {(row.get(column) or "").strip() for column in ("nip", "nipBaru", "nama", "npwpPenerimaSpp")}
    named = {value for value in named if len(value) > 9}
    assert len(named) > 20
    assert {value for value in named if value in text} == set()
    assert any(value in (folder / "integrity.jsonl").read_text(encoding="utf-8") for value in named)


def test_no_cell_is_a_formula_and_no_number_is_spoilt():
    plan = next(table for table in tables() if table.table == "plan")
    body = {"id": "X:1", "kind": "unit", "name": '=HYPERLINK("http://x")', "code": "@a", "amount": "-5.00"}
    cells = dict(zip((column.column for column in plan.columns), next(plan.rows(body)), strict=True))
    assert (cells["name"], cells["code"], cells["amount_rp"]) == ('\'=HYPERLINK("http://x")', "'@a", "-5.00")
