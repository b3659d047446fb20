"""A new adapter is one folder: the one that adapters/README.md shows, put beside the others, works."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import adapters

ROOT = Path(adapters.__file__).parents[1]
README = ROOT / "adapters" / "README.md"
LINES = 45
"""An adapter of a table is about 40 lines."""


def example() -> dict[str, str]:
    """Files that the README shows, by path."""
    return dict(re.findall(r"^`(adapters/[\w/.]+)`.*?```\w+\n(.*?)```", README.read_text(), re.DOTALL | re.MULTILINE))


def grms(root: Path, *args: object) -> dict:
    program = "import sys; from ops.cli import main; sys.argv[0] = 'grms'; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, args), "--home", str(root / "home"), "--json"],
        cwd=root,
        env={name: text for name, text in os.environ.items() if not name.startswith("GRMS_")}
        | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_the_example_is_about_forty_lines():
    files = example()
    assert len(files) == 3
    assert sum(len([line for line in text.splitlines() if line.strip()]) for text in files.values()) <= LINES


def test_one_folder_and_nothing_else_edited(tmp_path):
    for package in ("schemas", "bus", "adapters", "consumers", "ops"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "*.gz"))
    for path, text in example().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    told = {entry["source"]: entry for entry in grms(tmp_path, "sources")}
    assert told["perpustakaan"]["files"] == ["pustaka-pinjam.csv"]
    assert told["perpustakaan"]["events"] == ["grms.layanan.BookLent"]
    (tmp_path / "pustaka-pinjam.csv").write_text(
        "id_pinjam,kode_sub_skpd,tanggal_pinjam,judul,denda,update_at\n"
        "P-1,1.02.0.00.0.00.02.0000,2025-03-01,Sejarah Flores,1500.00,2025-03-02 09:00:00\n"
        "P-2,1.02.0.00.0.00.02.0000,2025-03-04,Tenun Ikat,,2025-03-04 09:00:00\n"
    )
    report = grms(tmp_path, "ingest", "auto", tmp_path / "pustaka-pinjam.csv")
    assert (report["published"], report["rejected"], report["files"][0]["source"]) == (2, 0, "perpustakaan")
    assert grms(tmp_path, "run", "--until-caught-up")["dead_letters"] == 0
    [entry] = [entry for entry in grms(tmp_path, "schemas", "list") if entry["type"] == "grms.layanan.BookLent"]
    assert (entry["topic"], entry["key"]) == ("grms.layanan.v1", "id_pinjam")
