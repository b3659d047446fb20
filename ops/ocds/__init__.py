"""The export of contracting processes in the Open Contracting Data Standard."""

from ops.ocds.export import export_ocds

__all__ = ["export_ocds"]
