"""Attendance files of devices: three layouts, and lines that are no punches."""

from __future__ import annotations

import json

import pytest

from tests.acceptance.cli import OBSERVED_AT

AT = ("--observed-at", OBSERVED_AT)
DEVICE = ("--device", "SN-0001")
LINES = 20
LAYOUTS = {
    "six columns": "{pin:>9}\t2025-10-01 07:{minute:02}:15\t1\t0\t1\t0",
    "five columns": "{pin}\t2025-10-01 07:{minute:02}:15\t1\t0\t0",
    "with a name": "{pin}\tPEGAWAI {pin}\t2025-10-01 07:{minute:02}:15\t1\t0",
}
BAD_LINES = {
    "words": b"this is no punch",
    "no such day": b"12\t2025-13-45 07:00:00\t1\t0\t0",
    "no PIN": b"\t2025-10-01 07:00:00\t1\t0\t0",
    "no time": b"12\t\t1\t0\t0",
    "torn": b"12\t2025-10-0",
    "NUL byte": b"12\0\t2025-10-01 07:00:00\t1\t0\t0",
    "only NUL bytes": b"\0" * 40,
    "byte of another encoding": b"12\tJOS\xc9\t2025-10-01 07:00:00\t1\t0",
    "10 MB": b"12\t" + b"x" * 10_000_000 + b"\t2025-10-01 07:00:00\t1\t0",
}


def lines(layout: str) -> list[bytes]:
    return [LAYOUTS[layout].format(pin=100 + n, minute=n).encode() for n in range(LINES)]


@pytest.fixture
def read(grms, tmp_path):
    def ingest(held: list[bytes], *, end: bytes = b"\n", exits: tuple[int, ...] = (0,), source: str = "absensi"):
        path = tmp_path / "1_attlog.dat"
        path.write_bytes(end.join(held) + end)
        return grms.ingest(path, *AT, *DEVICE, source=source, exits=exits)

    return ingest


@pytest.mark.parametrize("source", ["absensi", "auto"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_gives_a_punch_a_line(layout, source, read, grms):
    report = read(lines(layout), source=source)
    assert (report["read"], report["published"], report["events"]) == (LINES, LINES, LINES)
    assert report["files"][0]["source"] == "absensi"
    assert grms.run()["dead_letters"] == 0


@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_order_repetition_and_line_ends_change_nothing(end, read, grms, new_home, tmp_path):
    held = lines("five columns")
    read(held)
    assert read([*reversed(held), *held], end=end)["events"] == 0
    grms.run()
    other = new_home("other")
    path = tmp_path / "attlog.dat"
    path.write_bytes(b"\n".join(reversed(held)))
    other.ingest(path, *AT, *DEVICE, source="absensi")
    other.run()
    assert other.hash() == grms.hash()


def test_a_device_resends_everything_later(read, grms, tmp_path):
    held = lines("six columns")
    read(held)
    path = tmp_path / "attlog.dat"
    path.write_bytes(b"\n".join(held) + b"\n")
    later = grms.ingest(path, "--observed-at", "2025-10-09T08:00:00+08:00", *DEVICE, source="absensi")
    assert (later["events"], later["published"], later["unchanged"]) == (0, 0, LINES)


@pytest.mark.parametrize("name", BAD_LINES)
def test_one_bad_line(name, read, grms):
    held = lines("with a name" if "encoding" in name else "five columns")
    report = read([*held[:7], BAD_LINES[name], *held[7:]], exits=(1,))
    assert (report["read"], report["published"], report["rejected"]) == (LINES + 1, LINES, 1)
    [letter] = grms.letters()
    assert letter["reason"].strip()
    assert letter["source"] == "absensi"
    where = json.dumps(letter["where"])
    assert "1_attlog.dat" in where
    assert any(number in where.replace("1_attlog", "") for number in ("7", "8"))
    assert grms.json("dlq", "show", letter["id"])


def test_json_under_this_name(read, grms):
    report = read([b'[{"kd_nontender": 1}]'], exits=(1,))
    assert report["published"] == 0
    assert len(grms.letters()) == report["rejected"] > 0
