"""A procurement export that lost, renamed or gained a column: refused or told, never silently poorer."""

from __future__ import annotations

import gzip
import io
import json

import pytest

from adapters.isb import LAYOUTS, read_file
from adapters.isb.filled import FILLED
from bus.intake import Rejected
from tests.province import FOLDER, GIVEN, WITA


def export(kind):
    return json.loads(gzip.decompress((FOLDER / f"{kind}.json.gz").read_bytes()), parse_float=str)


def read(kind, rows, notices=None):
    data = io.BytesIO(json.dumps(rows).encode())
    tell = [].append if notices is None else notices.append
    return list(read_file(data, file=f"{kind}.json", kind=kind, zone=WITA, observed=GIVEN, tell=tell))


def without(row, column, new=None):
    return {new if name == column else name: value for name, value in row.items() if new or name != column}


@pytest.mark.parametrize("kind", LAYOUTS)
def test_a_file_that_lost_or_renamed_a_column_is_refused_with_its_name(kind):
    rows = export(kind)[:10]
    for column in FILLED[kind]:
        for new in (None, f"{column}_baru"):
            [refused] = read(kind, [without(row, column, new) for row in rows])
            assert isinstance(refused, Rejected)
            assert (refused.reason, refused.damaged) == ("wrong_layout", True)
            assert column in refused.message
            assert new is None or new in refused.message


@pytest.mark.parametrize("kind", LAYOUTS)
def test_a_column_that_some_rows_have_is_not_gone(kind):
    rows = export(kind)[:10]
    for column in FILLED[kind] - {part.rpartition(":")[2] for part in LAYOUTS[kind].key} - {*LAYOUTS[kind].marks}:
        items = read(kind, [without(row, column) if number else row for number, row in enumerate(rows)])
        assert len(items) == len(rows)
        assert not [item for item in items if isinstance(item, Rejected)]


@pytest.mark.parametrize("kind", LAYOUTS)
def test_a_new_column_is_kept_and_told(kind):
    notices: list[str] = []
    items = read(kind, [{**row, "kolom_baru": "isi"} for row in export(kind)], notices)
    assert {item.content["kolom_baru"] for item in items} == {"isi"}
    assert len(notices) == 1
    assert "kolom_baru" in notices[0]


@pytest.mark.parametrize("kind", LAYOUTS)
def test_the_province_s_own_files_tell_nothing(kind):
    notices: list[str] = []
    assert not [item for item in read(kind, export(kind), notices) if isinstance(item, Rejected)]
    assert notices == []
