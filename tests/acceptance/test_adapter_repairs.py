"""Good rows flow wherever the file is cut or broken, and a message shows nobody's name."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest

from adapters.jsonrows import json_rows
from tests.acceptance.cli import OBSERVED_AT
from tests.acceptance.test_garbage import AT, BAD, ROWS, holds, read, rows
from tests.oracle import feeds

__all__ = ["read", "rows"]  # fixtures

BLOCK = 1 << 18
DEVICE = "AEYU201260099"
LINES = 6


def counts(report) -> tuple[int, int, int]:
    return report["read"], report["published"], report["rejected"]


# -- where a block ends ------------------------------------------------------------------------------


def test_a_text_that_looks_like_rows_is_none(bundle, read, grms):
    catatan = json.dumps([{"a": n} for n in range(30)])
    held = [dict(row, catatan=catatan) for row in bundle[feeds.SELESAI]]
    report = read(feeds.encoded(held), name=f"{feeds.SELESAI}.json", exits=(0,))
    assert (report["read"], report["rejected"]) == (len(held), 0)


def test_a_block_may_end_anywhere_in_a_row(rows, grms, tmp_path):
    row = dict(rows[0], catatan='},{"a": [{}, {}]},{', nilai_pdn_kontrak=1.5e9)
    whole = feeds.encoded([row])
    for n, offset in enumerate(range(1, len(whole), 23)):
        (tmp_path / f"{feeds.KONTRAK}-{n}.json").write_bytes(b"[" + b" " * (BLOCK - offset) + whole[1:])
    report = grms.ingest(tmp_path, *AT)
    assert {(file["rows"], file["rejected"]) for file in report["files"]} == {(1, 0)}


class Dribble:
    """A stream that gives at most so many bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data, self._size, self._at = data, size, 0

    def read(self, size: int, /) -> bytes:
        start = self._at
        self._at += min(size, self._size)
        return self._data[start : self._at]


@pytest.mark.parametrize("size", [*range(1, 40), 64, 100, 1000])
def test_rows_are_the_same_for_any_block_size(size):
    good = {"kd": 1, "catatan": json.dumps([{"a": 1}, {"a": 2}]), "nama": '},{"a": 1},{ – 😀'}
    texts = [json.dumps(good, ensure_ascii=False), '{"kd": tru, "nama": "},{ x"}', "-1.25e+3", '"a},{"', "x", "null"]
    lost = ['{"kd": 1, "nama": "x"', '{"kd": 1, "nama": "x}']
    data = ("\ufeff [" + ", ".join([*texts, *lost, texts[0], *texts[1:], texts[0]]) + "]\n").encode()
    assert list(json_rows(Dribble(data, size))) == list(json_rows(Dribble(data, len(data))))


def test_a_long_text_is_read_in_linear_time(rows, read, grms):
    long = dict(rows[0], nama_paket='"},{' * 2_000_000)
    assert counts(read(feeds.encoded([rows[1], long, rows[2]]))) == (3, 2, 1)


# -- a row that runs into the next -------------------------------------------------------------------


def ending(rows, lost: str, comma: str) -> bytes:
    """The file whose bad row lost one of its last characters."""
    parts = [json.dumps(row, ensure_ascii=False) for row in rows]
    at = parts[BAD].rindex(lost)
    parts[BAD] = parts[BAD][:at] + parts[BAD][at + 1 :]
    return ("[" + comma.join(parts) + "]").encode()


@pytest.mark.parametrize("lost", ["}", '"', ":"])
def test_a_row_that_lost_a_character_costs_only_itself(lost, rows, read, grms):
    held = [{**row, "catatan": "akhir"} for row in rows]
    assert counts(read(ending(held, lost, ",\n"))) == (ROWS, ROWS - 1, 1)
    assert counts(read(ending(held, lost, ", "))) == (ROWS, 0, 1)
    [letter] = grms.letters()
    assert holds(grms.json("dlq", "show", letter["id"]), str(rows[BAD]["kd_nontender"]))


def test_text_between_two_rows_across_a_block_costs_only_itself(rows, read, grms):
    body = feeds.encoded(rows[:1])[:-1] + b" xxx " + b" " * BLOCK + b"," + feeds.encoded(rows[1:])[1:]
    assert counts(read(body)) == (ROWS + 1, ROWS, 1)


# -- gzip --------------------------------------------------------------------------------------------


def unpacked(packed: bytes) -> bytes:
    return zlib.decompressobj(wbits=31).decompress(packed)


def test_the_rows_before_the_end_of_a_torn_gzip_flow(bundle, read, grms):
    whole = json.dumps(bundle[feeds.KONTRAK], ensure_ascii=False).encode()
    torn = gzip.compress(whole)[:100_000]
    complete = unpacked(torn).count(b'}, {"')
    assert 100 < complete < len(bundle[feeds.KONTRAK]) - 1
    report = read(torn, name=f"{feeds.KONTRAK}.json.gz")
    assert (report["read"], report["rejected"]) == (complete + 1, 1)
    assert report["files"][0]["problem"]
    [letter] = grms.letters()
    assert letter["reason"] == "unreadable_file"
    assert holds(grms.json("dlq", "show", letter["id"]), unpacked(torn)[-100:].decode(errors="ignore"))


