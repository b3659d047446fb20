"""Ratios measured in one run: ``make bench``. A figure without its peer in the same run is not printed."""
