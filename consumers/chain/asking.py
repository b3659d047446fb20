"""The rules as the bus asks them: what a fact states, and what is answered about a subject. Pure but for look-ups."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bus.projection import ViewRow
from bus.subjects import SHARED, Answer, Asking, Lookup, Notice, Stated
from consumers.chain.reads import PROVINCE, TIMED
from consumers.chain.rules.books import Asof, Books, Kept, Row, Term, present, stated_asof
from consumers.chain.rules.budget import unit_lines
from consumers.chain.rules.figures import Figures
from consumers.chain.rules.hits import Hit
from consumers.chain.rules.kinds import KINDS
from consumers.chain.rules.payments import unit_orders
from consumers.chain.rules.subjects import evaluate
from schemas import join_key
from schemas.times import utc_text

__all__ = [
    "ASKING",
    "SUBJECT",
    "books_in_turn",
    "books_over",
    "evaluated",
    "hit_body",
    "hit_evidence",
    "kind_of",
    "manifest_asof",
]

_FEED = {
    "KegiatanListed": "rup-kegiatan-master",
    "SubKegiatanListed": "rup-subkegiatan-master",
    "PurchaseAnnounced": "spse-nontender-pengumuman",
    "PurchaseCompleted": "spse-nontender-selesai",
    "TenderAnnounced": "spse-tender-pengumuman",
    "TenderCompleted": "spse-tender-selesai",
    "TenderAwarded": "spse-tender-selesai-nilai",
    "CatalogueOrderPlaced": "ecat-paket-v6",
    "ExportRead": "export",
}
_DELIVERY = {
    "AwardLetterIssued": "sppbj",
    "ContractSigned": "kontrak",
    "WorkOrderIssued": "spmk",
    "HandoverRecorded": "bapbast",
}
_SINGLE = {**PROVINCE, **_FEED}
SUBJECT = "@"
"""First character of a subject that rules are asked about."""


def kind_of(event: str, key: str) -> str:
    """File kind of an event; of e-delivery, by the package at the head of its key."""
    part = _DELIVERY.get(event)
    if part is None:
        return _SINGLE[event]
    return f"spse-tender-{part}" if key.startswith("T:") else f"spse-nontender-{part}"


_EVENT = {kind: event for event, kind in _SINGLE.items()} | {
    f"spse-{title}-{part}": event for event, part in _DELIVERY.items() for title in ("nontender", "tender")
}


def _states(event: str, key: str, content: Mapping[str, str]) -> Stated:
    name = kind_of(event, key)
    kind = KINDS[name]
    terms = [f"{name}|{index}|{value}" for index, values in kind.index.items() for value in values(content)]
    return Stated(terms, [f"{SUBJECT}{subject}" for subject in kind.subjects(content)])


class LookupReader:
    """Rows for the rules out of facts."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    def keys(self, kind: str, index: str, value: str) -> Iterable[Sequence[Row]]:
        """All rows of each key that states a value, and maybe of others."""
        event = _EVENT[kind]
        for rows in self._lookup.rows(f"{kind}|{index}|{value}"):
            if rows.event == event and kind_of(event, rows.key) == kind:
                yield [Row(rows.key, row.columns, "", row.event_id, row.event_ms) for row in rows.rows]


_SHARED = {function.__name__: function for function in (present, stated_asof, unit_lines, unit_orders)}


def _term(term: Term) -> str:
    kind, index, value = term
    return f"{kind}|{index}" if kind.startswith("=") else f"{kind}|{index}|{value}"


def _shared_term(subject: str) -> str:
    """Term of a shared value, from its subject ``!name|argument``."""
    return f"={subject.removeprefix(SHARED)}"


