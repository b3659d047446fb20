"""e-Absensi: punches as attendance devices export them, and the table of who has which PIN."""

from adapters.absensi.attlog import KINDS, read_file, read_original
from adapters.absensi.layouts import ADAPTER

__all__ = ["ADAPTER", "KINDS", "read_file", "read_original"]
