"""Commands on dead letters: list, show, redrive, discard."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import click

from bus.store import deadletters
from bus.store.deadletters import DeadLetter
from ops.cli.frame import FINDINGS, Context, Refused, command
from ops.deadletters import FIXES, redrive
from schemas import CATALOGUE
from schemas.times import iso

__all__ = ["register"]


def register(cli: click.Group) -> None:
    """Add the commands."""
    dlq = click.Group("dlq", help="Dead letters: what could not be used, and mending it.")
    for name, function in (("list", _list), ("show", _show), ("redrive", _redrive), ("discard", _discard)):
        command(dlq, name)(function)
    cli.add_command(dlq)


def _item(letter: DeadLetter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "reason": letter.reason,
        "source": letter.source,
        "topic": letter.topic,
        "key": letter.key,
        "where": letter.place,
        "message": letter.message,
        "at": iso(letter.at_ms),
    }


def _masked(letter: DeadLetter, text: str) -> str:
    """Text for the terminal: a key that names a person is left out."""
    personal = any(event.personal_key and event.topic == letter.topic for event in CATALOGUE.values())
    return text.replace(letter.key, "(masked)") if personal and letter.key else text


@click.option("--reason", help="Only this reason.")
@click.option("--source", help="Only this source.")
def _list(context: Context, reason: str | None, source: str | None) -> None:
    """Open dead letters, oldest first, and how many of each reason."""
    with context.parts() as parts, parts.store.read() as tx:
        letters = deadletters.listing(tx, reason=reason, source=source)
    by_reason: dict[str, int] = {}
    for letter in letters:
        by_reason[letter.reason] = by_reason.get(letter.reason, 0) + 1
    document = {"total": len(letters), "by_reason": by_reason, "items": [_item(letter) for letter in letters]}

    def lines() -> Iterator[str]:
        yield f"{len(letters)} open dead letters"
        for name, number in sorted(by_reason.items()):
            yield f"  {name:20} {number}"
        for letter in letters:
            yield f"{letter.id}  {_masked(letter, letter.message)}"

    context.say(document, lines)


@click.argument("letter_id", metavar="ID")
def _show(context: Context, letter_id: str) -> None:
    """One dead letter, whole. Its bytes may hold personal data: text output leaves them out."""
    with context.parts() as parts, parts.store.read() as tx:
        letter = deadletters.find(tx, letter_id)
    if letter is None:
        raise click.UsageError(f"no dead letter {letter_id}; grms dlq list names them")
    document = {
        **_item(letter),
        "state": letter.state,
        "attempts": letter.attempts,
        "because": letter.because,
        "context": dict(letter.context),
        "original": letter.original.decode("utf-8", "replace"),
        "original_base64": base64.b64encode(letter.original).decode(),
    }

    def lines() -> Iterator[str]:
        for name in (
            "id",
            "state",
            "reason",
            "source",
            "topic",
            "key",
            "where",
            "at",
            "attempts",
            "message",
            "because",
        ):
            yield f"{name:10} {'-' if document[name] is None else _masked(letter, str(document[name]))}"
        yield f"original   {len(letter.original)} bytes; --json shows them"

    context.say(document, lines)


@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--reason", help="All letters of a reason.")
@click.option("--all", "everything", is_flag=True, help="All open letters.")
@click.option("--fix", type=click.Choice([*FIXES]), help="Mend the bytes first.")
@click.option("--yes", is_flag=True, help="Do it.")
def _redrive(
    context: Context,
    ids: tuple[str, ...],
    reason: str | None,
    everything: bool,  # noqa: FBT001 - click's
    fix: str | None,
    yes: bool,  # noqa: FBT001
) -> int:
    """Try letters again, as they are or with a fix."""
    if sum((bool(ids), reason is not None, everything)) != 1:
        raise click.UsageError("name letters by ID, or by --reason, or --all: one of the three")
    with context.parts() as parts:
        with parts.store.read() as tx:
            chosen = list(ids) or [letter.id for letter in deadletters.listing(tx, reason=reason)]
            letters = [_open(deadletters.find(tx, name), name) for name in chosen]
        if not yes:
            raise Refused(
                f"would redrive {len(letters)} dead letters{f' with fix {fix}' if fix else ''}; say --yes to do it"
            )
        done = redrive(parts, letters, fix)
    document = {"redriven": done.redriven, "applied": done.applied, "failed_again": done.failed_again}
    context.say(
        document,
        lambda: iter([", ".join(f"{name.replace('_', ' ')} {count}" for name, count in document.items())]),
    )
    return FINDINGS if done.failed_again else 0


def _open(letter: DeadLetter | None, name: str) -> DeadLetter:
    if letter is None or letter.state != "open":
        raise click.UsageError(f"no open dead letter {name}; grms dlq list names them")
    return letter


@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option("--because", required=True, help="Why nothing is lost by it.")
@click.option("--yes", is_flag=True, help="Do it.")
def _discard(context: Context, ids: tuple[str, ...], because: str, yes: bool) -> None:  # noqa: FBT001 - click's
    """Close letters that need no mending; they stay on file with the reason."""
    with context.parts() as parts:
        with parts.store.read() as tx:
            for name in ids:
                _open(deadletters.find(tx, name), name)
        if not yes:
            raise Refused(f"would discard {len(ids)} dead letters because {because}; say --yes to do it")
        with parts.store.write() as tx:
            for name in ids:
                deadletters.close(tx, name, "discarded", because, parts.now_ms())
    context.say({"discarded": len(ids)}, lambda: iter([f"discarded {len(ids)}"]))
