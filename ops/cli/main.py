"""Entry point: the commands put together, and every way out mapped to its exit code."""

from __future__ import annotations

import sys
import traceback

import click

from bus import BusError, LogMismatch, TransientError
from ops.cli import chain, dlq, export, feed, log, run, stack, topics, tukin, view
from ops.cli.frame import BUG, MISUSE, REFUSED, UNREACHABLE, Refused
from ops.settings import Misuse

__all__ = ["main"]

CLI = click.Group("grms", help="The GRMS integration bus: one true picture from plan to payment.")
for _room in (feed, run, chain, tukin, view, export, dlq, topics, log, stack):
    _room.register(CLI)


def main() -> None:
    """Run ``grms`` and leave with the contract's exit code."""
    sys.exit(_run())


def _run() -> int:  # noqa: C901 - one line a way out
    try:
        return int(CLI.main(standalone_mode=False) or 0)
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return MISUSE
    except click.ClickException as error:
        error.show()
        return MISUSE
    except Misuse as error:
        return _told(error, MISUSE)
    except (Refused, LogMismatch) as error:
        return _told(error, REFUSED)
    except TransientError as error:
        return _told(error, UNREACHABLE)
    except BusError as error:
        return _told(error, UNREACHABLE)
    except (KeyboardInterrupt, click.Abort):
        click.echo("stopped; everything committed so far is kept", err=True)
        return 130
    except BrokenPipeError:
        return 0
    except Exception:  # noqa: BLE001 - the last door: say that it is our bug, with where
        traceback.print_exc()
        click.echo(
            "grms: this is a bug of ours; nothing half-written is left. Please report the lines above.",
            err=True,
        )
        return BUG


def _told(error: Exception, code: int) -> int:
    click.echo(f"grms: {error}", err=True)
    return code
