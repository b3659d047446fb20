"""Views as files: JSON lines in canonical form, so that a file's hash is the view's."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from bus import Parts, Projection
from bus.engine import view_bodies, watermark
from bus.store import Tx, generations
from consumers import CONSUMERS
from schemas.times import iso

__all__ = ["export_views"]


def export_views(parts: Parts, folder: Path) -> dict[str, Any]:
    """Write every live view to ``VIEW.jsonl`` and what they cover to ``index.json``; return the index.

    The SHA-256 of a file is the hash that ``grms view hash`` tells of its view.
    """
    folder.mkdir(parents=True, exist_ok=True)
    views = []
    with parts.store.read() as tx:
        for consumer in CONSUMERS.values():
            views += _views(parts, tx, consumer, folder)
    index = {"views": views}
    (folder / "index.json").write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")
    return index


def _views(parts: Parts, tx: Tx, consumer: Projection, folder: Path) -> list[dict[str, Any]]:
    generation = generations.live(tx, consumer.name)
    covered, exact = watermark(parts, tx, consumer, generation)
    known = None if covered is None else iso(covered)
    found = []
    for view in consumer.views:
        name = f"{view}.jsonl"
        rows, digest = _written(tx, generation, view, folder / name)
        about = {"view": view, "consumer": consumer.name, "file": name, "rows": rows, "sha256": digest}
        found.append({**about, "as_known_at": known, "complete": exact})
    return found


def _written(tx: Tx, generation: int | None, view: str, path: Path) -> tuple[int, str]:
    """Write one view; return its number of rows and the digest of the file."""
    digest, rows = hashlib.sha256(), 0
    with path.open("wb") as file:
        for line in view_bodies(tx, generation, view):
            digest.update(line)
            file.write(line)
            rows += 1
    return rows, digest.hexdigest()
