"""TUKIN/TPP: from attendance to pay, to the rupiah, with a reason for each. Rules: the TUKIN rule sheet, R1 to R33."""

from consumers.tukin.case import Case, Close, Layer, case_statement
from consumers.tukin.facts import BadRow, Punch, Row, punch_of
from consumers.tukin.loader import read_policies
from consumers.tukin.statement import month_document
from consumers.tukin.values import BadInput, local_time, read_day, read_month

__all__ = [
    "BadInput",
    "BadRow",
    "Case",
    "Close",
    "Layer",
    "Punch",
    "Row",
    "case_statement",
    "local_time",
    "month_document",
    "punch_of",
    "read_day",
    "read_month",
    "read_policies",
]
