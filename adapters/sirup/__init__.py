"""SiRUP: announced packages and the budget lines that pay them."""

from adapters.sirup.layouts import ADAPTER

__all__ = ["ADAPTER"]
