"""Contracting processes in the Open Contracting Data Standard 1.1: releases, and the record that they merge into."""

from consumers.ocds.compiled import compiled
from consumers.ocds.history import Statement, history
from consumers.ocds.reads import READS
from consumers.ocds.releases import Terms, ocid, releases

__all__ = ["READS", "Statement", "Terms", "compiled", "history", "ocid", "releases"]
