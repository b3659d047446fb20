"""Commands that bring facts in: sources, ingest, run, schemas, demo, doctor."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import click

from adapters import ADAPTERS, SOURCES, SYSTEMS, units_using
from bus.engine import BULK, EMBEDDED, lag
from bus.engine import run as run_engine
from bus.store import registered
from consumers import CONSUMERS
from ops.cli.frame import FINDINGS, Context, Refused, command, progress
from ops.demo import FEED, story
from ops.doctor import problems
from ops.ingest import Request, ingest, size_of
from schemas import CATALOGUE

__all__ = ["register"]


def register(cli: click.Group) -> None:
    """Add the commands."""
    command(cli, "sources")(_sources)
    command(cli, "ingest")(_ingest)
    command(cli, "run")(_run)
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


@click.option("--until-caught-up", is_flag=True, help="Stop at the log's end.")
@click.option("--engine", type=click.Choice(["embedded", "faust", "bulk"]), default="embedded")
@click.option("--workers", type=click.IntRange(1, 64), default=1)
@click.option("--batch", type=click.IntRange(1, 100_000), help="Records a transaction.")
@click.option("--consumer", type=click.Choice([*CONSUMERS]), help="Only this consumer.")
def _run(
    context: Context,
    until_caught_up: bool,  # noqa: FBT001 - click's
    engine: str,
    workers: int,
    batch: int | None,
    consumer: str | None,
) -> int:
    """Bring the views up to the log: once, or until stopped."""
    if engine == "faust":
        raise click.UsageError(f"engine {engine} needs Kafka, which this build has not; use --engine embedded")
    if workers != 1:
        raise click.UsageError(f"engine {engine} has one worker; start another grms run beside it if you must")
    pace = BULK if engine == "bulk" else EMBEDDED
    stopped = _Stop()
    began = time.monotonic()
    chosen = [CONSUMERS[consumer]] if consumer else list(CONSUMERS.values())
    with context.parts() as parts, progress("applying", lag(parts, chosen)) as step:
        report = run_engine(
            parts,
            chosen,
            pace=replace(pace, batch=batch or pace.batch),
            until_caught_up=until_caught_up,
            stop=stopped,
            progress=step,
        )
    seconds = round(time.monotonic() - began, 3)
    document = {"events": report.events, "dead_letters": report.dead_letters, "seconds": seconds}
    context.say(
        document,
        lambda: iter([f"{report.events} events applied, {report.dead_letters} dead letters, {seconds} s"]),
    )
    return FINDINGS if report.dead_letters else 0


class _Stop:
    """Becomes true on SIGTERM or SIGINT: the batch in hand is finished, then the run ends."""

    def __init__(self) -> None:
        self._asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True

    def __call__(self) -> bool:
        return self._asked


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


def _demo(context: Context) -> None:
    """Run the main job on the bundled procurement feed and tell what it shows."""
    if (context.settings.home / "store.sqlite").exists():
        with context.parts() as parts, parts.store.read() as tx:
            if tx.one("select 1 from export where file not like '%.json.gz'"):
                raise Refused(
                    f"{context.settings.home} holds other exports, and the demo's rows would mix with them. "
                    "Name an empty home: grms demo --home .grms-demo"
                )
    with context.parts() as parts:
        request = Request("isb", [FEED], default_zone="Asia/Jakarta")
        began = time.monotonic()
        with progress("reading", size_of(request)) as step:
            read = ingest(parts, request, step)
        consumers = list(CONSUMERS.values())
        with progress("applying", lag(parts, consumers)) as step:
            run_engine(parts, consumers, until_caught_up=True, progress=step)
        document = story(parts, read, time.monotonic() - began)
    home = context.settings.home
    context.say(document, lambda: iter(_demo_lines(document, home)))


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


def _doctor(context: Context) -> int:
    """Say what is not as it should be, with the remedy of each."""
    with context.parts() as parts:
        found = problems(parts)
    document = {"ok": not found, "problems": found}

    def lines() -> Iterator[str]:
        if not found:
            yield "all is well"
        for problem in found:
            yield f"! {problem['what']}"
            yield f"  {problem['remedy']}"

    context.say(document, lines)
    return FINDINGS if found else 0
