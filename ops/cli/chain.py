"""Commands on the chain: report, check, show, stuck, deviation, timeliness, coverage."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import click

from ops.chain import Asked, chain_report, chain_show
from ops.cli.frame import FINDINGS, Context, asked_day, asked_time, command
from ops.followed import chain_deviation, chain_stuck
from ops.integrity import chain_check
from ops.pace import chain_coverage, chain_timeliness
from ops.settings import printable

__all__ = ["register"]

F = TypeVar("F", bound=Callable[..., Any])


def register(cli: click.Group) -> None:
    """Add the commands."""
    chain = click.Group("chain", help="The chain from plan to payment.")
    command(chain, "report")(_report)
    command(chain, "check")(_check)
    command(chain, "show")(_show)
    command(chain, "stuck")(_stuck)
    command(chain, "deviation")(_deviation)
    command(chain, "timeliness")(_timeliness)
    command(chain, "coverage")(_coverage)
    cli.add_command(chain)


def _clocks(function: F) -> F:
    """Give a command the two clocks."""
    known = click.option(
        "--as-known-at", "known_at", callback=asked_time, help="Only facts that were recorded by then."
    )
    true = click.option("--as-true-at", "true_at", callback=asked_time, help="Only facts that had happened by then.")
    return true(known(function))


@click.option("--unit", help="Only this unit (kd_satker_str).")
@_clocks
def _report(context: Context, unit: str | None, true_at: int | None, known_at: int | None) -> None:
    """Measures, totals and funnel, as of a time that is told."""
    with context.parts() as parts:
        document = chain_report(parts, Asked(true_at, known_at), unit)
    context.say(document, lambda: _report_lines(document))


@click.option("--as-of", "as_of", callback=asked_day, help="Date that rules compare with; it filters nothing.")
@_clocks
def _check(context: Context, as_of: date | None, true_at: int | None, known_at: int | None) -> int:
    """Open hits of the integrity rules; the default date is the manifest's, else today."""
    with context.parts() as parts:
        hits = chain_check(parts, Asked(true_at, known_at), as_of)
    context.say(hits, lambda: _check_lines(hits))
    return FINDINGS if hits else 0


def _check_lines(hits: list[dict[str, Any]]) -> Iterator[str]:
    for hit in hits:
        amount = f"Rp {Decimal(hit['amount']):,.2f}" if hit["amount"] else ""
        yield f"{hit['rule']:>2} {hit['severity']} {mask_nips(hit['key']):60} {amount:>24}  {hit['message']}"
    yield f"{len(hits)} open hits"


@click.option("--unit", help="Only this unit (kd_satker_str).")
@click.option("--as-of", "as_of", callback=asked_day, help="Day up to which ages count.")
@_clocks
def _stuck(context: Context, unit: str | None, as_of: date | None, true_at: int | None, known_at: int | None) -> None:
    """What waits, since when, and whose turn it is; longest first."""
    with context.parts() as parts:
        found = chain_stuck(parts, Asked(true_at, known_at), as_of, unit)
    context.say(found, lambda: _stuck_lines(found))


def _stuck_lines(found: list[dict[str, Any]]) -> Iterator[str]:
    for item in found:
        amount = f"Rp {Decimal(item['amount']):,.2f}"
        yield f"{item['age_days']:5} days  {item['turn']:9} {item['stage']:12} {item['key']:56} {amount:>24}"
    yield f"{len(found)} wait"


@click.option("--unit", help="Only this unit (kd_satker_str).")
@_clocks
def _deviation(context: Context, unit: str | None, true_at: int | None, known_at: int | None) -> None:
    """Work, money and plan of each sub kegiatan in its last reported month; money furthest ahead first."""
    with context.parts() as parts:
        found = chain_deviation(parts, Asked(true_at, known_at), unit)
    context.say(found, lambda: _deviation_lines(found))


def _deviation_lines(found: list[dict[str, Any]]) -> Iterator[str]:
    yield f"{'sub kegiatan':32} {'month':>5} {'work %':>8} {'money %':>8} {'plan %':>8}"
    for row in found:
        shares = (row["physical"], row["financial"] or "-", row["planned"] or "-")
        yield f"{row['kode_sbl']:32} {row['month']:>5} {shares[0]:>8} {shares[1]:>8} {shares[2]:>8}"


@click.option("--unit", help="Only this unit (kd_satker_str).")
@click.option("--as-of", "as_of", callback=asked_day, help="Day up to which things count as heard.")
@_clocks
def _timeliness(
    context: Context, unit: str | None, as_of: date | None, true_at: int | None, known_at: int | None
) -> None:
    """How many days after they happened events arrive, by unit and stage; in time where a term is declared."""
    with context.parts() as parts:
        document = chain_timeliness(parts, Asked(true_at, known_at), as_of, unit)
    context.say(document, lambda: _timeliness_lines(document))


def _timeliness_lines(document: dict[str, Any]) -> Iterator[str]:
    yield f"as known at {document['as_known_at'] or 'nothing applied yet: grms run --until-caught-up'}"
    yield f"{'unit':24} {'stage':12} {'events':>8} {'median':>7} {'p90':>6} {'max':>6} {'in time':>8}  days"
    for row in document["by_stage"]:
        days = [_known(row[name]) for name in ("median_days", "p90_days", "max_days")]
        share = "-" if row["in_time_pct"] is None else f"{row['in_time_pct']} %"
        unit = row["unit"] or "(no unit)"
        yield f"{unit:24} {row['stage']:12} {row['timed']:8} {days[0]:>7} {days[1]:>6} {days[2]:>6} {share:>8}"
    for term in document["terms"]:
        yield f"term of {term['event']}: {term['due_day']} {term['satuan']} ({term['status']}): {term['dasar_hukum']}"
    pulled = sorted({row["event"] for row in document["by_event"] if not row["dated"]})
    yield f"left out, since only their export is dated and a late pull would count: {', '.join(pulled) or '-'}"


