"""e-Performance: e-SAKIP agreements, SKP ratings, TPP payments."""

from adapters.skp.layouts import ADAPTER

__all__ = ["ADAPTER"]