def _answer(lookup: Lookup, subjects: Sequence[str]) -> Iterator[Answer]:
    books = Books(LookupReader(lookup))
    for subject in subjects:
        if subject.startswith(SHARED):
            name, _, argument = subject.removeprefix(SHARED).partition("|")
            books.share(_SHARED[name], argument)
            books.take_asked()
            continue
        hits, figures = evaluate(books, subject.removeprefix(SUBJECT))
        yield Answer(subject, [*_rows(hits, figures)], [_term(term) for term in books.take_asked()])
    for (name, argument), kept in books.shared.items():
        yield Answer(f"{SHARED}{name}|{argument}", (), [_term(term) for term in kept.asked], _text(kept))


def _text(kept: Kept) -> str:
    """A shared value as text that is the same for equal values."""
    value = kept.value
    if isinstance(value, frozenset):
        return json.dumps(sorted(value))
    if isinstance(value, Asof):
        return json.dumps([str(value.day), value.year])
    return json.dumps(value)


def _rows(hits: Sequence[Hit], figures: Figures) -> Iterator[ViewRow]:
    for hit in hits:
        yield ViewRow("integrity", None, hit_body(hit), hit_evidence(hit))
    if figures:
        yield ViewRow("figures", None, figures.body(), {})


def hit_body(hit: Hit) -> dict[str, str | None]:
    """What is hashed and shown of a hit."""
    return {
        "rule": hit.rule,
        "severity": hit.severity,
        "key": hit.key,
        "unit": hit.unit,
        "amount": hit.amount,
        "message": hit.message,
    }


def hit_evidence(hit: Hit) -> dict[str, object]:
    """Events behind a hit, and since when they show it, milliseconds UTC."""
    since = max((row.event_ms for row in hit.evidence if row.event_ms is not None), default=None)
    return {"events": sorted(row.event_id for row in hit.evidence), "since": since}


def books_in_turn(lookup: Lookup, subjects: Iterable[str], told: Asof | None = None) -> Iterator[tuple[Books, str]]:
    """Each subject with rows to ask for it, within the clocks of a look-up.

    Memory: what some hundred subjects looked up, and the shared values.
    """
    books = Books(LookupReader(lookup), told)
    for number, subject in enumerate(subjects):
        if number % _TOGETHER == 0:
            books = Books(books.reader, told, shared=books.shared)
            lookup.forget()
        yield books, subject


def evaluated(lookup: Lookup, subjects: Iterable[str], told: Asof | None) -> Iterator[tuple[list[Hit], Figures]]:
    """Hits and figures of subjects."""
    for books, subject in books_in_turn(lookup, subjects, told):
        yield evaluate(books, subject.removeprefix(SUBJECT))


_TOGETHER = 500
"""Subjects that share what they looked up."""


def books_over(lookup: Lookup) -> Books:
    """The rows within the clocks of a look-up, as rules ask for them."""
    return Books(LookupReader(lookup))


def manifest_asof(lookup: Lookup) -> Asof:
    """The date that manifests state within the clocks of a look-up."""
    return books_over(lookup).asof


def _announce(before: Sequence[Mapping[str, Any]], after: Sequence[ViewRow]) -> Iterator[Notice]:
    """Hits that are new, said otherwise, or gone."""
    was = {_name(row["body"]): row["body"] for row in before if row["view"] == "integrity"}
    now = {_name(row.body): row for row in after if row.view == "integrity"}
    for name, row in now.items():
        if was.get(name) != row.body:
            since = row.evidence["since"]
            more = {"since": "" if since is None else utc_text(since), "evidence": " ".join(row.evidence["events"])}
            yield Notice("RuleViolated", join_key(name), _content({**row.body, **more}))
    for name, body in was.items():
        if name not in now:
            yield Notice("RuleCleared", join_key(name), _content(body))


def _name(body: Mapping[str, Any]) -> tuple[str, str]:
    return body["rule"], body["key"]


def _content(body: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(text) for name, text in sorted(body.items()) if text}


ASKING = Asking(
    frozenset({*_SINGLE, *_DELIVERY}), frozenset(PROVINCE) | TIMED, _states, _answer, _shared_term, _announce
)
"""The rules as subjects of the chain."""
