"""What all commands share: common flags, the opened home, output, exit codes."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from bus import Parts
from ops.home import opened
from ops.settings import Settings, load
from schemas.times import calendar_date, parse_asked
from schemas.values import Wrong

__all__ = [
    "BUG",
    "DONE",
    "FINDINGS",
    "REFUSED",
    "UNREACHABLE",
    "Context",
    "Refused",
    "asked_day",
    "asked_time",
    "command",
    "progress",
]

DONE, FINDINGS, MISUSE, REFUSED, UNREACHABLE, BUG = 0, 1, 2, 3, 4, 70
"""Exit codes; what each means is in the contract."""

F = TypeVar("F", bound=Callable[..., Any])


class Refused(Exception):
    """Refused for safety; the message says what would be done and how to say yes."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a command is given: settings, and how it answers."""

    settings: Settings
    as_json: bool
    wait_s: float

    @contextmanager
    def parts(self) -> Iterator[Parts]:
        """The home, opened."""
        with opened(self.settings, self.wait_s) as parts:
            yield parts

    def say(self, document: object, text: Callable[[], Iterator[str]]) -> None:
        """Answer: the document as JSON, or lines for people."""
        if self.as_json:
            click.echo(json.dumps(document, ensure_ascii=False, indent=1))
            return
        for line in text():
            click.echo(line)


def command(group: click.Group, name: str) -> Callable[[F], F]:
    """Register a command that takes the common flags and gets a `Context` first."""

    def register(function: F) -> F:
        @functools.wraps(function)
        def call(home: Path | None, as_json: bool, wait_s: float, **rest: Any) -> int:  # noqa: ANN401, FBT001 - click's
            context = Context(load(home), as_json, wait_s)
            result = function(context, **rest)
            return DONE if result is None else int(result)

        for option in (
            click.option("--wait", "wait_s", type=float, default=10.0, help="Seconds to wait for a part."),
            click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout."),
            click.option("--home", type=click.Path(file_okay=False, path_type=Path), help="Folder of all state."),
        ):
            call = option(call)
        group.command(name)(call)
        return function

    return register


def asked_time(_context: click.Context, parameter: click.Parameter, text: str | None) -> int | None:
    """Read a flag's time; a date means the end of that day, WITA."""
    if text is None:
        return None
    moment = parse_asked(text)
    if isinstance(moment, Wrong):
        raise click.BadParameter(f'"{moment.raw}" {moment.why}', param=parameter)
    return moment


def asked_day(_context: click.Context, parameter: click.Parameter, text: str | None) -> date | None:
    """Read a flag's date."""
    if text is None:
        return None
    day = calendar_date(text)
    if isinstance(day, Wrong):
        raise click.BadParameter(f'"{day.raw}" {day.why}', param=parameter)
    return day


@contextmanager
def progress(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """A bar on stderr while long work goes on, if stderr is a terminal; ``length`` is the work's whole size."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    with click.progressbar(length=max(length, 1), label=label, file=sys.stderr) as bar:
        yield bar.update
