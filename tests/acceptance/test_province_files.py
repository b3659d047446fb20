"""A synthetic province, every system of the chain: read whole, in any form and order, and faulty."""

from __future__ import annotations

import gzip
import json
import random
import shutil
from pathlib import Path

import pytest

from tests.acceptance.cli import Grms
from tests.province import FOLDER, TABLES, as_csv, as_json, as_xlsx, table

EXPECTED = json.loads((Path(__file__).parents[1] / "oracle" / "province-expected.json").read_text())
MANIFEST = json.loads((FOLDER / "manifest.json").read_text())
PULLED = {
    "pulled": MANIFEST["pulled"],
    "as_of": MANIFEST["as_of"],
    "zona": MANIFEST["zona"],
    "files": [{"name": entry["name"], "device": entry["device"]} for entry in MANIFEST["files"] if "device" in entry],
}


@pytest.fixture(scope="module")
def province(tmp_path_factory):
    grms = Grms(tmp_path_factory.mktemp("province") / "home")
    report = grms.ingest(FOLDER, source="auto")
    grms.run()
    return grms, report


def unpacked(folder: Path, manifest: object = PULLED) -> Path:
    """The province as plain files that nobody has hashed."""
    folder.mkdir()
    for path in FOLDER.iterdir():
        if path.suffix == ".gz":
            (folder / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
        elif path.name != "manifest.json":
            shutil.copy(path, folder)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def rewritten(folder: Path, change) -> Path:
    """The province with every table written anew: ``change(kind, header, rows)`` returns name and bytes of files."""
    unpacked(folder)
    for kind, known in TABLES.items():
        (folder / known.shown).unlink()
        for name, data in change(kind, *table(kind)):
            (folder / name).write_bytes(data)
    return folder


def same(grms, province) -> bool:
    grms.run()
    return grms.hash() == province[0].hash()


def test_the_whole_province_is_read_and_nothing_rejected(province):
    _, report = province
    assert report["read"] == sum(entry["rows"] for entry in MANIFEST["files"])
    assert (report["rejected"], report["ignored"]) == (0, [])
    assert not [file for file in report["files"] if file["problem"]]
    copies = {file["file"].removesuffix(".gz"): file["copies"] for file in report["files"] if file["copies"]}
    assert copies == EXPECTED["duplicates"]
    assert report["unchanged"] == sum(copies.values())
    assert {file["source"] for file in report["files"]} == {
        "isb", "absensi", *(known.source for known in TABLES.values())
    }  # fmt: skip


def test_read_again_it_says_nothing_new(province):
    grms, report = province
    again = grms.ingest(FOLDER, source="auto")
    assert (again["published"], again["events"], again["read"]) == (0, 0, report["read"])


@pytest.mark.parametrize("form", ["csv", "json", "xlsx", "semicolons"])
def test_in_another_form(form, province, grms, tmp_path):
    def change(kind, header, rows):
        match form:
            case "xlsx":
                yield f"{kind}.xlsx", as_xlsx(header, rows)
            case "json":
                yield f"{kind}-2026-01-05.json", as_json(header, rows)
            case "semicolons":
                yield f"{kind}.csv", b"\xef\xbb\xbf" + as_csv(header, rows, separator=";", end="\r\n")
            case _:
                yield f"{kind}.csv", as_csv(header, rows)

    report = grms.ingest(rewritten(tmp_path / "other", change), source="auto")
    assert report["events"] == province[1]["events"]
    assert same(grms, province)


@pytest.mark.parametrize("seed", range(2))
def test_shuffled_and_three_times(seed, province, grms, tmp_path):
    rng = random.Random(seed)

    def change(kind, header, rows):
        order = rng.sample(range(len(header)), len(header))
        rows = rng.sample(rows * 3, len(rows) * 3)
        yield f"{kind}.csv", as_csv([header[i] for i in order], [[row[i] for i in order] for row in rows])

    report = grms.ingest(rewritten(tmp_path / "other", change), source="auto")
    assert report["events"] == province[1]["events"]
    assert same(grms, province)


def test_in_parts_and_commands(province, grms, tmp_path):
    rng = random.Random(5)

    def change(kind, header, rows):
        rng.shuffle(rows)
        for part in range(3):
            yield f"{kind}-{part}.csv", as_csv(header, rows[part::3])

    paths = [path for path in rewritten(tmp_path / "other", change).iterdir() if path.name != "manifest.json"]
    rng.shuffle(paths)
    for part in range(4):
        grms.ingest(*paths[part::4], source="auto")
    assert same(grms, province)


def test_a_file_that_is_not_the_one_its_manifest_lists_is_told(grms, tmp_path):
    folder = unpacked(tmp_path / "other", MANIFEST)
    text = (folder / "sipd-spd.csv").read_text()
    (folder / "sipd-spd.csv").write_text(text.replace("2025-01-01", "2025-01-02", 1))
    (folder / "sipd-spm.csv").write_text("".join((folder / "sipd-spm.csv").read_text().splitlines(keepends=True)[:-1]))
    report = grms.ingest(folder, source="auto", exits=(1,))
    told = {file["file"]: file["problem"] for file in report["files"] if file["problem"]}
    assert told.keys() == {"sipd-spd.csv", "sipd-spm.csv"}
    assert "SHA-256" in told["sipd-spd.csv"]
    assert "242 rows, the file has 241" in told["sipd-spm.csv"]
    assert report["rejected"] == 0


def test_a_new_column_flows_and_is_told(grms, tmp_path):
    header, rows = table("siptl-temuan")
    path = tmp_path / "siptl-temuan.csv"
    path.write_bytes(as_csv([*header, "kolom_baru"], [[*row, "isi"] for row in rows]))
    report = grms.ingest(path, source="siptl")
    assert (report["rejected"], report["published"]) == (0, len(rows))
    assert "kolom_baru" in report["files"][0]["problem"]


def test_a_file_that_lost_a_column_is_refused_whole(grms, tmp_path):
    header, rows = table("siptl-temuan")
    path = tmp_path / "siptl-temuan.csv"
    path.write_bytes(as_csv(header[:-2] + header[-1:], [row[:-2] + row[-1:] for row in rows]))
    report = grms.ingest(path, source="auto", exits=(1,))
    assert (report["read"], report["rejected"], report["published"]) == (1, 1, 0)
    assert header[-2] in report["files"][0]["problem"]
    [letter] = grms.letters()
    assert (letter["reason"], letter["source"]) == ("wrong_layout", "siptl")
    assert header[-2] in letter["message"]


BAD_ROWS = {
    "bad_money": ("nilai_temuan", '"Rp 1.500.000,00"', "indonesian-money"),
    "nul_byte": ("uraian_temuan", "a\0b", "strip-nul"),
    "bad_date": ("tanggal_lhp", "besok", None),
    "missing_key": ("id_temuan", "", None),
    "wrong_columns": ("sumber", "BPK,BPK", None),
    "bad_csv": ("uraian_temuan", '"tak ditutup', None),
}


@pytest.mark.parametrize("reason", BAD_ROWS)
def test_a_bad_row_costs_itself_and_can_be_mended(reason, grms, tmp_path):
    column, text, fix = BAD_ROWS[reason]
    header, rows = table("siptl-temuan")
    lines = as_csv(header, rows).decode().splitlines()
    cells = [text if name == column else cell for name, cell in zip(header, rows[3], strict=True)]
    lines[4] = ",".join(cells)
    path = tmp_path / "siptl-temuan.csv"
    path.write_text("\n".join(lines) + "\n")
    report = grms.ingest(path, source="siptl", exits=(1,))
    assert (report["rejected"], report["published"]) == (1, len(rows) - 1)
    [letter] = grms.letters()
    assert (letter["reason"], letter["where"]) == (reason, "siptl-temuan.csv row 4")
    assert (header[-1] if reason == "wrong_columns" else column) in letter["message"]
    if fix is not None:
        done = grms.json("dlq", "redrive", letter["id"], "--fix", fix, "--yes")
        assert (done["applied"], grms.letters()) == (1, [])


def test_no_message_shows_whose_row_it_is(grms, tmp_path):
    header, rows = table("tpp-bayar")
    rows = [[*row[:-1], "besok"] for row in rows[:2]]
    money = [[*rows[0][:4], "satu juta", *rows[0][5:-1], "2025-01-22"]]
    path = tmp_path / "tpp-bayar.csv"
    path.write_bytes(as_csv(header, rows + money))
    grms.ingest(path, source="skp", exits=(1,))
    letters = grms.letters()
    assert len(letters) == 3
    assert not [letter for letter in letters if rows[0][0] in letter["message"] or rows[1][0] in letter["message"]]


def test_an_empty_table_is_read(grms, tmp_path):
    header, _ = table("siptl-temuan")
    path = tmp_path / "siptl-temuan.csv"
    path.write_bytes(as_csv(header, []))
    report = grms.ingest(path, source="auto")
    assert (report["read"], report["files"][0]["problem"]) == (0, None)


def test_sources_name_system_stage_files_events_and_units(grms):
    told = {entry["source"]: entry for entry in grms.json("sources")}
    assert set(told) >= {
        "isb", "absensi", "sipd", "sirup", "rfk", "keuangan", "bmd", "siasn", "skp", "srikandi", "siptl", "izin",
        "wisata",
    }  # fmt: skip
    assert "SIPTL" in told["siptl"]["system"]
    assert told["siptl"]["units"] == ["Inspektorat"]
    files = {file for entry in told.values() for file in entry["files"]}
    assert files >= {entry["name"] for entry in MANIFEST["files"]} - {"absensi-attlog.dat"}
