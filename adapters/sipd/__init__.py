"""SIPD planning and budgeting: RPJMD, Renja, price standards, DPA, RKA, funds, cash plan."""

from adapters.sipd.layouts import ADAPTER

__all__ = ["ADAPTER"]
