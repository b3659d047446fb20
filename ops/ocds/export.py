"""Every process that the chain knows, as a package of releases and a package of records. Memory holds one batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path
from typing import Any

from bus import Parts
from bus.engine import watermark
from bus.rows import Fact, content_by
from bus.store import Tx, generations
from bus.store.facts import facts_at
from consumers import CHAIN
from consumers.ocds import READS, Statement, Terms, compiled, history, releases
from ops.ocds.package import Package, package_uri
from schemas import Codec
from schemas.times import iso

__all__ = ["export_ocds"]

_BATCH = 500
"""Processes whose facts are held in memory at once."""

_RELEASES, _RECORDS = "releases.json", "records.json"
_GOVERNMENT = ("nama_klpd", "nama_instansi")
_UNKNOWN = "tidak diketahui"


def export_ocds(parts: Parts, folder: Path, terms: Terms) -> dict[str, Any]:
    """Write ``releases.json`` and ``records.json``; return what they hold.

    Files are the same for the same facts: they are published at the time up to which facts are known. Where no fact
    is of a process there is nothing to publish, and no file either.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = (folder / _RELEASES, folder / _RECORDS)
    with parts.store.read() as tx:
        generation = generations.live(tx, CHAIN.name)
        covered, _ = watermark(parts, tx, CHAIN, generation)
        known = None if covered is None else iso(covered)
        counts = (0, 0)
        if generation is not None and covered is not None and known is not None:
            found = _processes(tx, parts.codec, generation, covered)
            counts = _written(paths, found, known, terms)
    if counts == (0, 0):
        for path in paths:
            path.unlink(missing_ok=True)
    files = [{"file": path.name, "items": count} for path, count in zip(paths, counts, strict=True) if count]
    return {"as_known_at": known, "ocid_prefix": terms.prefix, "files": files}


def _written(
    paths: tuple[Path, Path], processes: Iterator[tuple[str, list[Statement]]], known: str, terms: Terms
) -> tuple[int, int]:
    """Write both packages; return how many releases and records they hold."""
    governments: Counter[str] = Counter()
    uris = [package_uri(terms.prefix, items, known) for items in ("releases", "records")]
    heads = [{"uri": uri, "version": "1.1", "publishedDate": known} for uri in uris]
    with (
        paths[0].open("w", encoding="utf-8", newline="\n") as first,
        paths[1].open("w", encoding="utf-8", newline="\n") as second,
    ):
        of_releases = Package(first, "releases", heads[0])
        of_records = Package(second, "records", {**heads[1], "packages": [uris[0]]})
        for node, said in processes:
            found = releases(node, said, terms)
            for release in found:
                of_releases.add(release)
            record = {"ocid": found[0]["ocid"], "releases": found, "compiledRelease": compiled(found)}
            of_records.add(record)
            governments.update(name for one in said if (name := _government(one.columns)))
        publisher = min(governments, key=lambda name: (-governments[name], name), default=_UNKNOWN)
        for package in (of_releases, of_records):
            package.finish({"publisher": {"name": publisher}})
    return of_releases.count, of_records.count


def _government(columns: Mapping[str, Any]) -> str | None:
    """The government whose unit buys, as rows name it."""
    return next((columns[name].strip() for name in _GOVERNMENT if columns.get(name)), None)


def _processes(tx: Tx, codec: Codec, generation: int, covered: int) -> Iterator[tuple[str, list[Statement]]]:
    """Nodes of packages and of packages of the procurement plan, sorted, with what was stated of each."""

    def decode(fact: Fact) -> Mapping[str, Any]:
        return codec.decode(fact.payload, fact.event, READS[fact.event])

    content = content_by(codec)
    marks = ", ".join("?" * len(READS))
    sql = (
        f"select distinct node from fact where generation = ? and event in ({marks}) and recorded_ms <= ? order by node"  # noqa: S608 - marks
    )
    nodes = (str(node) for (node,) in tx.stream(sql, generation, *READS, covered))
    while batch := list(islice(nodes, _BATCH)):
        facts = [fact for fact in facts_at(tx, generation, batch, recorded_until=covered) if fact.event in READS]
        facts.sort(key=attrgetter("node"))
        for node, members in groupby(facts, key=attrgetter("node")):
            yield node, history(members, decode, content)