def test_the_rows_before_damage_in_a_gzip_flow(bundle, read, grms):
    packed = bytearray(gzip.compress(feeds.encoded(bundle[feeds.KONTRAK])))
    packed[100_000:100_200] = b"\xff" * 200
    report = read(bytes(packed), name=f"{feeds.KONTRAK}.json.gz")
    assert report["published"] > 100
    assert report["rejected"] == len(grms.letters()) == 1


def test_a_gzip_without_its_checksum_loses_no_row(rows, read, grms):
    report = read(gzip.compress(feeds.encoded(rows))[:-8], name=f"{feeds.KONTRAK}.json.gz")
    assert counts(report) == (ROWS + 1, ROWS, 1)
    [letter] = grms.letters()
    assert grms.json("dlq", "show", letter["id"])["original"]


@pytest.mark.parametrize(
    "name", [f"{feeds.KONTRAK}.json.GZ", f"{feeds.KONTRAK.upper()}.JSON.GZ", feeds.KONTRAK + ".json"]
)
def test_gzip_is_known_by_its_bytes(name, rows, read, grms):
    assert counts(read(gzip.compress(feeds.encoded(rows)), name=name, exits=(0,))) == (ROWS, ROWS, 0)


def test_a_torn_attlog_gzip_gives_its_whole_lines(grms, tmp_path):
    whole = b"".join(
        b"%d\t2025-10-%02d %02d:%02d:%02d\t1\t0\t0\n" % (n * 7919 % 99_991, n % 30 + 1, n % 24, n % 60, n * 7 % 60)
        for n in range(20_000)
    )
    torn = gzip.compress(whole)[:60_000]
    path = tmp_path / "1_attlog.dat.gz"
    path.write_bytes(torn)
    report = grms.ingest(path, *AT, "--device", DEVICE, source="absensi", exits=(1,))
    assert (report["read"], report["rejected"]) == (unpacked(torn).count(b"\n") + 1, 1)


# -- whole files -------------------------------------------------------------------------------------


@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_another_encoding_is_named(encoding, bom, rows, read, grms):
    read((bom + json.dumps(rows)).encode(encoding))
    [letter] = grms.letters()
    assert letter["reason"] == "wrong_encoding"
    assert encoding.upper()[:6] in letter["message"]


def test_faults_of_whole_files_are_told_apart_and_show_what_they_are(rows, grms, tmp_path):
    whole = feeds.encoded(rows[:2])
    bad = feeds.encoded([rows[0], dict(rows[1], kd_nontender=None)])
    faults = {
        "empty": b"",
        "white space": b" \n\n",
        "open": b"[",
        "unclosed": whole[:-1],
        "unclosed after a comma": whole[:-1] + b",",
        "unclosed after a bad row": bad[:-1],
        "text between": whole.replace(b"},", b"} x ,"),
        "text and no more": whole[:-1] + b" y",
        "NUL": b"\0\0\0\0\0",
        "two commas": whole.replace(b"},", b"},,"),
    }
    for n, body in enumerate(faults.values()):
        (tmp_path / f"{feeds.KONTRAK}-{n}.json").write_bytes(body)
    report = grms.ingest(tmp_path, *AT, exits=(1,))
    letters = grms.letters()
    assert len(letters) == report["rejected"] == len(faults) + 1
    without = [letter for letter in letters if not grms.json("dlq", "show", letter["id"])["original"]]
    assert [letter["reason"] for letter in without] == ["empty_file"]
    messages = {letter["message"].split(": ", 1)[1] for letter in letters}
    assert len(messages) >= len(faults) - 2


def test_a_manifest_nested_without_end_is_misuse(rows, grms, tmp_path):
    folder = feeds.write({feeds.KONTRAK: rows}, tmp_path / "feed")
    (folder / "manifest.json").write_text("[" * 100_000)
    answer = grms.call("ingest", "isb", folder)
    assert answer.exit == 2
    assert "manifest" in answer.stderr + answer.stdout


# -- attendance --------------------------------------------------------------------------------------


def punches(n: int = LINES) -> list[bytes]:
    return [b"%9d\t2025-10-01 07:%02d:15\t1\t0\t1\t0" % (100 + k, k) for k in range(n)]


@pytest.fixture
def attlog(grms, tmp_path):
    """Ingest an attlog file, without a named device unless given."""

    def ingest(held: list[bytes], *flags: str, name: str = "1_attlog.dat", end: bytes = b"\r\n"):
        path = tmp_path / name
        path.write_bytes(end.join(held) + end)
        return grms.ingest(path, *AT, *flags, source="absensi", exits=(0, 1))

    return ingest


