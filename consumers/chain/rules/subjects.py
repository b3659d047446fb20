"""What is asked of each kind of subject: its rules and its figures. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from consumers.chain.rules.books import Books
from consumers.chain.rules.delivery import contract_rules
from consumers.chain.rules.figures import FIGURES, Figures
from consumers.chain.rules.hits import Hit
from consumers.chain.rules.oversight import (
    allowance_rules,
    disposal_rules,
    indicator_rules,
    rating_rules,
    recommendation_rules,
)
from consumers.chain.rules.packages import budget_line_rules, code_rules, package_rules
from consumers.chain.rules.payments import sp2d_rules, spm_rules, spp_rules
from consumers.chain.rules.plan import kegiatan_rules, line_rules, sub_kegiatan_rules, version_rules

__all__ = ["evaluate"]

Rule = Callable[[Books, str], Iterable[Hit]]


def _versions(kind: str, index: str) -> Rule:
    return lambda books, value: version_rules(books, kind, index, value)


_RULES: Mapping[str, tuple[Rule, ...]] = {
    "KEG": (kegiatan_rules,),
    "SBL": (sub_kegiatan_rules, _versions("sipd-renja-subkegiatan", "sbl")),
    "LINE": (line_rules, _versions("sipd-rka", "id")),
    "DANA": (_versions("sipd-dana", "id"),),
    "KAS": (_versions("sipd-anggaran-kas", "id"),),
    "SUB": (budget_line_rules,),
    "RUP": (code_rules,),
    "PKG": (package_rules, contract_rules),
    "SPP": (spp_rules,),
    "SPM": (spm_rules,),
    "SP2D": (sp2d_rules,),
    "DISPOSAL": (disposal_rules,),
    "REKOMENDASI": (recommendation_rules,),
    "INDIKATOR": (indicator_rules, _versions("sakip-perjanjian", "indicator")),
    "SKP": (rating_rules,),
    "TPP": (allowance_rules,),
    "LETTER": (),
    "NIP": (),
}
"""Rules by the prefix of a subject."""


def evaluate(books: Books, subject: str) -> tuple[list[Hit], Figures]:
    """Open hits of a subject and what it adds to the figures."""
    prefix, _, name = subject.partition(":")
    hits = [found for rule in _RULES[prefix] for found in rule(books, name)]
    figures = Figures()
    if prefix in FIGURES:
        FIGURES[prefix](books, name, figures)
    return hits, figures