def _known(figure: int | None) -> str:
    return "-" if figure is None else str(figure)


@click.option("--unit", help="Only this unit, by code or by its name in the catalogue.")
@click.option("--as-of", "as_of", callback=asked_day, help="Day up to which ages count.")
@_clocks
def _coverage(
    context: Context, unit: str | None, as_of: date | None, true_at: int | None, known_at: int | None
) -> None:
    """Each application that a unit named in 2019: what is heard of it, and how old that is."""
    with context.parts() as parts:
        document = chain_coverage(parts, Asked(true_at, known_at), as_of, unit)
    context.say(document, lambda: _coverage_lines(document))


def _coverage_lines(document: dict[str, Any]) -> Iterator[str]:
    yield f"as known at {document['as_known_at'] or 'nothing applied yet: grms run --until-caught-up'}"
    for row in document["rows"]:
        age = "" if row["age_days"] is None else f"{row['last_event']}, {row['age_days']} days old"
        what = f"{row['unit'][:40]:40} {(row['application'] or '-')[:32]:32} {row['tahap'] or '-':22}"
        yield f"{what} {row['state']:13} {row['source'] or '':10} {age}".rstrip()
    yield ""
    for row in document["by_tahap"]:
        told = (
            f"{row['fed']} fed, {row['silent']} silent, {row['unit_unknown']} of unknown units, {row['unread']} unread"
        )
        yield f"{row['tahap']:22} {'covered' if row['covered'] else 'MISSING':8} {row['applications']:4}: {told}"


_NIP = re.compile(r"(?<!\d)(\d{4})\d{10}(\d{4})(?!\d)", re.ASCII)


def mask_nips(text: str) -> str:
    """A text without the middle of any NIP.

    >>> mask_nips("c:198609262015051001|2")
    'c:1986**********1001|2'
    """
    return _NIP.sub(r"\1**********\2", text)


def _report_lines(document: dict[str, Any]) -> Iterator[str]:
    yield f"as known at {document['as_known_at'] or 'nothing applied yet: grms run --until-caught-up'}"
    if document["as_true_at"]:
        yield f"as true at  {document['as_true_at']}"
    for part in ("measures", "funnel"):
        yield ""
        yield part
        for name, value in document[part].items():
            yield f"  {name:40} {_figure(value):>24}"
    mak = document["mak"]
    yield ""
    yield f"mak: {mak['clean']} clean, {len(mak['repaired'])} repaired, {len(mak['unresolved'])} unresolved"
    for unit, totals in document["totals"].items():
        yield ""
        yield f"totals of {unit}"
        for name, value in totals.items():
            yield f"  {name:40} {_figure(value):>24}"
    yield ""
    yield f"{'unit':24} {'listed':>7} {'contract':>9} {'handover':>9}  name"
    for row in document["by_unit"]:
        told = row["measures"]
        figures = (told["purchases_listed"], told["purchases_with_contract"], told["purchases_with_handover"])
        yield f"{row['unit'] or '(no unit)':24} {figures[0]:7} {figures[1]:9} {figures[2]:9}  {row['name'] or ''}"


def _figure(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else f"Rp {Decimal(str(value)):,.2f}" if value else "-"


def _told(told: Mapping[str, Any]) -> str:
    """What a node says, on one line.

    >>> _told({"target": "83", "measured": {"2025-03": "20"}, "reached_pct": None})
    'target 83; measured 2025-03 20; reached_pct not known'
    """
    parts = []
    for name, value in told.items():
        if isinstance(value, Mapping):
            parts.append(f"{name} {', '.join(f'{key} {text}' for key, text in value.items()) or 'nothing'}")
        else:
            parts.append(f"{name} {'not known' if value is None else value}")
    return "; ".join(parts)


@click.argument("key")
@_clocks
def _show(context: Context, key: str, true_at: int | None, known_at: int | None) -> int:
    """The card around a key: package, contract number, RUP code, budget line, sub kegiatan, indicator, NIP or unit."""
    key = printable(key)
    with context.parts() as parts:
        document = chain_show(parts, key, Asked(true_at, known_at))
    if document is None:
        empty: list[str] = []
        gaps = [f"nothing is known of {key}"]
        document = {"key": key, "nodes": empty, "links": empty, "gaps": gaps, "open_dead_letters": empty}
        context.say(document, lambda: iter(gaps))
        return FINDINGS
    context.say(document, lambda: _show_lines(document))
    return 0


def _show_lines(document: dict[str, Any]) -> Iterator[str]:
    for node in document["nodes"]:
        amount = f"Rp {node['amount']}" if node["amount"] else ""
        yield f"{node['stage']:12} {node['kind']:16} {mask_nips(node['id']):60} {amount}"
        if "told" in node:
            yield f"  {mask_nips(_told(node['told']))}"
    yield ""
    for link in document["links"]:
        how = f"{link['method']} {link['confidence']:.2f}, {len(link['evidence'])} events"
        yield f"{mask_nips(link['from'])} -> {mask_nips(link['to'])}  {how}"
    if document["gaps"]:
        yield ""
        yield "Gaps"
    for gap in document["gaps"]:
        yield f"  {mask_nips(gap)}"
    for letter in document["open_dead_letters"]:
        yield f"  dead letter {letter}: grms dlq show {letter}"
