"""e-Controlling: RFK, monthly financial and physical progress."""

from adapters.rfk.layouts import ADAPTER

__all__ = ["ADAPTER"]
