"""Treasury: SIPD penatausahaan or SIPKD, from SPD to SP2D."""

from adapters.keuangan.layouts import ADAPTER

__all__ = ["ADAPTER"]
