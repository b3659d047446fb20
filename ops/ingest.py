"""Ingest: files of exports, taken in one by one, settled and relayed together."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, nullcontext
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from adapters import (
    FileKind,
    HashedFile,
    Manifest,
    Setting,
    find,
    kind_of,
    kinds_of,
    read_manifest,
    rows_of,
)
from bus import Parts
from bus.intake import Export, Rejected, Stated, Taken, settle, take
from bus.store.outbox import relay
from ops.settings import Misuse, printable
from ops.tukin.policies import checked
from schemas import observed_text
from schemas.times import instant, zone_named
from schemas.values import Wrong

__all__ = ["Request", "ingest", "size_of"]


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for."""

    source: str
    paths: Sequence[Path]
    observed_at: str | None = None
    device: str | None = None
    zone: str | None = None
    default_zone: str = "Asia/Makassar"
    dry_run: bool = False
    batch: int = 1000


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said of a file as a whole.

    Attributes:
        problems: it is damaged, or not the file that its manifest lists: a finding.
        notices: it has new columns: good to know, and no finding.
    """

    problems: Sequence[str]
    notices: Sequence[str]


def size_of(request: Request) -> int:
    """Bytes on disk of the files that a request will read."""
    kinds = kinds_of(request.source)
    return sum(path.stat().st_size for path in find(request.paths) if kind_of(path.name, kinds))


def ingest(parts: Parts, request: Request, progress: Callable[[int], None] = lambda _bytes: None) -> dict[str, Any]:
    """Publish what the files say that is new; tell ``progress`` how many more bytes were read.

    Returns:
        The document of ``grms ingest --json``; all counts are rows but ``events``. Beside it ``findings``: how much
        somebody must look at, rejected rows and files with a problem; a new column is none.

    Raises:
        Misuse: a flag or a manifest is unreadable.
    """
    kinds = kinds_of(request.source)
    files = [(path, None if _held(request, path) else kind_of(path.name, kinds)) for path in find(request.paths)]
    now = parts.now_ms()
    traceparent = f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01"
    manifests = cache(_manifest)
    exports = [
        (path, kind, _setting(request, path, manifests(path.parent), now), manifests(path.parent))
        for path, kind in files
        if kind is not None
    ]
    with parts.store.alone(wait=True), parts.store.rehearsal() if request.dry_run else nullcontext():
        settle(parts)  # what a killed ingest left is not this one's
        taken = [
            (path, kind, *_take(parts, request, (path, kind, setting, manifest), traceparent, progress))
            for path, kind, setting, manifest in exports
        ]
        published = settle(parts)
        if not request.dry_run:
            relay(parts.store, parts.log)
    told = [_file(path, kind, counts, published[counts.export], said) for path, kind, counts, said in taken]
    names = ("read", "published", "unchanged", "rejected")
    totals = {name: sum(file["rows" if name == "read" else name] for file in told) for name in names}
    ignored = sorted(printable(path.name) for path, kind in files if kind is None and path.name != "manifest.json")
    findings = totals["rejected"] + sum(len(said.problems) for *_, said in taken)
    return {**totals, "events": sum(published.values()), "ignored": ignored, "files": told, "findings": findings}


def _held(request: Request, path: Path) -> bool:
    """Whether a file stands below ``late/`` of a case folder that was named: it is known only after a close."""
    for root in request.paths:
        if path.is_relative_to(root) and "late" in path.relative_to(root).parts[:-1]:
            return request.source == "tukin-case" or (root / "case.json").exists()
    return False


def _manifest(folder: Path) -> Manifest:
    try:
        return read_manifest(folder)
    except ValueError as error:
        raise Misuse(str(error)) from error


def _file(path: Path, kind: FileKind, counts: Taken, published: int, said: _Said) -> dict[str, Any]:
    return {
        "file": printable(path.name),
        "source": kind.source,
        "rows": counts.rows,
        "copies": counts.copies,
        "gone": counts.gone,
        "published": published,
        "unchanged": counts.rows - counts.rejected - published,
        "rejected": counts.rejected,
        "problem": " ".join([*said.problems, *said.notices]) or None,
    }


def _setting(request: Request, path: Path, manifest: Manifest, now: int) -> Setting:
    """Zone, observed time and device of a file: flag, else manifest, else default."""
    zone = zone_named(request.zone or manifest.zone or request.default_zone)
    if isinstance(zone, Wrong):
        raise Misuse(f'zone "{zone.raw}" {zone.why}.')
    stated = manifest.pulled if request.observed_at is None else request.observed_at
    return Setting(
        printable(path.name), zone, _observed(stated, zone, now), request.device or manifest.listed(path.name).device
    )


def _observed(stated: str | None, zone: ZoneInfo, now: int) -> str:
    if stated is None:
        return observed_text(now)
    moment = instant(stated, zone, trust_offset=True)
    if isinstance(moment, Wrong):
        raise Misuse(f'observed time "{moment.raw}" {moment.why}.')
    return observed_text(moment)


def _take(
    parts: Parts,
    request: Request,
    what: tuple[Path, FileKind, Setting, Manifest],
    traceparent: str,
    progress: Callable[[int], None],
) -> tuple[Taken, _Said]:
    path, kind, setting, manifest = what
    notices: list[str] = []
    with ExitStack() as stack:
        sha256: Callable[[], str] = str
        progressed: Callable[[], None] = partial(progress, 0)
        try:
            stream = stack.enter_context(closing(HashedFile(path)))
        except OSError as error:
            items: Iterator[Stated | Rejected] = iter([_unreadable(setting.file, error)])
        else:
            items = checked(rows_of(kind, stream, setting, notices.append))
            sha256 = stream.sha256
            progressed = lambda: progress(stream.advance())  # noqa: E731 - the other branch's counterpart
        export = Export(
            source=kind.source,
            kind=kind.name,
            event=kind.event,
            file=setting.file,
            observed=setting.observed,
            items=items,
            sha256=sha256,
            stated={"pulled": manifest.pulled, "as_of": manifest.as_of, "tahun_anggaran": manifest.year},
            context={"zone": setting.zone.key, "device": setting.device},
            traceparent=traceparent,
            dated=request.observed_at is not None or manifest.pulled is not None,
        )
        taken = take(parts, export, batch=request.batch, progress=progressed)
    problem = taken.problem or manifest.against(path, taken.rows, sha256())
    return taken, _Said([] if problem is None else [problem], notices)


def _unreadable(file: str, error: OSError) -> Rejected:
    why = error.strerror or str(error)
    return Rejected(
        "unreadable_file",
        f"{file}: reading stopped: {why}. The rows before are in; make it readable or export it again.",
        "end",
        str(error).encode(),
        damaged=True,
    )
