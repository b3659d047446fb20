"""Case folders of the TUKIN rule sheet (section F): CSV tables, punches, policies, late folders."""

from adapters.tukin_case.folder import CaseFiles, Cell, FolderFiles, NotACase, PunchLine, read_case
from adapters.tukin_case.layouts import ADAPTER

__all__ = ["ADAPTER", "CaseFiles", "Cell", "FolderFiles", "NotACase", "PunchLine", "read_case"]
