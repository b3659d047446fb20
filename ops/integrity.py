"""The rules as asked: open hits, as of a date and under both clocks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from bus import Parts
from consumers.chain.asking import hit_body, hit_evidence, manifest_asof
from consumers.chain.rules import Asof
from ops.chain import Asked, Scope, scope_of, today
from schemas.times import iso

__all__ = ["chain_check"]


def chain_check(parts: Parts, asked: Asked, as_of: date | None) -> list[dict[str, Any]]:
    """The document of ``grms chain check --json``: open hits, by rule and key.

    Args:
        asked: both clocks; they filter facts.
        as_of: date that rules compare with; it filters nothing. None = the manifest's, else today.
    """
    with parts.store.read() as tx:
        scope = scope_of(parts, tx, asked)
        stated = manifest_asof(scope.lookup())
        told = _told(stated, as_of, today(parts))
        stored = scope.live and told == stated
        hits = [_document(body, evidence) for body, evidence in (_stored(scope) if stored else _anew(scope, told))]
    return sorted(hits, key=lambda hit: (int(hit["rule"]), hit["key"]))


def _told(stated: Asof, as_of: date | None, now: date) -> Asof:
    day = as_of or stated.day or now
    return Asof(day, stated.year or day.year)


def _stored(scope: Scope) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    sql = "select body, evidence from view_row where generation = ? and view = 'integrity'"
    for body, evidence in scope.tx.stream(sql, scope.generation):
        yield json.loads(body), json.loads(evidence)


def _anew(scope: Scope, told: Asof) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    for hits, _ in scope.answers(told):
        for hit in hits:
            yield hit_body(hit), hit_evidence(hit)


def _document(body: Mapping[str, Any], evidence: Mapping[str, Any]) -> dict[str, Any]:
    since = evidence["since"]
    return {
        "rule": body["rule"],
        "severity": body["severity"],
        "key": body["key"],
        "unit": body["unit"],
        "amount": body["amount"],
        "since": None if since is None else iso(since),
        "evidence": evidence["events"],
        "message": body["message"],
    }
