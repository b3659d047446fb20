"""TUKIN through the bus: lines of a month as known at a moment, and closing a month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bus import Parts
from bus.engine import live_generation, run, watermark
from bus.intake import finish
from bus.intake.event import event_record
from bus.linked import owners_of, shared_facts, with_parts
from bus.rows import Fact
from bus.store import outbox
from bus.store.database import Tx
from bus.store.facts import SELECT
from consumers.tukin import BadInput, month_document
from consumers.tukin.known import Closed, owner_facts, punch_of_key, remembering
from consumers.tukin.projection import LINKS, TUKIN, Ledger, Settled
from consumers.tukin.punches import Quarantined, identify
from consumers.tukin.settle import Line
from ops.settings import Misuse
from schemas import Envelope, content_digest, encode_row, event_id, observed_text
from schemas.times import WITA, instant, iso
from schemas.values import Wrong

__all__ = ["Answer", "close_month", "closes", "masked", "month_lines", "statement"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Answer:
    """Lines of one month as known at a moment.

    Attributes:
        closed: the close that they were settled at; of an open month, a close at this very moment.
        provisional: the month is open.
        known_ms: what was recorded by then counts, milliseconds UTC.
        problems: people whose facts can't be used, by NIP.
        events: ids of the events behind the facts that lines name, where one person was asked for.
    """

    closed: Closed
    provisional: bool
    known_ms: int
    lines: Sequence[Line]
    problems: dict[str, str]
    quarantine: Sequence[Quarantined] = ()
    events: Mapping[str, str] = field(default_factory=dict)


def catch_up(parts: Parts) -> int:
    """Bring the live TUKIN views to the log's end; return their generation."""
    run(parts, [TUKIN], until_caught_up=True)
    return live_generation(parts, TUKIN)


def closes(parts: Parts) -> list[Closed]:
    """Months that were closed, ascending."""
    generation = catch_up(parts)
    with parts.store.read() as tx:
        return list(Ledger.of(shared_facts(LINKS, tx, generation), parts.codec).closes)


def close_month(parts: Parts, month: str, on: date, as_of: datetime) -> str:
    """Publish `MonthClosed`: what is recorded before it counts for the month. Returns the event's id.

    Raises:
        Misuse: the month, or a later one, was closed before.
    """
    finish(parts)
    for closed in closes(parts):
        if closed.month >= month:
            when = f"{closed.month} was closed on {closed.on.isoformat()}"
            raise Misuse(
                f"{when}; a close is never repeated or overtaken. What came later is settled in the next month."
            )
    now = parts.now_ms()
    observed = observed_text(now)
    content = {"as_of": as_of.isoformat(), "closed_on": on.isoformat(), "month": month}
    body = encode_row("MonthClosed", content)
    moment = instant(on.isoformat(), ZoneInfo("Asia/Makassar"))
    if isinstance(body, tuple) or isinstance(moment, Wrong):  # pragma: no cover - dates were read before
        raise Misuse(f"{on.isoformat()} can't be written.")
    digest = content_digest("MonthClosed", month, "", content)
    envelope = Envelope(
        event_id(digest, observed), "MonthClosed", "/bus/tukin-close", month, "", observed, digest.hex(), moment
    )
    with parts.store.alone(wait=True):
        with parts.store.write() as tx:
            outbox.put(tx, parts.log, [event_record(parts.codec, envelope, body)])
        outbox.relay(parts.store, parts.log)
    return envelope.id


def month_lines(parts: Parts, month: str, *, known_at: int | None = None, nips: Sequence[str] | None = None) -> Answer:
    """Lines of a month, one an employee, as known at a moment.

    Args:
        month: ``YYYY-MM``, closed or the one after the last close.
        known_at: milliseconds UTC; None = everything applied so far.
        nips: only these; None = all.

    Raises:
        Misuse: the month was passed over, or nothing is known yet.
    """
    generation = catch_up(parts)
    with parts.store.read() as tx:
        covered, _ = watermark(parts, tx, TUKIN, generation)
        if covered is None:
            raise Misuse("nothing is known yet. Ingest facts first: grms ingest tukin-case DIR")
        mark = covered if known_at is None else min(known_at, covered)
        shared = [fact for fact in shared_facts(LINKS, tx, generation) if fact.recorded_ms <= mark]
        ledger = Ledger.of(shared, parts.codec)
        closed, provisional = _close_of(ledger, month, mark)
        if provisional:
            ledger = replace(ledger, closes=[*ledger.closes, closed])
        wanted = owners_of(LINKS, tx, generation) if nips is None else [f"{LINKS.owner}{nip}" for nip in nips]
        found = list(_settled(tx, generation, ledger, closed, wanted, mark))
        quarantine = _quarantine(tx, generation, ledger, closed) if nips is None else ()
        events = {} if nips is None else _events(with_parts(tx, generation, wanted), closed)
    problems = {nip: one.problem for nip, one in found if one.line is None}
    lines = [one.line for _, one in found if one.line is not None]
    return Answer(closed, provisional, mark, lines, problems, quarantine, events)


