"""Commands on the servers of a home: stack up, down, status."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ops.cli.frame import DONE, FINDINGS, Context, command

if TYPE_CHECKING:
    from ops.stack import Stack

__all__ = ["register"]

Told = dict[str, dict[str, object]]


def register(cli: click.Group) -> None:
    """Add the commands."""
    stack = click.Group("stack", help="Kafka and PostgreSQL on this machine, for this home.")
    command(stack, "up")(_up)
    command(stack, "down")(_down)
    command(stack, "status")(_status)
    cli.add_command(stack)


def _up(context: Context) -> None:
    """Start both servers and make them ready; what runs already stays as it is."""
    stack = _stack(context)
    stack.up(context.settings)
    told = stack.status()

    def lines() -> Iterator[str]:
        yield from _lines(told)
        yield f"export GRMS_KAFKA_BOOTSTRAP={told['kafka']['bootstrap']}"
        yield f"export GRMS_DATABASE_URL={told['postgres']['url']}"

    context.say(told, lines)


def _down(context: Context) -> None:
    """Stop both servers; their data stay in the home."""
    stack = _stack(context)
    stack.down()
    told = stack.status()
    context.say(told, lambda: _lines(told))


def _status(context: Context) -> int:
    """Say what runs; exit 1 unless both do."""
    told = _stack(context).status()
    context.say(told, lambda: _lines(told))
    return DONE if all(server["pid"] for server in told.values()) else FINDINGS


def _lines(told: Told) -> Iterator[str]:
    for name, server in told.items():
        yield f"{name:10} {server['version']}, process {server['pid']}" if server["pid"] else f"{name:10} does not run"


def _stack(context: Context) -> Stack:
    from ops.stack import Stack  # noqa: PLC0415 - the drivers take half a second to import

    return Stack.of(context.settings)
