"""Lines of attendance devices' files, in each of their layouts, become punches or say what is wrong."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from adapters import SOURCES, kind_of
from adapters.absensi import read_file, read_original
from adapters.jsonrows import MAX_ROW
from bus.intake import Rejected, Stated

WITA = ZoneInfo("Asia/Makassar")
GIVEN = "2025-10-01T00:00:00.000Z"
DEVICE = "AEYU201260099"
FIVE = "1001\t2025-07-03 07:29:58\t1\t0\t0"
MORNING = int(datetime(2025, 7, 2, 23, 29, 58, tzinfo=UTC).timestamp()) * 1000
KEY = "1001|2025-07-02T23:29:58Z"


def items(data: str | bytes, device: str | None = DEVICE, zone: ZoneInfo = WITA) -> list[Stated | Rejected]:
    stream = io.BytesIO(data.encode() if isinstance(data, str) else data)
    return list(read_file(stream, file="1_attlog.dat", zone=zone, observed=GIVEN, device=device))


def read(data: str | bytes, device: str | None = DEVICE, zone: ZoneInfo = WITA) -> Stated | Rejected:
    """What becomes of a file with one punch."""
    [item] = items(data, device, zone)
    return item


def test_a_punch_is_a_statement_about_device_pin_and_time():
    stated = read(FIVE)
    assert (stated.event, stated.version, stated.unit) == ("AttendancePunched", "", None)
    assert (stated.key, stated.event_ms) == (f"{DEVICE}|{KEY}", MORNING)
    assert (stated.observed, stated.place, stated.original) == (GIVEN, "row 1", FIVE.encode())


@pytest.mark.parametrize(
    ("line", "content"),
    [
        (FIVE, {"device_column": "1", "status": "0", "verify": "0"}),
        (FIVE + "\t7", {"device_column": "1", "status": "0", "verify": "0", "workcode": "7"}),
        ("1001\tSITI A.\t2025-07-03 07:29:58\t1\t0", {"name": "SITI A.", "device_column": "1", "status": "0"}),
        ("1001,2025-07-03 07:29:58,1,4,15", {"device_column": "1", "status": "4", "verify": "15"}),
        ("PIN,Time,Status\n1001,2025-07-03 07:29:58,1", {"status": "1"}),
        ("Nama;Waktu;PIN\nSITI A.;2025-07-03 07:29:58;1001", {"name": "SITI A."}),
        ("id\tname\ttime\tverified\tsuhu\n1001\t\t2025-07-03 07:29:58\t1\t36.5", {"verify": "1", "suhu": "36.5"}),
        (
            "deviceTime;userId;recordTime;recordStatus;recordPunch\n2025-07-03 07:29:58;1001;x;0;1",
            {"recordTime": "x", "verify": "0", "status": "1"},
        ),
    ],
)
def test_every_layout_is_the_same_punch_with_its_own_columns(line, content):
    stated = read(line)
    assert (stated.key, stated.event_ms) == (f"{DEVICE}|{KEY}", MORNING)
    assert stated.content == {"device": DEVICE, "pin": "1001", "time": "2025-07-03 07:29:58", **content}
    assert list(stated.content) == sorted(stated.content)


@pytest.mark.parametrize(
    "data",
    [
        FIVE + "\n",
        FIVE + "\r\n",
        "\ufeff" + FIVE,
        "\n\n" + FIVE,
        "     1001\t2025-07-03 07:29:58\t1\t0\t0",
        "0001001\t2025-07-03 07:29:58\t1\t0\t0",
        "1001\t2025-07-03T07:29:58\t1\t0\t0",
        "1001\t2025-07-03 07:29:58.999\t1\t0\t0",
        "1001\t2025-07-02 23:29:58Z\t1\t0\t0",
        "1001\t2025-07-03 08:29:58+09:00\t1\t0\t0",
        f"{DEVICE}\r\n{FIVE}\r\n3F2A9C01\r\n",
    ],
)
def test_spellings_of_a_punch_have_one_key(data):
    stated = read(data)
    assert (stated.key, stated.event_ms) == (f"{DEVICE}|{KEY}", MORNING)


def test_a_device_s_clock_shows_the_zone_that_is_given():
    assert read(FIVE, zone=ZoneInfo("Asia/Jayapura")).event_ms == MORNING - 3_600_000


@pytest.mark.parametrize(("pin", "key"), [("0", "0"), ("000", "0"), ("007", "7"), ("A01", "A01"), ("70", "70")])
def test_leading_zeros_of_a_pin_do_not_count_but_are_kept(pin, key):
    stated = read(f"{pin}\t2025-07-03 07:29:58\t1\t0\t0")
    assert stated.key.split("|")[1] == key
    assert stated.content["pin"] == pin


@pytest.mark.parametrize(
    ("data", "given", "device"),
    [
        (FIVE, "SN-GIVEN", "SN-GIVEN"),
        (FIVE + "\t0", None, "1"),
        (FIVE + "\t0", "SN-GIVEN", "SN-GIVEN"),
        ("SN-0001\r\n" + FIVE, None, "SN-0001"),
        ("SN-0001\n" + FIVE + "\t0", None, "SN-0001"),
        ("SN-0001\n" + FIVE, "SN-GIVEN", "SN-GIVEN"),
        ("SN,PIN,Time\nSN-OWN,1001,2025-07-03 07:29:58", "SN-GIVEN", "SN-OWN"),
        ("SN,PIN,Time\n,1001,2025-07-03 07:29:58", "SN-GIVEN", "SN-GIVEN"),
    ],
)
def test_the_device_is_the_first_that_is_known_of_column_flag_first_line_and_sixth_layout(data, given, device):
    stated = read(data, given)
    assert stated.key == f"{device}|{KEY}"
    assert stated.content["device"] == device


@pytest.mark.parametrize(
    ("line", "device", "reason", "said"),
    [
        (FIVE, None, "missing_device", "--device"),
        ("PIN,Time\n1001,2025-07-03 07:29:58", None, "missing_device", "--device"),
        ("\t2025-07-03 07:29:58\t1\t0\t0", DEVICE, "missing_key", "PIN is blank"),
        ("1001\t2025-02-30 07:29:58\t1\t0\t0", DEVICE, "bad_date", '"2025-02-30 07:29:58"'),
        ("1001\t2025-07-03\t1\t0\t0", DEVICE, "bad_date", '"2025-07-03"'),
        ("1001\t03-07-2025 07:29:58\t1\t0\t0", DEVICE, "bad_date", "is no time"),
        ("1001\t\t1\t0\t0", DEVICE, "bad_date", "is no time"),
        ("1001\t2025-07-03 25:00:00\t1\t0\t0", DEVICE, "bad_date", "25:00:00"),
        ("1001\t2025-07-03 07:29:58+30:00\t1\t0\t0", DEVICE, "bad_date", "calendar"),
        ("1001\t2025-07-03 07:29:58", DEVICE, "bad_line", "2 columns"),
        ("1001\t2025-07-03 07:29:58\t1\t0", DEVICE, "bad_line", "4 columns"),
        (FIVE + "\t0\t0", DEVICE, "bad_line", "7 columns"),
        ("1001\tA\t2025-07-03 07:29:58\t1\t0\t0", DEVICE, "bad_line", "6 columns"),
        ("<html>502 Bad Gateway</html>", DEVICE, "bad_line", "1 columns"),
        ("PIN,Time,Status\n1001,2025-07-03 07:29:58", DEVICE, "bad_line", "2 columns"),
        (b"1001\t2025-07-03 07:29:58\tCaf\xe9\t0\t0", DEVICE, "wrong_encoding", "no UTF-8"),
        (FIVE.encode("utf-16"), DEVICE, "wrong_encoding", "no UTF-8"),
        ("10\x0001\t2025-07-03 07:29:58\t1\t0\t0", DEVICE, "nul_byte", "NUL"),
        (FIVE + "x" * MAX_ROW, DEVICE, "oversize", "the limit is"),
    ],
)
def test_a_line_that_is_no_punch_says_why_and_where(line, device, reason, said):
    rejected = read(line, device)
    place = "row 2" if isinstance(line, str) and "\n" in line else "row 1"
    assert isinstance(rejected, Rejected)
    assert (rejected.reason, rejected.place, rejected.damaged) == (reason, place, False)
    assert rejected.message.startswith(f"1_attlog.dat {place}: ")
    assert said in rejected.message
    data = line.encode() if isinstance(line, str) else line
    assert rejected.original == data


@pytest.mark.parametrize("bad", [b"x\ty", b"\xff", b"\0", b"1001\tnever\t1\t0\t0", b"z" * (MAX_ROW + 1)])
def test_a_bad_line_costs_only_itself(bad):
    found = items(b"\n".join([FIVE.encode(), bad, FIVE.encode()]))
    assert [type(item) for item in found] == [Stated, Rejected, Stated]
    assert [item.place for item in found] == ["row 1", "row 2", "row 3"]


def test_a_file_without_a_byte_is_damaged():
    rejected = read(b"")
    assert (rejected.reason, rejected.place, rejected.damaged) == ("empty_file", "start", True)


@pytest.mark.parametrize("data", ["\n", "\ufeff", " \r\n\t\n", "PIN,Time\n", f"{DEVICE}\n"])
def test_a_file_without_a_punch_is_a_good_export(data):
    assert items(data) == []


@pytest.mark.parametrize("line", [FIVE, FIVE + "\t0", "1001,2025-07-03 07:29:58,1,0,0"])
def test_a_line_read_again_is_the_punch_it_would_have_been(line):
    stated = read(line)
    assert read_original(stated.original, file="1_attlog.dat", zone=WITA, observed=GIVEN, device=DEVICE) == stated


@pytest.mark.parametrize("original", [b"", b"x", b"1001\tnever\t1\t0\t0", DEVICE.encode()])
def test_bytes_that_are_no_punch_are_rejected_again(original):
    again = read_original(original, file="1_attlog.dat", zone=WITA, observed=GIVEN, device=DEVICE)
    assert isinstance(again, Rejected)


class Dribble(io.BytesIO):
    """A stream that gives two bytes at a time."""

    def read(self, size: int, /) -> bytes:
        return super().read(min(size, 2))


def test_punches_are_the_same_however_the_file_arrives():
    data = f"{DEVICE}\r\n{FIVE}\r\n\r\n{FIVE}\t0\n\ufeffé\n{FIVE}".encode()
    slowly = read_file(Dribble(data), file="1_attlog.dat", zone=WITA, observed=GIVEN)
    assert list(slowly) == items(data, None)


@pytest.mark.parametrize(
    "name", ["1_attlog.dat", "AEYU201260099_attlog.dat", "attlog.txt.gz", "1.dat", "punches.csv", "ATTLOG-07.CSV"]
)
def test_a_device_s_file_is_known_by_its_name(name):
    assert kind_of(name, SOURCES["absensi"]).name == "attlog"


@pytest.mark.parametrize("name", ["manifest.json", "users.csv", "attlog.json", "attlog.dat.zip"])
def test_a_file_of_another_name_is_none(name):
    assert kind_of(name, SOURCES["absensi"]) is None
