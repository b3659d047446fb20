"""Commands on TUKIN/TPP: case, close, statement, explain, lint."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from consumers.tukin import BadInput, local_time, read_day, read_month, read_policies
from consumers.tukin.coverage import bundled
from consumers.tukin.explain import explained
from consumers.tukin.lint import lint
from consumers.tukin.sheet import reconciled
from consumers.tukin.statement import line_document
from ops.cli.frame import FINDINGS, Context, Refused, asked_time, command
from ops.settings import Misuse
from ops.tukin import Answer, case_document, close_month, closes, masked, month_lines, statement, unit_of
from schemas.times import iso

__all__ = ["register"]


def register(cli: click.Group) -> None:
    """Add the commands."""
    tukin = click.Group("tukin", help="TUKIN/TPP: pay from attendance and performance.")
    command(tukin, "case")(_case)
    command(tukin, "close")(_close)
    command(tukin, "statement")(_statement)
    command(tukin, "explain")(_explain)
    command(tukin, "lint")(_lint)
    cli.add_command(tukin)


def _month(_context: click.Context, parameter: click.Parameter, text: str) -> str:
    try:
        return read_month(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param=parameter) from error


def _day(_context: click.Context, parameter: click.Parameter, text: str) -> date:
    found = read_day(text)
    if isinstance(found, str):
        raise click.BadParameter(f'"{text}" {found}', param=parameter)
    return found


def _until(_context: click.Context, parameter: click.Parameter, text: str | None) -> datetime | None:
    """A time, or a date that means the end of that day; local."""
    if text is None:
        return None
    found = local_time(text if re.search(r"\d:\d", text) else f"{text} 23:59:59")
    if found is None:
        raise click.BadParameter(f'"{text}" is no date and no time', param=parameter)
    return found


@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the document to this file.")
def _case(context: Context, folder: Path, out: Path | None) -> int:
    """Compute a case folder; prints its statement document, or writes it to a file."""
    document = case_document(folder)
    text = json.dumps(document, ensure_ascii=False, indent=1)
    if out is not None:
        out.write_text(f"{text}\n", encoding="utf-8")
        summary = {"out": str(out), "months": [{"month": one["month"], **one["totals"]} for one in document["months"]]}
        context.say(summary, lambda: _summary(document))
    else:
        click.echo(text)
    return FINDINGS if any(one["totals"]["errors"] for one in document["months"]) else 0


def _summary(document: dict[str, Any]) -> Iterator[str]:
    for month in document["months"]:
        told = month["totals"]
        yield (
            f"{month['month']}  employees {told['employees']:6}  errors {told['errors']:4}  "
            f"quarantined {len(month['quarantine']):5}  paid Rp {told['paid_rp']:,}"
        )


@click.argument("month", callback=_month)
@click.option("--on", "on", required=True, callback=_day, help="Date of the close: policies known by then count.")
@click.option("--as-of", "as_of", callback=_until, help="Punches after this are a wrong clock; default: --on.")
@click.option("--yes", is_flag=True, help="Really close.")
def _close(context: Context, month: str, on: date, as_of: datetime | None, yes: bool) -> int:  # noqa: FBT001 - click's
    """Close a month of pay: it never changes again; what comes later is settled in the next one."""
    as_of = as_of or datetime.combine(on, datetime.max.time().replace(microsecond=0))
    with context.parts() as parts:
        if not yes:
            before = ", ".join(closed.month for closed in closes(parts)) or "none"
            raise Refused(
                f"this would close {month} on {on.isoformat()} for all units; closed so far: {before}. "
                "A closed month changes only by adjustments in later months. Say --yes."
            )
        event = close_month(parts, month, on, as_of)
        answer = month_lines(parts, month)
        document = _closed(answer, event)
    context.say(document, lambda: iter([_said(document)]))
    return FINDINGS if document["errors"] else 0


def _closed(answer: Answer, event: str) -> dict[str, Any]:
    good = [line for line in answer.lines if not line.month.problems]
    return {
        "month": answer.closed.month,
        "closed_on": answer.closed.on.isoformat(),
        "event": event,
        "employees": len(answer.lines) + len(answer.problems),
        "errors": len(answer.lines) - len(good) + len(answer.problems),
        "paid_rp": sum(line.paid_rp for line in good),
    }


def _said(document: dict[str, Any]) -> str:
    return (
        f"{document['month']} closed: {document['employees']} employees, paid Rp {document['paid_rp']:,}, "
        f"{document['errors']} lines in error"
    )


@click.option("--month", required=True, callback=_month, help="Month of pay, YYYY-MM.")
@click.option("--unit", help="Only this unit.")
@click.option("--as-known-at", "known_at", callback=asked_time, help="Only facts that were recorded by then.")
@click.option("--format", "form", type=click.Choice(["json", "csv", "pdf"]), help="Document, or pay sheets.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
def _statement(
    context: Context, month: str, unit: str | None, known_at: int | None, form: str | None, out: Path | None
) -> int:
    """Pay of a month: settled if it was closed, else provisional, as if closed now."""
    from ops.tukin.sheets import csv_sheets, pdf_sheets  # noqa: PLC0415 - PDF takes a fifth of a second to import

    if form == "pdf" and out is None:
        raise click.UsageError("--format pdf needs --out FILE")
    with context.parts() as parts:
        answer = month_lines(parts, month, known_at=known_at)
        document = statement(parts, answer, unit)
    lines = [line for line in answer.lines if unit is None or unit_of(line) == unit]
    document["reconciliation"] = [
        {"date": day.isoformat(), "unit": name, "duty": count.total(), "states": dict(sorted(count.items()))}
        for (day, name), count in reconciled(lines).items()
    ]
    known = iso(answer.known_ms)
    if form == "pdf" and out is not None:
        out.write_bytes(pdf_sheets(lines, month, known, provisional=answer.provisional))
    elif out is not None or form is not None:
        text = csv_sheets(lines, month) if form == "csv" else json.dumps(document, ensure_ascii=False, indent=1) + "\n"
        if out is None:
            click.echo(text, nl=False)
        else:
            out.write_text(text, encoding="utf-8")
    else:
        context.say(document, lambda: _statement_lines(document))
    errors = document["months"][0]["totals"]["errors"] or document["problems"]
    return FINDINGS if errors else 0


def _statement_lines(document: dict[str, Any]) -> Iterator[str]:
    month = document["months"][0]
    state = "provisional, not closed" if document["provisional"] else f"closed on {month['close']}"
    yield f"{month['month']}: {state}; as known at {document['as_known_at']}"
    yield f"{'employee':20} {'gross':>14} {'earned':>14} {'adjustment':>14} {'paid':>14} {'net':>14}"
    for line in month["employees"]:
        if line["errors"]:
            yield f"{masked(line['nip']):20} " + ", ".join(f"{one['code']} {one['date']}" for one in line["errors"])
            continue
        figures = (line[name] for name in ("gross_rp", "earned_rp", "adjustment_rp", "paid_rp", "net_rp"))
        yield f"{masked(line['nip']):20} " + " ".join(f"{figure:14,}" for figure in figures)
    for problem in document["problems"]:
        yield f"{masked(problem['nip']):20} {problem['problem']}"
    told = month["totals"]
    yield (
        f"{told['employees']} employees, {told['errors']} in error, paid Rp {told['paid_rp']:,}, net Rp "
        f"{told['net_rp']:,}; {len(month['quarantine'])} punches quarantined"
    )
    if document["open_dead_letters"]:
        yield f"{document['open_dead_letters']} open dead letters: figures may lack what they say (grms dlq list)"


@click.argument("nip")
@click.argument("month", callback=_month)
@click.option("--as-known-at", "known_at", callback=asked_time, help="Only facts that were recorded by then.")
def _explain(context: Context, nip: str, month: str, known_at: int | None) -> int:
    """Say in Indonesian where each rupiah of a person's month comes from."""
    with context.parts() as parts:
        answer = month_lines(parts, month, known_at=known_at, nips=[nip.strip()])
    if not answer.lines:
        why = answer.problems.get(nip.strip(), "no employee row was known then")
        raise Misuse(f"{masked(nip)}, {month}: {why}")
    line = answer.lines[0]
    document = {
        "as_known_at": iso(answer.known_ms),
        "month": month,
        "provisional": answer.provisional,
        "line": line_document(line),
        "events": dict(answer.events),
        "text": list(explained(line)),
    }

    def lines() -> Iterator[str]:
        state = "sementara, bulan belum ditutup" if answer.provisional else f"ditutup {answer.closed.on.isoformat()}"
        yield f"Pegawai {masked(nip)}, {state}; data sampai {document['as_known_at']}"
        yield from explained(line)

    context.say(document, lines)
    return FINDINGS if line.month.problems else 0


@click.argument("policy", metavar="POLICY")
def _lint(context: Context, policy: str) -> int:
    """Holes and wrong incentives of a policy, each with an example day. POLICY: a file, or a bundled policy's id."""
    path = Path(policy)
    try:
        policies = [one for one in bundled() if one.id == policy] if not path.exists() else []
        policies = policies or read_policies(path.read_text(encoding="utf-8"), path.name)
    except (BadInput, UnicodeDecodeError, OSError) as error:
        raise Misuse(f"{policy}: no policy could be read: {error}") from error
    found = [finding for one in policies for finding in lint(one)]
    document = [asdict(finding) for finding in found]

    def lines() -> Iterator[str]:
        for one in found:
            yield f"{one.policy}.{one.path}: {one.kind}: {one.message}"
            yield f"    {one.example}"
        yield f"{len(policies)} policies, {len(found)} findings"

    context.say(document, lines)
    return FINDINGS if found else 0
