"""How soon events arrive, and which applications of the catalogue are heard, as asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from adapters import ADAPTERS, SOURCES, catalogue
from bus import Parts
from bus.rows import Fact
from bus.store.facts import facts_of
from consumers.chain.asking import manifest_asof
from consumers.chain.due import Due, due_rules
from consumers.chain.pace import Pace, Paced, paces, quantile
from consumers.chain.report import masters_of
from ops.chain import Asked, Scope, scope_of, today
from schemas.times import iso

__all__ = ["chain_coverage", "chain_timeliness"]

_KINDS = {kind.event: (kind.stage, kind.source) for kinds in reversed(SOURCES.values()) for kind in reversed(kinds)}
"""Stage and source of each event type: the first kind that becomes it."""
_STAGES = tuple(dict.fromkeys(kind.stage for kinds in SOURCES.values() for kind in kinds))


def chain_timeliness(parts: Parts, asked: Asked, as_of: date | None, unit: str | None) -> dict[str, Any]:
    """The document of ``grms chain timeliness --json``: delays by unit and stage, and by unit and type.

    A stage's delays are those of types whose rows are dated themselves; of others only the pull is known.
    """
    with parts.store.read() as tx:
        scope = scope_of(parts, tx, asked)
        day, found, names = _heard(parts, scope, as_of)
    chosen = sorted(
        ((key, pace) for key, pace in found.items() if unit in (None, key.unit) and key.event in _KINDS),
        key=lambda item: (item[0].unit or "", _STAGES.index(_KINDS[item[0].event][0]), item[0].event),
    )
    stages: dict[tuple[str | None, str], Pace] = defaultdict(Pace)
    for key, pace in chosen:
        dated = pace if _dated(key.event) else Pace(pace.events)
        stages[key.unit, _KINDS[key.event][0]].add(dated)
    terms = due_rules()
    return {
        "as_known_at": None if scope.mark < 0 else iso(scope.mark),
        "as_of": day.isoformat(),
        "by_stage": [
            {"unit": code, "name": names.get(code or ""), "stage": stage, **_spread(pace)}
            for (code, stage), pace in stages.items()
        ],
        "by_event": [
            {
                "unit": key.unit,
                "stage": _KINDS[key.event][0],
                "event": key.event,
                "dated": _dated(key.event),
                "term": key.event if key.event in terms else None,
                **_spread(pace),
            }
            for key, pace in chosen
        ],
        "terms": [_term(due) for due in terms.values()],
    }


def _heard(parts: Parts, scope: Scope, as_of: date | None) -> tuple[date, dict[Paced, Pace], dict[str, str | None]]:
    """The day that ages are counted to, arrivals by unit and type, and names of units."""
    day = as_of or manifest_asof(scope.lookup()).day or today(parts)
    facts = facts_of(scope.tx, scope.generation, recorded_until=scope.mark, true_until=scope.true_at)

    def columns(fact: Fact) -> Mapping[str, Any]:
        return parts.codec.decode(fact.payload, fact.event)

    masters, _ = masters_of(scope.rows("plan"))
    return day, paces(facts, columns, due_rules(), day), dict(masters.units)


def _dated(event: str) -> bool:
    """Whether its rows say themselves when they were made or changed; else a late pull would count as a delay."""
    kinds = (kind for kinds in SOURCES.values() for kind in kinds if kind.event == event)
    layouts = (ADAPTERS[kind.source].layouts.get(kind.name) for kind in kinds)
    return any(layout is not None and layout.observed for layout in layouts)


def _spread(pace: Pace) -> dict[str, Any]:
    """Delays in calendar days: nearest-rank quantiles; share in time only where a term is declared."""
    return {
        "events": pace.events,
        "timed": pace.days.total(),
        "median_days": quantile(pace.days, 0.5),
        "p90_days": quantile(pace.days, 0.9),
        "max_days": max(pace.days, default=None),
        "judged": pace.judged,
        "in_time": pace.in_time,
        "in_time_pct": f"{pace.in_time * 100 / pace.judged:.1f}" if pace.judged else None,
    }


def _term(due: Due) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(due).items()}


def chain_coverage(parts: Parts, asked: Asked, as_of: date | None, unit: str | None) -> dict[str, Any]:
    """The document of ``grms chain coverage --json``: each application that a unit named in 2019, and what is heard.

    ``state``: ``fed`` = this unit's events arrive; ``silent`` = its system can be read and says nothing of this unit;
    ``unit_unknown`` = can be read, but no master lists a unit of this name; ``unread`` = no adapter reads it;
    ``none_named`` = the unit named no application.
    """
    with parts.store.read() as tx:
        scope = scope_of(parts, tx, asked)
        day, found, names = _heard(parts, scope, as_of)
    codes = {_plain(name): code for code, name in sorted(names.items(), reverse=True) if name}
    sources = {name.casefold(): adapter.source for adapter in ADAPTERS.values() for name in adapter.applications}
    by_source: dict[tuple[str, str | None], Pace] = defaultdict(Pace)
    whole: dict[str, Pace] = defaultdict(Pace)
    for key, pace in found.items():
        if key.event in _KINDS:
            teller = _KINDS[key.event][1]
            by_source[teller, key.unit].add(pace)
            whole[teller].add(pace)
    rows = []
    for listed in catalogue():
        code = codes.get(_plain(listed.unit))
        if unit not in (None, code, listed.unit):
            continue
        source: str | None = sources.get(listed.application.casefold())
        pace = by_source.get((source, code), Pace()) if source and code else Pace()
        rows.append(
            {
                "unit": listed.unit,
                "code": code,
                "application": listed.application or None,
                "tahap": listed.stage or None,
                "source": source,
                "stages": _stages(source),
                "state": _state(listed.application, source, code, pace),
                "events": pace.events,
                "last_event": _iso(pace.last_event),
                "last_heard": _iso(pace.last_heard),
                "age_days": None if pace.last_event is None else (day - pace.last_event).days,
                "source_last_heard": _iso(whole[source].last_heard) if source in whole else None,
            }
        )
    return {
        "as_known_at": None if scope.mark < 0 else iso(scope.mark),
        "as_of": day.isoformat(),
        "units": len({row["unit"] for row in rows}),
        "applications": len(rows),
        "by_state": {state: sum(row["state"] == state for row in rows) for state in _STATES},
        "by_tahap": list(_by_tahap(rows)),
        "rows": rows,
    }


_STATES = ("fed", "silent", "unit_unknown", "unread", "none_named")


def _state(application: str, source: str | None, code: str | None, pace: Pace) -> str:
    if not application:
        return "none_named"
    if source is None:
        return "unread"
    if code is None:
        return "unit_unknown"
    return "fed" if pace.events else "silent"


def _plain(name: str) -> str:
    """A unit's name without case and surplus white space."""
    return " ".join(name.casefold().split())


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _stages(source: str | None) -> list[str]:
    return [] if source is None else list(dict.fromkeys(kind.stage for kind in SOURCES[source]))


def _by_tahap(rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for tahap in sorted({row["tahap"] for row in rows if row["tahap"]}):
        of = [row["state"] for row in rows if row["tahap"] == tahap]
        told = {state: of.count(state) for state in _STATES[:-1]}
        yield {"tahap": tahap, "covered": told["unread"] < len(of), "applications": len(of), **told}
