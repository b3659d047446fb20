"""SIMPEG, SIASN: employees, posts, sanctions, retirement."""

from adapters.siasn.layouts import ADAPTER

__all__ = ["ADAPTER"]
