"""Commands on TUKIN/TPP: case."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from ops.cli.frame import FINDINGS, Context, command
from ops.tukin import case_document

__all__ = ["register"]


def register(cli: click.Group) -> None:
    """Add the commands."""
    tukin = click.Group("tukin", help="TUKIN/TPP: pay from attendance and performance.")
    command(tukin, "case")(_case)
    cli.add_command(tukin)


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
