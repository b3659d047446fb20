"""Commands on the log: copy."""

from __future__ import annotations

from collections.abc import Iterator

import click

from ops.cli.frame import Context, command, progress
from ops.logcopy import copied

__all__ = ["register"]


def register(cli: click.Group) -> None:
    """Add the commands."""
    log = click.Group("log", help="The log: moving it.")
    command(log, "copy")(_copy)
    cli.add_command(log)


@click.option("--to", type=click.Choice(["kafka", "embedded"]), required=True, help="Where the records are to lie too.")
def _copy(context: Context, to: str) -> None:
    """Copy the home's log to the Kafka cluster, or back: recorded times, event ids, partitions and order are kept.

    Statements, views and dead letters lie in the store, which stays where it is and may read either log until one of
    them grows. Killed, it goes on where it was.
    """
    document = copied(context.settings, to, context.wait_s, progress)

    def lines() -> Iterator[str]:
        for topic, told in document["topics"].items():
            yield f"{topic:24} {told['copied']:10,} copied {told['already']:10,} were there"
        yield f"{document['copied']:,} records copied to {to}, {document['seconds']} s"
        if not document["same_offsets"]:
            yield "offsets differ: let a new store read the copy (another home or GRMS_DATABASE_URL), then grms run"

    context.say(document, lines)
