"""Commands that bring facts in: sources, ingest, schemas, demo, doctor."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from adapters import ADAPTERS, SOURCES, SYSTEMS, units_using
from bus import Parts
from bus.engine import lag
from bus.engine import run as run_engine
from bus.store import registered
from consumers import CONSUMERS
from ops.cli.frame import FINDINGS, Context, Refused, command, progress
from ops.demo import FEED, story
from ops.demo.chain import province
from ops.demo.office import paid
from ops.doctor import problems
from ops.home import opened
from ops.ingest import Request, ingest, size_of
from ops.settings import Settings
from ops.topics import plan
from schemas import CATALOGUE

__all__ = ["register"]


def register(cli: click.Group) -> None:
    """Add the commands."""
    command(cli, "sources")(_sources)
    command(cli, "ingest")(_ingest)
    command(cli, "demo")(_demo)
    command(cli, "doctor")(_doctor)
    schemas = click.Group("schemas", help="Event types and their schemas.")
    command(schemas, "list")(_schemas)
    cli.add_command(schemas)


def _sources(context: Context) -> None:
    """List what can be ingested."""
    told = [
        {
            "source": source,
            "system": SYSTEMS[source],
            "stage": ", ".join(dict.fromkeys(kind.stage for kind in kinds)),
            "files": [kind.shown for kind in kinds],
            "events": list(dict.fromkeys(CATALOGUE[kind.event].full_name for kind in kinds)),
            "units": units_using(ADAPTERS[source].applications),
        }
        for source, kinds in SOURCES.items()
    ]

    def lines() -> Iterator[str]:
        for source, kinds in SOURCES.items():
            yield f"{source}: {SYSTEMS[source]}"
            for kind in kinds:
                yield f"  {kind.shown:34} {kind.stage:12} {CATALOGUE[kind.event].full_name}"
            units = units_using(ADAPTERS[source].applications)
            if units:
                yield f"  used in 2019 by {', '.join(units)}"

    context.say(told, lines)


@click.argument("source", type=click.Choice([*SOURCES, "auto"]))
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--observed-at", help="Observed time of rows that carry none.")
@click.option("--device", help="Serial number of the attendance device.")
@click.option("--zone", help="Zone of the source's clock, such as Asia/Jakarta.")
@click.option("--dry-run", is_flag=True, help="Count and check, write nothing.")
@click.option("--batch", type=click.IntRange(1, 100_000), default=1000, help="Rows a transaction.")
def _ingest(context: Context, source: str, paths: tuple[Path, ...], **flags: Any) -> int:  # noqa: ANN401 - click's
    """Publish what exports say that is new. SOURCE auto knows each file by its name."""
    request = Request(source=source, paths=paths, default_zone=context.settings.zone, **flags)
    with context.parts() as parts, progress("reading", size_of(request)) as step:
        document = ingest(parts, request, step)
    findings = document.pop("findings")
    context.say(document, lambda: _ingest_lines(document))
    return FINDINGS if findings else 0


def _ingest_lines(document: dict[str, Any]) -> Iterator[str]:
    for file in document["files"]:
        yield (
            f"{file['file']:42} rows {file['rows']:6} published {file['published']:6} unchanged {file['unchanged']:6} "
            f"rejected {file['rejected']:4} copies {file['copies']:5} gone {file['gone']:4}"
        )
        if file["problem"]:
            yield f"  ! {file['problem']}"
    if document["ignored"]:
        yield f"ignored: {', '.join(document['ignored'])}"
    yield f"{document['read']} rows read, {document['events']} events published"
    if document["rejected"]:
        yield f"{document['rejected']} rejected: grms dlq list"


def _schemas(context: Context) -> None:
    """List event types with topic, key and registry subject."""
    with context.parts() as parts:
        versions = registered(parts.store)
    told = [
        {
            "type": event_type.full_name,
            "context": event_type.context,
            "topic": event_type.topic,
            "key": event_type.key,
            "subject": event_type.subject,
            "version": versions[name],
        }
        for name, event_type in CATALOGUE.items()
    ]
    context.say(told, lambda: (f"{row['type']:42} v{row['version']}  {row['topic']:24} {row['key']}" for row in told))


@click.option("--stack", "on_servers", is_flag=True, help="On Kafka, PostgreSQL and Faust workers started for it.")
def _demo(context: Context, on_servers: bool) -> int:  # noqa: FBT001 - click's
    """Run the main job on the bundled procurement feed and tell what it shows."""
    if on_servers:
        return _demo_on_servers(context)
    with context.parts() as parts:
        with parts.store.read() as tx:
            if tx.one("select 1 from export where file not like '%.json.gz' limit 1"):
                raise Refused(
                    f"{context.settings.home} holds other exports, and the demo's rows would mix with them. "
                    "Name an empty home: grms demo --home .grms-demo"
                )
        request = Request("isb", [FEED], default_zone="Asia/Jakarta")
        began = time.monotonic()
        with progress("reading", size_of(request)) as step:
            read = ingest(parts, request, step)
        consumers = list(CONSUMERS.values())
        with progress("applying", lag(parts, consumers)) as step:
            run_engine(parts, consumers, until_caught_up=True, progress=step)
        document = story(parts, read, time.monotonic() - began)
    home = context.settings.home
    document["province"] = _opened_beside(context, "province", province)
    document["office"] = _opened_beside(context, "office", paid)

    def lines() -> Iterator[str]:
        yield from _demo_lines(document, home)
        yield ""
        yield from _province_lines(document["province"], home / "province")
        yield from _office_lines(document["office"], home / "office")

    context.say(document, lines)
    return 0


def _province_lines(told: dict[str, Any], home: Path) -> Iterator[str]:
    yield f"A synthetic province: {told['rows']:,} rows of {told['files']} files, every system from plan to performance"
    yield ""
    yield "Money by stage"
    for name, amount in told["money"].items():
        yield f"  {name:12} {Decimal(amount):>22,.2f}"
    yield ""
    yield f"{told['hits']} open hits of {len(told['by_rule'])} rules, {told['waiting']} things wait for somebody"
    program = sys.argv[0]
    for hit in told["examples"]:
        yield f"  rule {hit['rule']}: {hit['message']}"
        yield f"     {program} chain show '{hit['key'].removeprefix('a:')}' --home {home}"
    for line in ("chain check", "chain stuck", "chain report"):
        yield f"  {program} {line} --home {home}"


def _opened_beside(context: Context, name: str, tell: Callable[[Parts], dict[str, Any]]) -> dict[str, Any]:
    """What one more home of the demo tells; its rows would mix with the others' in one."""
    with opened(Settings(home=context.settings.home / name), context.wait_s) as parts:
        return tell(parts)


