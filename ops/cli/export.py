"""Commands that give views away: export views."""

from __future__ import annotations

from pathlib import Path

import click

from ops.cli.frame import Context, command
from ops.export import export_views

__all__ = ["register"]


def register(cli: click.Group) -> None:
    """Add the commands."""
    export = click.Group("export", help="Views as files for others.")
    command(export, "views")(_views)
    cli.add_command(export)


@click.option("--out", "folder", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder.")
def _views(context: Context, folder: Path) -> None:
    """Every live view as one file of JSON lines, sorted, with what it covers and its hash."""
    with context.parts() as parts:
        told = export_views(parts, folder)
    context.say(told, lambda: (f"{view['file']:24} {view['rows']:8} rows  {view['sha256']}" for view in told["views"]))
