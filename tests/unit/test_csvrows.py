"""Rows of a CSV file: one bad row costs only itself, and says where it is."""

from __future__ import annotations

import io
import time

import pytest

from adapters.csvrows import CsvRow, Header, csv_rows
from adapters.jsonrows import MAX_ROW, BadRow

COLUMNS = ("id", "nama", "nilai")
HEAD = b"id,nama,nilai\n"


class Blocks:
    """A file that comes in blocks of some size."""

    def __init__(self, data: bytes, size: int) -> None:
        self._file = io.BytesIO(data)
        self._size = size

    def read(self, size: int, /) -> bytes:
        return self._file.read(min(size, self._size))


def read(data: bytes, size: int = 1 << 20):
    return list(csv_rows(Blocks(data, size), COLUMNS))


def cells(data: bytes):
    header, *rows = read(data)
    assert isinstance(header, Header)
    return [row.cells if isinstance(row, CsvRow) else row.reason for row in rows]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", []),
        (b"1,a,2\n", [["1", "a", "2"]]),
        (b"1,a,2", [["1", "a", "2"]]),
        (b"1,a,2\r\n\r\n3,,\r\n", [["1", "a", "2"], ["3", "", ""]]),
        (b'1,"a, b",2\n', [["1", "a, b", "2"]]),
        (b'1,"a ""b""",2\n', [["1", 'a "b"', "2"]]),
        (b'1,12" besi,2\n', [["1", '12" besi', "2"]]),
        (b'1,"a\nb",2\n3,c,4\n', [["1", "a\nb", "2"], ["3", "c", "4"]]),
        (b'1,"a\n\nb",2\n', [["1", "a\n\nb", "2"]]),
        ("1,Café,2\n".encode(), [["1", "Café", "2"]]),
        (b"1, a ,2\n", [["1", " a ", "2"]]),
        # One bad row, its neighbours kept.
        (b"1,a,2\n3,b\n5,c,6\n", [["1", "a", "2"], "wrong_columns", ["5", "c", "6"]]),
        (b"1,a,2,x\n5,c,6\n", ["wrong_columns", ["5", "c", "6"]]),
        (b'1,"a,2\n3,b,4\n5,c,6\n', ["bad_csv", ["3", "b", "4"], ["5", "c", "6"]]),
        (b'1,"a,2\n3,"b",4\n', ["bad_csv", ["3", "b", "4"]]),
        (b'1,"a"x,2\n3,b,4\n', ["bad_csv", ["3", "b", "4"]]),
        (b"1,Caf\xe9,2\n3,b,4\n", ["wrong_encoding", ["3", "b", "4"]]),
        (b"1,a\0b,2\n3,b,4\n", ["nul_byte", ["3", "b", "4"]]),
        (b"1," + b"x" * MAX_ROW + b",2\n3,b,4\n", ["oversize", ["3", "b", "4"]]),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_rows_and_their_neighbours(body, expected, size):
    if size < 1000 < len(body):
        return
    header, *rows = read(HEAD + body, size)
    assert isinstance(header, Header)
    assert [row.cells if isinstance(row, CsvRow) else row.reason for row in rows] == expected
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))


@pytest.mark.parametrize(
    ("row", "named"),
    [
        (b"1\n", "before nama"),
        (b"1,a,2,3\n", "behind nilai"),
        (b"1,Caf\xe9,2\n", "nama holds"),
        (b"1,a,2\0\n", "nilai holds"),
        (b'1,"a,2\n', "quotes of nama"),
    ],
)
def test_a_bad_row_names_its_column(row, named):
    bad = read(HEAD + row + b"9,z,9\n")[1]
    assert isinstance(bad, BadRow)
    assert named in bad.why
    assert not bad.damaged


@pytest.mark.parametrize(("end", "column"), [(b"3,b", "nama"), (b"3", "id"), (b'3,"b', "nama")])
def test_a_file_that_breaks_off_is_damaged_and_its_rows_before_are_read(end, column):
    rows = read(HEAD + b"1,a,2\n" + end)
    assert isinstance(rows[1], CsvRow)
    assert (rows[2].reason, rows[2].damaged) == ("truncated", True)
    assert column in rows[2].why


@pytest.mark.parametrize("cell", [b'"a', b'"a" b', b'"a ""'])
def test_reading_stays_linear_where_every_row_is_bad(cell):
    def seconds(number: int) -> float:
        began = time.process_time()
        assert cells(HEAD + (b"1," + cell + b",2\n") * number) == ["bad_csv"] * number
        return time.process_time() - began

    # Quadratic work would be 16 times as much; the least of three, since whatever else runs here only adds.
    least = {number: min(seconds(number) for _ in range(3)) for number in (2000, 8000)}
    assert least[8000] < 12 * max(least[2000], 0.02)


@pytest.mark.parametrize("separator", [b",", b";", b"\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_the_header_tells_the_separator(mark, separator):
    data = mark + (HEAD + b"1,a,2\n").replace(b",", separator)
    assert cells(data) == [["1", "a", "2"]]


def test_a_comma_within_a_cell_is_no_separator_of_a_semicolon_file():
    assert cells(b"id;nama;nilai\n1;a, b;2,5\n") == [["1", "a, b", "2,5"]]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty_file"),
        ("id,nama,nilai\n".encode("utf-16"), "wrong_encoding"),
        ("id,nama,nilai\n".encode("utf-16-le"), "wrong_encoding"),
        (b"id,n\xe9,nilai\n", "wrong_encoding"),
    ],
)
def test_what_is_no_csv_is_one_damage(data, reason):
    [bad] = read(data)
    assert (bad.reason, bad.damaged, bad.number) == (reason, True, 0)
