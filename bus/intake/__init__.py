"""Intake: rows of exports become statements (`take`), and statements become events (`settle`).

Two steps, so that a statement is known whole before it is judged, whatever files and batches it came in.
"""

from bus.intake.export import Export, Rejected, Stated, Taken
from bus.intake.finish import finish
from bus.intake.settle import settle
from bus.intake.take import take

__all__ = ["Export", "Rejected", "Stated", "Taken", "finish", "settle", "take"]
