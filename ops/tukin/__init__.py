"""TUKIN at the edge: case folders, closes, statements, pay sheets."""

from ops.tukin.case import case_document
from ops.tukin.ledger import Answer, close_month, closes, masked, month_lines, statement, unit_of

__all__ = ["Answer", "case_document", "close_month", "closes", "masked", "month_lines", "statement", "unit_of"]
