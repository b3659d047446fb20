"""Cells of a workbook: the text that a CSV export would hold, or a row that says what the spreadsheet spoilt."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from decimal import Decimal

import pytest
from openpyxl import Workbook

from adapters.csvrows import CsvRow, Header
from adapters.jsonrows import BadRow
from adapters.layout import layout
from adapters.xlsxrows import xlsx_rows
from tests.province import as_xlsx

COLUMNS = layout("k", "SpdIssued", "s", "id nip:digits nilai:m persen:p jumlah:n tanggal:d sk:D waktu:t").by_name
NAMES = list(COLUMNS)


def book(*rows, formats=()):
    made = Workbook()
    sheet = made.active
    sheet.append(NAMES)
    for row in rows:
        sheet.append(row)
    for place, form in formats:
        sheet[place].number_format = form
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def read(data: bytes):
    header, *rows = xlsx_rows(io.BytesIO(data), COLUMNS)
    assert isinstance(header, Header)
    return rows


def cell(column: str, value: object, form: str | None = None) -> str:
    row = [None] * len(NAMES)
    place = NAMES.index(column)
    row[place] = value
    row[0] = row[0] if place == 0 else "x"
    formats = [(f"{chr(65 + place)}2", form)] if form else []
    [found] = read(book(row, formats=formats))
    if isinstance(found, BadRow):
        return f"{found.reason}: {found.why}"
    return found.cells[place]


@pytest.mark.parametrize(
    ("column", "value", "form", "text"),
    [
        ("id", "00123", None, "00123"),
        ("id", 53613698, None, "53613698"),
        ("id", 53613698.0, None, "53613698"),
        ("id", 123, "00000", "00123"),
        ("id", True, None, "true"),
        ("nilai", 1250000, None, "1250000.00"),
        ("nilai", 999995334.78, None, "999995334.78"),
        ("nilai", "1250000.00", None, "1250000.00"),
        ("nilai", Decimal("0.1"), None, "0.10"),
        ("nilai", 0.1 + 0.2, None, "0.30"),
        ("nilai", 1.005, None, "1.005"),
        ("persen", 37.5, None, "37.50"),
        ("persen", 0.375, "0.00%", "37.50"),
        ("id", 0.97, "0%", "97%"),
        ("jumlah", 3.0, None, "3"),
        ("tanggal", datetime.fromisoformat("2025-03-01"), None, "2025-03-01"),
        ("tanggal", date(2025, 3, 1), None, "2025-03-01"),
        ("sk", date(2025, 3, 1), None, "01-03-2025"),
        ("waktu", datetime.fromisoformat("2025-03-01 09:00:05"), None, "2025-03-01 09:00:05"),
        ("waktu", "2025-03-01 09:00:00", None, "2025-03-01 09:00:00"),
        ("nip", "190002021920012001", None, "190002021920012001"),
    ],
)
def test_a_cell_is_the_text_of_its_column(column, value, form, text):
    assert cell(column, value, form) == text


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("nip", 190002021920012001, "nip is a number that the spreadsheet has rounded"),
        ("nilai", "=1+1", "nilai is a formula without a saved value"),
        ("id", "#REF!", 'id holds the error "#AAA!"'),
    ],
)
def test_what_a_spreadsheet_spoilt_is_no_value(column, value, said):
    assert said in cell(column, value)


def test_a_saved_formula_is_its_value():
    data = book(["x", "1", "=1+1"])
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    [row] = read(out.getvalue())
    assert isinstance(row, CsvRow)
    assert row.cells[2] == "2.00"


def test_empty_rows_are_no_rows_and_a_cell_outside_the_table_is_a_bad_one():
    rows = read(book(["1"], [None], ["2", *[None] * len(NAMES), "catatan"], ["3"]))
    assert [row.reason if isinstance(row, BadRow) else row.cells[0] for row in rows] == ["1", "wrong_columns", "3"]


def test_the_first_sheet_that_is_not_empty_counts():
    made = Workbook()
    made.create_sheet("data").append(NAMES)
    out = io.BytesIO()
    made.save(out)
    assert read(out.getvalue()) == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04 no archive", "bad_xlsx"),
        (as_xlsx(NAMES, [["1"]])[:-40], "bad_xlsx"),
        (as_xlsx([], []), "empty_file"),
    ],
)
def test_what_is_no_workbook_is_one_damage(data, reason):
    [bad] = xlsx_rows(io.BytesIO(data), COLUMNS)
    assert isinstance(bad, BadRow)
    assert (bad.reason, bad.damaged) == (reason, True)


def test_a_workbook_that_unpacks_to_gigabytes_is_not_unpacked():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed, packed.open("xl/bomb.xml", "w") as part:
        for _ in range(600):
            part.write(bytes(1 << 20))
    [bad] = xlsx_rows(io.BytesIO(out.getvalue()), COLUMNS)
    assert isinstance(bad, BadRow)
    assert (bad.reason, bad.damaged) == ("oversize", True)
