"""Notices: what a view tells of its changes. They are no facts, so no view is made of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bus.intake.event import event_record
from bus.parts import Parts
from bus.ports import Record
from bus.store import Tx, outbox
from bus.subjects import Notice
from schemas import Envelope, content_digest, encode_row, event_id, observed_text

__all__ = ["put_notices"]


def put_notices(tx: Tx, parts: Parts, source: str, notices: Iterable[Notice]) -> None:
    """Put notices into the outbox, observed now."""
    outbox.put(tx, parts.log, _records(parts, source, notices))


def _records(parts: Parts, source: str, notices: Iterable[Notice]) -> Iterator[tuple[str, str, Record]]:
    observed = observed_text(parts.now_ms())
    for event, key, content in notices:
        digest = content_digest(event, key, "", content)
        body = encode_row(event, content)
        if isinstance(body, bytes):
            envelope = Envelope(
                event_id(digest, observed),
                event,
                f"/{source}",
                key,
                "",
                observed,
                digest.hex(),
                unit=content.get("unit"),
            )
            yield event_record(parts.codec, envelope, body)
