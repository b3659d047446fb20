"""Views as files: JSON lines in canonical form, so that a file's hash is the view's; and tables for people."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from bus import Parts, Projection
from bus.engine import view_bodies, watermark
from bus.store import Tx, generations
from consumers import CONSUMERS
from ops.tables import TableFiles, write_dictionary
from schemas.times import iso

__all__ = ["export_views"]


def export_views(parts: Parts, folder: Path) -> dict[str, Any]:
    """Write every live view to ``VIEW.jsonl`` and what they cover to ``index.json``; return the index.

    The SHA-256 of such a file is the hash that ``grms view hash`` tells of its view. Beside them stand the tables
    made of views that are of no persons, as CSV, with their data dictionary.
    """
    folder.mkdir(parents=True, exist_ok=True)
    views: list[dict[str, Any]] = []
    tables: list[dict[str, Any]] = []
    with parts.store.read() as tx:
        for consumer in CONSUMERS.values():
            found, made = _views(parts, tx, consumer, folder)
            views += found
            tables += made
    index = {"views": views, "tables": tables, "described_in": write_dictionary(folder)}
    (folder / "index.json").write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")
    return index


def _views(
    parts: Parts, tx: Tx, consumer: Projection, folder: Path
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Write the views of a consumer; return what is to be told of them, and of their tables."""
    generation = generations.live(tx, consumer.name)
    covered, exact = watermark(parts, tx, consumer, generation)
    clock = {"as_known_at": None if covered is None else iso(covered), "complete": exact}
    views, tables = [], []
    for view in consumer.views:
        name = f"{view}.jsonl"
        with TableFiles(folder, view) as files:
            rows, digest = _written(tx, generation, view, folder / name, files)
        about = {"view": view, "consumer": consumer.name, "file": name, "rows": rows, "sha256": digest}
        views.append({**about, **clock})
        tables += [{**table, **clock} for table in files.told()]
    return views, tables


def _written(tx: Tx, generation: int | None, view: str, path: Path, files: TableFiles) -> tuple[int, str]:
    """Write one view; return its number of rows and the digest of the file."""
    digest, rows = hashlib.sha256(), 0
    with path.open("wb") as file:
        for line in view_bodies(tx, generation, view):
            digest.update(line)
            file.write(line)
            files.add(line)
            rows += 1
    return rows, digest.hexdigest()
