"""Consumers: pure functions from the rows of a node to the rows of its views."""

from consumers.attendance import ATTENDANCE
from consumers.chain import CHAIN

__all__ = ["ATTENDANCE", "CHAIN", "CONSUMERS"]

CONSUMERS = {consumer.name: consumer for consumer in (CHAIN, ATTENDANCE)}
"""Every consumer by its name."""
