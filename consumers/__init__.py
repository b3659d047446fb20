"""Consumers: pure functions from the rows of a node to the rows of its views."""

from consumers.attendance import ATTENDANCE
from consumers.chain import CHAIN
from consumers.tukin.projection import TUKIN

__all__ = ["ATTENDANCE", "CHAIN", "CONSUMERS", "TUKIN"]

CONSUMERS = {consumer.name: consumer for consumer in (CHAIN, ATTENDANCE, TUKIN)}
"""Every consumer by its name."""
