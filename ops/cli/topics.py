"""Commands on the cluster's topics: plan, apply, check. They open no store."""

from __future__ import annotations

import click

from bus.topics import Change, Kind
from ops.cli.frame import FINDINGS, Context, Refused, command
from ops.topics import applied, plan

__all__ = ["register"]


def register(cli: click.Group) -> None:
    """Add the commands."""
    topics = click.Group("topics", help="Topics of the Kafka cluster: declared as data, compared, made.")
    command(topics, "plan")(_plan)
    command(topics, "apply")(_apply)
    command(topics, "check")(_check)
    cli.add_command(topics)


def _plan(context: Context) -> int:
    """Say what apply would do; change nothing."""
    changes = plan(context.settings, context.wait_s)
    context.say(
        {"changes": [change.told() for change in changes]},
        lambda: (f"{change.kind}: {change.message}" for change in changes),
    )
    return FINDINGS if changes else 0


def _apply(context: Context) -> None:
    """Make and alter topics as declared. Deletes nothing, and never changes the partitions of a topic."""
    changes = applied(context.settings, context.wait_s)
    refused = [change.message for change in changes if change.kind is Kind.REFUSED]
    if refused:
        raise Refused(" ".join([*refused, "Nothing was changed."]))
    document = {"created": _topics(changes, Kind.CREATE), "altered": _topics(changes, Kind.ALTER)}
    context.say(document, lambda: (f"done: {change.message}" for change in changes))


def _topics(changes: list[Change], kind: Kind) -> list[str]:
    return sorted({change.topic for change in changes if change.kind is kind})


def _check(context: Context) -> int:
    """Say whether the cluster is as declared."""
    changes = plan(context.settings, context.wait_s)
    problems = [
        {
            "what": change.message,
            "remedy": "see the message" if change.kind is Kind.REFUSED else "grms topics apply",
        }
        for change in changes
    ]
    document = {"ok": not problems, "problems": problems}
    context.say(document, lambda: iter([problem["what"] for problem in problems] or ["all topics are as declared"]))
    return FINDINGS if problems else 0
