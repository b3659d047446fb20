"""Implementations of the `Log` port. Contract: ``tests/contract/test_log.py``, one suite for all."""

from bus.log.embedded import EmbeddedLog

__all__ = ["EmbeddedLog"]
