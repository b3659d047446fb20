"""SRIKANDI: letters, classes of records, disposal."""

from adapters.srikandi.layouts import ADAPTER

__all__ = ["ADAPTER"]
