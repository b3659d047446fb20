"""BMD register: inventory cards KIB A to F."""

from adapters.bmd.layouts import ADAPTER

__all__ = ["ADAPTER"]
