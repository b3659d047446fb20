"""The chain from plan to payment: links with method, confidence and evidence; a card per package; measures."""

from consumers.chain.projection import CHAIN
from consumers.chain.reads import PREFIXES
from consumers.chain.report import report

__all__ = ["CHAIN", "PREFIXES", "report"]
