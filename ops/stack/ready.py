"""What makes new servers ready for use, once they answer: topics, tables."""

from __future__ import annotations

from collections.abc import Callable

from ops.settings import Settings

__all__ = ["STEPS"]

STEPS: tuple[Callable[[Settings], None], ...] = ()
"""Called in turn by ``grms stack up`` with settings that name both servers; each may be called again and again."""
