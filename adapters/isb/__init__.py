"""The LKPP ISB feed: SiRUP masters, SPSE tenders and direct purchases, e-Kontrak, e-catalogue 6."""

from adapters.isb.adapter import ADAPTER
from adapters.isb.feed import read_file, read_original
from adapters.isb.layouts import KINDS, LAYOUTS

__all__ = ["ADAPTER", "KINDS", "LAYOUTS", "read_file", "read_original"]