def _demo_on_servers(context: Context) -> int:
    from ops.demo.engines import shown  # noqa: PLC0415 - the servers' drivers take half a second to import

    home = context.settings.home
    document, engines = shown(home, context.wait_s)
    equal = len({tuple(engine.hashes.items()) for engine in engines}) == 1
    told = [
        {"name": engine.name, "seconds": round(engine.seconds, 1), "hashes": dict(engine.hashes)} for engine in engines
    ]

    def lines() -> Iterator[str]:
        yield from _demo_lines(document, home / "embedded")
        yield ""
        yield f"The same views from every engine: {'yes' if equal else 'NO'}"
        for engine in engines:
            yield f"  {engine.name} ({engine.seconds:.1f} s)"
            yield from (f"    {view:12} {digest}" for view, digest in engine.hashes.items())

    context.say({**document, "equal": equal, "engines": told}, lines)
    return 0 if equal else FINDINGS


def _demo_lines(document: dict[str, Any], home: Path) -> Iterator[str]:
    yield f"{document['rows']:,} rows of 18 files read, {document['events']:,} new events, {document['seconds']} s"
    yield f"as known at {document['as_known_at']} (one government's 2025 procurement feed, pseudonymised)"
    yield ""
    yield "From announcement to payment"
    width = max(stage["count"] for stage in document["funnel"]) or 1
    for stage in document["funnel"]:
        yield f"  {stage['stage']:36} {stage['count']:6,}  {'#' * round(40 * stage['count'] / width)}"
    yield ""
    yield "Most telling"
    program = sys.argv[0]
    for place, finding in enumerate(document["findings"], 1):
        yield f"  {place}. {finding['text']}"
        yield f"     {program} {finding['look'].removeprefix('grms ')} --home {home}"
    yield ""
    yield "Where to look next"
    for line in ("chain report", "view hash", "view rebuild", "doctor"):
        yield f"  {program} {line} --home {home}"


def _office_lines(office: dict[str, Any], home: Path) -> Iterator[str]:
    names = ("gross_rp", "discipline_cut_rp", "performance_cut_rp", "sanction_cut_rp", "paid_rp", "net_rp")
    heads = ("gross", "discipline", "performance", "sanction", "paid", "net")
    yield ""
    yield f"Pay of one office, {office['unit']}, {office['month']} (synthetic), from its punches"
    yield f"  {'employee':20}" + "".join(f"{head:>13}" for head in heads)
    for row in (*office["rows"], {"shown": "total", **office["total"]}):
        yield f"  {row['shown']:20}" + "".join(f"{row[name]:13,}" for name in names)
    yield f"  not used: {len(office['quarantine'])} punches ({', '.join(office['quarantine'])})"
    yield ""
    yield "Why one of them gets what he gets"
    yield from (f"  {line}" for line in office["explained"]["text"] if not line.startswith("    anggapan"))
    program = sys.argv[0]
    yield f"     {program} tukin explain {office['explained']['nip']} {office['month']} --home {home}"
    yield f"     {program} tukin statement --month {office['month']} --format pdf --out sheet.pdf --home {home}"


def _doctor(context: Context) -> int:
    """Say what is not as it should be, with the remedy of each."""
    with context.parts() as parts:
        changes = plan(context.settings, context.wait_s) if context.settings.kafka_bootstrap else []
        found = problems(parts, changes)
    document = {"ok": not found, "problems": found}

    def lines() -> Iterator[str]:
        if not found:
            yield "all is well"
        for problem in found:
            yield f"! {problem['what']}"
            yield f"  {problem['remedy']}"

    context.say(document, lines)
    return FINDINGS if found else 0
