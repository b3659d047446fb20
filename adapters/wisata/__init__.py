"""Tourism: visits counted a month."""

from adapters.wisata.layouts import ADAPTER

__all__ = ["ADAPTER"]
