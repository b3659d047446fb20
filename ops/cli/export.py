"""Commands that give data away: export views, export ocds."""

from __future__ import annotations

from pathlib import Path

import click

from consumers.ocds import Terms
from ops.cli.frame import Context, command
from ops.export import export_views
from ops.ocds import export_ocds
from ops.settings import Misuse, Settings
from schemas.times import zone_named
from schemas.values import Wrong

__all__ = ["register"]


def register(cli: click.Group) -> None:
    """Add the commands."""
    export = click.Group("export", help="Views and processes as files for others.")
    command(export, "views")(_views)
    command(export, "ocds")(_ocds)
    cli.add_command(export)


@click.option("--out", "folder", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder.")
def _views(context: Context, folder: Path) -> None:
    """Every live view as JSON lines, whole; and as CSV tables without personal data, with a data dictionary."""
    with context.parts() as parts:
        told = export_views(parts, folder)
    files = [*told["views"], *told["tables"]]
    context.say(told, lambda: (f"{one['file']:32} {one['rows']:8} rows  {one['sha256']}" for one in files))


@click.option("--out", "folder", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder.")
def _ocds(context: Context, folder: Path) -> None:
    """Every procurement as releases and records of the Open Contracting Data Standard 1.1, without personal data."""
    with context.parts() as parts:
        told = export_ocds(parts, folder, _terms(context.settings))
    context.say(told, lambda: (f"{one['file']:24} {one['items']:8} {one['file'][:-5]}" for one in told["files"]))


def _terms(settings: Settings) -> Terms:
    zone = zone_named(settings.zone)
    if isinstance(zone, Wrong):
        raise Misuse(f'zone "{zone.raw}" {zone.why}.')
    return Terms(settings.ocds_prefix, zone)
