"""Permits: OSS."""

from adapters.izin.layouts import ADAPTER

__all__ = ["ADAPTER"]
