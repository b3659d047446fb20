"""SIPTL, SIM LHP: findings, recommendations, deposits."""

from adapters.siptl.layouts import ADAPTER

__all__ = ["ADAPTER"]
