"""Benchmarks: ratios within one run. ``python -m ops.bench``."""
