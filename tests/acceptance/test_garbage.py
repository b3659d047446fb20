"""Broken exports: each fault gets a name and a dead letter, and every good row beside it flows."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.acceptance.cli import OBSERVED_AT, only
from tests.oracle import feeds, isb

AT = ("--observed-at", OBSERVED_AT)
BAD = 17
ROWS = 30
MARK = "PENANDA-BARIS"
Rows = list[feeds.JsonRow]


def holds(document: object, mark: str) -> bool:
    """Whether a text stands in a document, plainly or in base64 or hexadecimal."""
    if isinstance(document, dict):
        return any(holds(value, mark) for value in document.values())
    if isinstance(document, list):
        return any(holds(value, mark) for value in document)
    if not isinstance(document, str):
        return False
    readings = [document.encode()]
    for decode in (base64.b64decode, bytes.fromhex):
        try:
            readings.append(decode(document))
        except (ValueError, binascii.Error):
            continue
    return any(mark.encode() in reading for reading in readings)


def replaced(rows: Rows, bad: object) -> bytes:
    """The file with one row that is something else."""
    return feeds.encoded([*rows[:BAD], bad, *rows[BAD + 1 :]])


def raw(rows: Rows, before: bytes, after: bytes) -> bytes:
    """The file with some bytes of the bad row replaced."""
    whole = feeds.encoded([*rows[:BAD], dict(rows[BAD], nama_paket=MARK), *rows[BAD + 1 :]])
    assert whole.count(before) == 1
    return whole.replace(before, after)


def field(**said: object) -> Callable[[Rows], bytes]:
    """The bad row says something its field cannot hold."""
    return lambda rows: replaced(rows, dict(rows[BAD], **{"nama_paket": MARK, **said}))


def without(name: str) -> Callable[[Rows], bytes]:
    def body(rows: Rows) -> bytes:
        bad = dict(rows[BAD], nama_paket=MARK)
        del bad[name]
        return replaced(rows, bad)

    return body


def truncated(rows: Rows) -> bytes:
    whole = raw(rows, MARK.encode(), MARK.encode())
    return whole[: whole.index(MARK.encode()) + len(MARK)]


@dataclass(frozen=True)
class Fault:
    """One way of being wrong in one row of a file."""

    body: Callable[[Rows], bytes]
    keyed: bool = True
    marked: bool = True


# One bad row; all the others flow, before it and after it.
ROW_FAULTS: dict[str, Fault] = {
    "number for a row": Fault(lambda rows: replaced(rows, 42), keyed=False, marked=False),
    "text for a row": Fault(lambda rows: replaced(rows, MARK), keyed=False),
    "null for a row": Fault(lambda rows: replaced(rows, None), keyed=False, marked=False),
    "list for a row": Fault(lambda rows: replaced(rows, [MARK]), keyed=False),
    "key absent": Fault(without("kd_nontender"), keyed=False),
    "key null": Fault(field(kd_nontender=None), keyed=False),
    "key empty": Fault(field(kd_nontender=""), keyed=False),
    "words for money": Fault(field(nilai_kontrak="1,5 jt")),
    "not a number for money": Fault(field(nilai_kontrak="NaN")),
    "infinity for money": Fault(field(nilai_kontrak="Infinity")),
    "underscore in money": Fault(field(nilai_kontrak="12_000")),
    "more money than there is": Fault(field(nilai_kontrak=10**30)),
    "money of five thousand digits": Fault(lambda rows: field(nilai_kontrak="@@")(rows).replace(b'"@@"', b"7" * 5000)),
    "escaped NUL in a text": Fault(field(nama_paket=MARK + "\0")),
    "NUL byte in a text": Fault(lambda rows: raw(rows, MARK.encode(), MARK.encode() + b"\0")),
    "byte of another encoding": Fault(lambda rows: raw(rows, MARK.encode(), MARK.encode() + b" Caf\xe9"), marked=False),
    "half a surrogate": Fault(lambda rows: raw(rows, MARK.encode(), MARK.encode() + rb"\ud800"), marked=False),
    "text of 10 MB": Fault(field(nama_paket="x" * 10_000_000), marked=False),
}

# Damage to the file; what stands before it flows, and the damage counts as one.
FILE_FAULTS: dict[str, tuple[Callable[[Rows], bytes], int]] = {
    "truncated in a row": (truncated, BAD),
    "truncated between rows": (lambda rows: feeds.encoded(rows[:BAD]).rstrip()[:-1] + b",\n", BAD),
    "end of the list missing": (lambda rows: feeds.encoded(rows).rstrip()[:-1], ROWS),
    "something after the end": (lambda rows: feeds.encoded(rows) + b"\n<html>504</html>", ROWS),
    "NUL bytes after the end": (lambda rows: feeds.encoded(rows) + b"\0" * 512, ROWS),
    "empty": (lambda _: b"", 0),
    "only white space": (lambda _: b"\n \n", 0),
    "only NUL bytes": (lambda _: b"\0" * 4096, 0),
    "a page instead": (lambda _: b"<html><body>502 Bad Gateway</body></html>", 0),
    "an object instead of a list": (lambda _: b'{"error": "token expired"}', 0),
    "another encoding": (lambda rows: feeds.encoded(rows).decode().encode("utf-16"), 0),
}


@pytest.fixture
def rows(seeded) -> Rows:
    """Good rows, no two alike, each with a key of its own."""
    feed, _ = seeded(300)
    unique = {(row["kd_nontender"], isb.norm(row["no_kontrak"])): row for row in feed[feeds.KONTRAK]}
    good = [row for row in unique.values() if not row["versi_addendum"]][:ROWS]
    assert len(good) == ROWS
    return good


@pytest.fixture
def read(grms, tmp_path):
    """Ingest some bytes under a file name, and say what came of it."""

    def ingest(body: bytes, name: str = f"{feeds.KONTRAK}.json", exits: tuple[int, ...] = (1,)):
        folder = tmp_path / "feed"
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(body)
        return grms.ingest(folder, *AT, exits=exits)

    return ingest


def assert_named(letter, name=f"{feeds.KONTRAK}.json"):
    assert letter["id"]
    assert re.search(r"[a-z]", letter["reason"], re.IGNORECASE), letter
    assert letter["source"] == "isb"
    assert letter["message"].strip()
    assert letter["at"]
    assert name in json.dumps(letter["where"]), letter


def contracts(rows: Rows, tmp_path) -> dict[str, int]:
    folder = feeds.write({feeds.KONTRAK: rows}, tmp_path / "expected")
    return isb.world(feeds.exported([(folder, OBSERVED_AT)])).measures()


@pytest.mark.parametrize("name", ROW_FAULTS)
def test_one_bad_row(name, rows, read, grms, tmp_path):
    fault = ROW_FAULTS[name]
    report = read(fault.body(rows))
    assert (report["read"], report["published"], report["rejected"]) == (ROWS, ROWS - 1, 1)
    [letter] = grms.letters()
    assert_named(letter)
    where = json.dumps(letter["where"]).replace(f"{feeds.KONTRAK}.json", "")
    assert {BAD, BAD + 1} & {int(number) for number in re.findall(r"\d+", where)}, letter
    if fault.keyed:
        assert str(rows[BAD]["kd_nontender"]) in json.dumps(letter["key"]), letter
    if fault.marked:
        assert holds(grms.json("dlq", "show", letter["id"]), MARK)
    grms.run(exits=(0, 1))
    good = [*rows[:BAD], *rows[BAD + 1 :]]
    assert only(grms.measures(), isb.MEASURES) == contracts(good, tmp_path)


@pytest.mark.parametrize("name", FILE_FAULTS)
def test_one_damaged_file(name, rows, read, grms, tmp_path):
    body, before = FILE_FAULTS[name]
    report = read(body(rows))
    assert (report["read"], report["published"], report["rejected"]) == (before + 1, before, 1)
    assert report["files"][0]["problem"]
    [letter] = grms.letters()
    assert_named(letter)
    grms.run(exits=(0, 1))
    assert only(grms.measures(), isb.MEASURES) == contracts(rows[:before], tmp_path)


def test_the_torn_row_can_be_seen(rows, read, grms):
    read(truncated(rows))
    [letter] = grms.letters()
    assert holds(grms.json("dlq", "show", letter["id"]), MARK)


def test_nesting_without_end(rows, read, grms):
    deep = raw(rows, f'"{MARK}"'.encode(), b"[" * 100_000 + b"]" * 100_000)
    report = read(deep)
    assert report["published"] >= BAD
    assert report["rejected"] == 1
    [letter] = grms.letters()
    assert_named(letter)


def test_a_torn_gzip(rows, read, grms):
    report = read(gzip.compress(feeds.encoded(rows))[:-200], name=f"{feeds.KONTRAK}.json.gz")
    assert report["rejected"] == 1
    assert report["files"][0]["problem"]
    [letter] = grms.letters()
    assert_named(letter, feeds.KONTRAK)


def test_a_gzip_that_is_none(rows, read, grms):
    report = read(feeds.encoded(rows), name=f"{feeds.KONTRAK}.json.gz", exits=(0, 1))
    # Whether plain JSON is read under this name is not promised; that nothing vanishes is.
    assert report["published"] == ROWS or len(grms.letters()) == report["rejected"] == 1


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("rup-kegiatan-master", feeds.KONTRAK),
        ("spse-tender-kontrak", feeds.KONTRAK),
        (feeds.SPPBJ, feeds.KONTRAK),
        (feeds.SELESAI, feeds.PENGUMUMAN),
        (feeds.CATALOGUE, feeds.SELESAI),
        (feeds.KONTRAK, feeds.SUB_KEGIATAN),
    ],
)
def test_a_file_of_another_kind(content, name, bundle, read, grms):
    report = read(feeds.encoded(bundle[content][:5]), name=f"{name}.json")
    assert report["published"] == 0
    assert report["rejected"] == report["read"] > 0
    letters = grms.letters()
    assert len(letters) == report["rejected"]
    for letter in letters:
        assert_named(letter, f"{name}.json")


def test_an_empty_list_is_a_good_export(read, grms):
    report = read(b"[]", exits=(0,))
    assert (report["read"], report["rejected"]) == (0, 0)
    assert grms.letters() == []


def test_a_byte_order_mark_loses_no_row(rows, read, grms):
    report = read(b"\xef\xbb\xbf" + feeds.encoded(rows), exits=(0, 1))
    assert report["published"] == ROWS or len(grms.letters()) == report["rejected"] == 1


def test_faults_of_different_kinds_have_different_names(rows, grms, tmp_path):
    folder = tmp_path / "feed"
    folder.mkdir()
    (folder / f"{feeds.KONTRAK}.json").write_bytes(
        feeds.encoded(
            [
                rows[0],
                "no object",
                dict(rows[1], kd_nontender=None),
                dict(rows[2], nilai_kontrak="1,5 jt"),
                dict(rows[3], nilai_kontrak="dua juta"),
                rows[4],
            ]
        )
    )
    (folder / f"{feeds.SELESAI}.json").write_bytes(b"[{")
    report = grms.ingest(folder, *AT, exits=(1,))
    assert (report["read"], report["published"], report["rejected"]) == (7, 2, 5)
    listed = grms.json("dlq", "list")
    assert sorted(listed["by_reason"].values()) == [1, 1, 1, 2]
    for reason, count in listed["by_reason"].items():
        chosen = grms.json("dlq", "list", "--reason", reason)
        assert [item["reason"] for item in chosen["items"]] == [reason] * count
    assert grms.json("dlq", "list", "--source", "absensi")["total"] == 0


def test_a_corrected_export_flows(rows, read, grms):
    read(field(nilai_kontrak="1,5 jt")(rows))
    report = read(feeds.encoded(rows), exits=(0,))
    assert (report["published"], report["unchanged"], report["rejected"]) == (1, ROWS - 1, 0)
    grms.run()
    assert grms.measures()["contract_numbers"] == ROWS


def test_a_card_says_that_its_key_has_an_open_letter(rows, read, grms):
    read(feeds.encoded(rows), exits=(0,))
    read(field(nilai_kontrak="1,5 jt")(rows))
    grms.run(exits=(0, 1))
    [letter] = grms.letters()
    shown = grms.json("chain", "show", rows[BAD]["kd_nontender"], exits=(0, 1))
    assert shown["open_dead_letters"] == [letter["id"]]
    assert grms.json("chain", "show", rows[0]["kd_nontender"], exits=(0, 1))["open_dead_letters"] == []


def test_a_letter_that_fails_again_is_the_same_letter(rows, read, grms):
    read(field(nilai_kontrak="1,5 jt")(rows))
    [letter] = grms.letters()
    answer = grms.json("dlq", "redrive", "--all", "--yes", exits=(0, 1))
    assert (answer["redriven"], answer["applied"], answer["failed_again"]) == (1, 0, 1)
    assert [again["id"] for again in grms.letters()] == [letter["id"]]


def test_a_discarded_letter_is_no_longer_open(rows, read, grms):
    read(field(nilai_kontrak="1,5 jt")(rows))
    [letter] = grms.letters()
    grms.json("dlq", "discard", letter["id"], "--because", "export withdrawn by the unit", "--yes")
    assert grms.letters() == []


@pytest.mark.parametrize(
    "command",
    [("discard", "--because", "withdrawn"), ("redrive",)],
    ids=lambda command: command[0],
)
def test_what_destroys_or_repeats_needs_a_yes(command, rows, read, grms):
    read(field(nilai_kontrak="1,5 jt")(rows))
    [letter] = grms.letters()
    answer = grms.call("dlq", command[0], letter["id"], *command[1:])
    assert answer.exit == 3
    assert (answer.stdout + answer.stderr).strip()
    assert [again["id"] for again in grms.letters()] == [letter["id"]]


def test_a_key_that_no_store_takes_is_a_dead_letter_and_the_rest_flows(rows, read, grms):
    report = read(field(no_kontrak="K" * 600_000)(rows))
    assert (report["published"], report["rejected"]) == (ROWS - 1, 1)
    [letter] = grms.letters()
    assert letter["reason"] == "oversize"
    assert re.search(r"row 18: its key has 600,0\d\d bytes, the limit is 2,000", letter["message"])
    grms.run()
    assert grms.measures()["contract_numbers"] == ROWS - 1
    assert grms.json("dlq", "redrive", "--all", "--yes", exits=(0, 1))["failed_again"] == 1
