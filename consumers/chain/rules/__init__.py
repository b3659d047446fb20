"""The 27 integrity rules, totals and funnel: pure functions over rows that are asked for by term."""

from consumers.chain.rules.books import Asof, Books, Reader, Row
from consumers.chain.rules.figures import FUNNEL, TOTALS, Figures
from consumers.chain.rules.hits import Hit
from consumers.chain.rules.kinds import KINDS
from consumers.chain.rules.subjects import evaluate

__all__ = ["FUNNEL", "KINDS", "TOTALS", "Asof", "Books", "Figures", "Hit", "Reader", "Row", "evaluate"]
