"""Ports on 127.0.0.1: chosen once a home, so that URLs stay the same."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

from bus import Unreachable
from ops.stack.process import bindable

__all__ = ["chosen"]

_RANGE = range(15_000, 32_000)
"""Below the ports that outgoing connections take, which would else sit on a stopped server's."""
_TRIES = 200


def chosen(names: Iterable[str], known: dict[str, int], free: Callable[[int], bool] = bindable) -> dict[str, int]:
    """A port for each name: the known one where nobody else has taken it.

    Raises:
        Unreachable: no port is free.
    """
    ports: dict[str, int] = {}
    for name in names:
        candidates = [*filter(None, [known.get(name)]), *random.SystemRandom().sample(_RANGE, _TRIES)]
        port = next((port for port in candidates if port not in ports.values() and free(port)), None)
        if port is None:
            raise Unreachable(f"No port of 127.0.0.1 between {_RANGE.start} and {_RANGE.stop} is free.")
        ports[name] = port
    return ports