def _close_of(ledger: Ledger, month: str, mark: int) -> tuple[Closed, bool]:
    for closed in ledger.closes:
        if closed.month == month:
            return closed, False
    last = ledger.closes[-1].month if ledger.closes else ""
    if month <= last:
        raise Misuse(f"{month} was never closed, but {last} was. Ask for a month that was closed, or a later one.")
    moment = (_EPOCH + timedelta(milliseconds=mark)).astimezone(WITA).replace(tzinfo=None)
    return Closed(month, moment.date(), moment, mark + 1), True


def _settled(
    tx: Tx, generation: int, ledger: Ledger, closed: Closed, owners: Sequence[str], mark: int
) -> Iterator[tuple[str, Settled]]:
    for owner, facts in with_parts(tx, generation, owners):
        nip = owner.removeprefix(LINKS.owner)
        known = [fact for fact in facts if fact.recorded_ms <= mark]
        for settled in ledger.settled(nip, known):
            if settled.closed == closed:
                yield nip, settled


def _quarantine(tx: Tx, generation: int, ledger: Ledger, closed: Closed) -> Sequence[Quarantined]:
    """Every punch known at the close that is nobody's (R3, R4)."""
    sql = f"{SELECT} and event in ('AttendancePunched', 'PinAssigned', 'EmployeeListed') and recorded_ms < ?"
    facts = [Fact(*row) for row in tx.stream(sql, generation, closed.recorded_ms)]
    shared = ledger.shared_at(closed.recorded_ms)
    try:
        known = owner_facts(facts, None, shared, remembering(ledger.decode))
        return identify(known, closed.as_of).quarantine
    except BadInput as error:
        raise Misuse(str(error)) from error


def _events(found: Iterable[tuple[str, list[Fact]]], closed: Closed) -> dict[str, str]:
    """Ids of the events known at a close, by the name under which a line's facts stand: the latest of each."""
    named: dict[str, str] = {}
    for _, facts in found:
        for fact in sorted(facts, key=lambda fact: (fact.observed, fact.event_id)):
            if fact.recorded_ms < closed.recorded_ms:
                named[_fact_name(fact)] = fact.event_id
    return dict(sorted(named.items()))


def _fact_name(fact: Fact) -> str:
    if fact.event == "AttendancePunched":
        punch = punch_of_key(fact.key)
        return f"{punch.device}:{punch.pin}:{punch.time.isoformat()}"
    return fact.key.replace("|", "@", 1) if fact.event == "EmployeeListed" else fact.key


def statement(parts: Parts, answer: Answer, unit: str | None) -> dict[str, Any]:
    """The statement document of an answer, in the form of a case's."""
    closed = answer.closed
    lines = [line for line in answer.lines if unit is None or unit_of(line) == unit]
    month = month_document(closed.month, closed.on, lines, answer.quarantine)
    with parts.store.read() as tx:
        letters = tx.one("select count(*) from dead_letter where state = 'open' and source = 'tukin-case'")
    return {
        "format": "tukin-statement/1",
        "as_known_at": iso(answer.known_ms),
        "unit": unit,
        "provisional": answer.provisional,
        "problems": [{"nip": nip, "problem": why} for nip, why in sorted(answer.problems.items())],
        "open_dead_letters": letters[0] if letters else 0,
        "months": [month],
    }


def masked(nip: str) -> str:
    """A person's number as text for people may show it."""
    return f"{nip[:4]}{'*' * (len(nip) - 8)}{nip[-4:]}" if len(nip) > 8 else "*" * len(nip)  # noqa: PLR2004


def unit_of(line: Line) -> str:
    """Unit that pays a line."""
    return line.governed[0].unit if line.governed[0] else ""
