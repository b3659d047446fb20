"""Commands on views: hash, rebuild."""

from __future__ import annotations

from collections.abc import Iterator

import click

from bus.engine import recorded
from consumers import CONSUMERS
from ops.cli.frame import FINDINGS, Context, command, progress
from ops.rebuild import hashes, rebuild

__all__ = ["register"]


def register(cli: click.Group) -> None:
    """Add the commands."""
    view = click.Group("view", help="Views: their hashes, and rebuilding them.")
    command(view, "hash")(_hash)
    command(view, "rebuild")(_rebuild)
    cli.add_command(view)


def _hash(context: Context) -> None:
    """SHA-256 of every live view: the same facts give the same hashes."""
    with context.parts() as parts:
        found = hashes(parts, list(CONSUMERS.values()))
    context.say(found, lambda: (f"{view:12} {digest}" for view, digest in found.items()))


@click.option("--consumer", type=click.Choice([*CONSUMERS]), help="Only this consumer.")
def _rebuild(context: Context, consumer: str | None) -> int:
    """Derive the views anew from the start of the log, beside the live ones, and compare."""
    chosen = [CONSUMERS[consumer]] if consumer else list(CONSUMERS.values())
    with context.parts() as parts, progress("rebuilding", recorded(parts, chosen)) as step:
        document = rebuild(parts, chosen, step)

    def lines() -> Iterator[str]:
        for view, told in document["views"].items():
            yield f"{view:12} {'equal' if told['equal'] else 'DIFFERS'}  {told['rebuilt']}"

    context.say(document, lines)
    return 0 if document["equal"] else FINDINGS
