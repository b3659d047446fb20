"""The command line, ``grms``: one module a group of commands; what they share is in ``frame``."""

from ops.cli.main import main

__all__ = ["main"]