def test_the_extended_form_begins_with_a_serial_and_ends_with_a_checksum(attlog, grms):
    assert counts(attlog([DEVICE.encode(), *punches(), b"3F2A9C01"])) == (LINES, LINES, 0)


@pytest.mark.parametrize(
    "held",
    [
        [*punches(), b"123"],
        [*punches(3), b"123", *punches()[3:]],
        [b"123", *punches()],
    ],
)
def test_a_number_alone_is_a_rejected_row(held, attlog, grms):
    assert counts(attlog(held, "--device", DEVICE)) == (LINES + 1, LINES, 1)


def test_a_number_alone_within_the_extended_form_is_a_rejected_row(attlog, grms):
    held = [DEVICE.encode(), *punches(3), b"123", *punches()[3:], b"456"]
    assert counts(attlog(held)) == (LINES + 1, LINES, 1)


@pytest.mark.parametrize(
    "first", [b"GARBAGE", b"sampah_1", b"198501012010011001", b"2025-10-01", b"LAPORAN ABSENSI 2025", b"----"]
)
def test_what_is_no_serial_number_never_becomes_the_device(first, attlog, grms):
    held = [line.rsplit(b"\t", 1)[0] for line in punches()]
    assert counts(attlog([first, *held])) == (LINES + 1, 0, LINES + 1)
    reasons = {letter["reason"] for letter in grms.letters()}
    assert reasons == {"bad_line", "missing_device"}


def test_a_serial_number_that_no_punch_follows_is_no_device(attlog, grms):
    report = attlog([DEVICE.encode(), b"nothing", *punches()])
    assert counts(report) == (LINES + 2, LINES, 2)


def test_named_columns_may_be_quoted(attlog, grms, tmp_path):
    held = [
        b'"PIN";"Nama";"Waktu";"SN"',
        b'"101";"SITI; S.Pd";"2025-10-01 07:01:15";"AEYU201260099"',
        b'102;"B ""Tono""";2025-10-01 07:02:15;AEYU201260099',
        b'103;"never closed;2025-10-01 07:02:15;AEYU201260099',
    ]
    assert counts(attlog(held, name="punches.csv")) == (3, 2, 1)


def test_a_line_without_end_is_bounded(attlog, grms):
    report = attlog([*punches(3), b"x" * 40_000_000, *punches()[3:]], "--device", DEVICE)
    assert counts(report) == (LINES + 1, LINES, 1)
    [letter] = grms.letters()
    assert letter["reason"] == "oversize"


# -- what a message shows ----------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["BUDI SANTOSO", "suharto", "198501012010011001", "Jos\u00e9 3201011203850001"])
def test_a_message_shows_no_name_and_no_identity_number(text, attlog, rows, read, grms):
    attlog([f"1\t{text}\t01/02/2025 07:00\t1\t0".encode()], "--device", DEVICE)
    attlog([f"1\t{text}\t1\t0\t0".encode()], "--device", DEVICE, name="2_attlog.dat")
    read(feeds.encoded([dict(rows[0], tgl_kontrak=text), dict(rows[1], _event_date=text)]))
    letters = grms.letters()
    assert [letter["reason"] for letter in letters] == ["bad_date"] * 4
    for letter in letters:
        assert not any(word in letter["message"] for word in text.split()), letter


def test_a_message_shows_the_form_of_a_wrong_date_and_the_amount(rows, read, grms):
    read(feeds.encoded([dict(rows[0], tgl_kontrak="2025-13-45T00:00:00Z"), dict(rows[1], nilai_kontrak="1,5 jt")]))
    messages = " ".join(letter["message"] for letter in grms.letters())
    assert '"2025-13-45T00:00:00Z"' in messages
    assert '"1,5 jt"' in messages


# -- rows that leave columns out ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({}, "wrong_layout"),
        ({"error": "token expired"}, "wrong_layout"),
        ({"kd_subkegiatan": 1, "kd_subkegiatan_str": "x", "pagu_subkegiatan": 1}, "wrong_layout"),
        ({"nama_paket": "x", "pagu": 1}, "missing_key"),
        ({"versi_nontender": 1, "hps": 1, "nama_paket": "x"}, "missing_key"),
        ({"kd_nontender": 7, "nama_paket": "x"}, None),
        ({"kd_nontender": 7}, None),
    ],
)
def test_a_row_that_leaves_columns_out(columns, reason, read, grms):
    report = read(json.dumps([columns]).encode(), name=f"{feeds.PENGUMUMAN}.json", exits=(0, 1))
    assert report["published"] == (reason is None)
    assert [letter["reason"] for letter in grms.letters()] == [reason] * (reason is not None)


def test_a_feed_that_leaves_nulls_out_loses_no_row(bundle, grms, tmp_path):
    sparse = {name: [{k: v for k, v in row.items() if v is not None} for row in held] for name, held in bundle.items()}
    report = grms.ingest(feeds.write(sparse, tmp_path / "feed"), "--observed-at", OBSERVED_AT)
    assert report["rejected"] == 0
