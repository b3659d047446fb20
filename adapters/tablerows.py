"""A row of a table becomes a statement, or is rejected with the reason, the place and the remedy. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.adapter import Setting
from adapters.layout import Column, Layout
from adapters.reading import Reject, moment, observed
from bus.intake import Rejected, Stated
from schemas import CATALOGUE, join_key, observed_text
from schemas.values import KodeUnit, Wrong, is_blank, tidy_version

__all__ = ["Cells", "TableReader"]

_REASONS = {"n": "bad_number", "p": "bad_number"}


@dataclass(frozen=True, slots=True)
class Cells:
    """What a row says: its content, and its export columns."""

    content: Mapping[str, str]
    exports: Mapping[str, str]


class TableReader:
    """Reads the rows of one file by its layout."""

    def __init__(self, layout: Layout, setting: Setting) -> None:
        self._layout = layout
        self._setting = setting
        self._type = CATALOGUE[layout.event]
        self._checked = [
            (column.name, wrong, column.kind) for column in layout.columns if (wrong := column.wrong) is not None
        ]

    def row(self, place: str, cells: Cells, original: bytes) -> Stated | Rejected:
        """Read one row."""
        content = cells.content
        key: str | None = None
        try:
            self._check(content)
            key = join_key([_key_part(column, content) for column in self._layout.key])
            return Stated(
                event=self._layout.event,
                key=key,
                version=tidy_version(content.get(self._type.version)),
                observed=self._observed(cells),
                event_ms=self._event_time(content),
                unit=self._unit(content),
                content=content,
                place=place,
                original=original,
            )
        except Reject as reject:
            return self.rejected(reject.reason, reject.text, place, original, key=key or self._guess(content))

    def rejected(
        self, reason: str, text: str, place: str, original: bytes, *, key: str | None = None, damaged: bool = False
    ) -> Rejected:
        """A row that can't be used. The message leaves out a key that names a person."""
        said = f" (key {key})" if key and not self._type.personal_key else ""
        return Rejected(reason, f"{self._setting.file} {place}{said}: {text}", place, original, key, damaged)

    def _check(self, content: Mapping[str, str]) -> None:
        for name, wrong, kind in self._checked:
            text = content.get(name)
            if text is not None and (why := wrong(text)) is not None:
                raise Reject(_REASONS.get(kind, "bad_date"), f"{name} {why}")

    def _guess(self, content: Mapping[str, str]) -> str | None:
        """The key of a rejected row, as far as it can be read."""
        parts = [column.key_part(content.get(column.name, "")) for column in self._layout.key]
        return join_key(parts) if parts and parts[0] else None

    def _observed(self, cells: Cells) -> str:
        column = self._layout.observed
        text = cells.content.get(column)
        if not is_blank(text):
            return observed_text(moment(self._setting.zone, column, str(text)))
        return observed(self._setting.zone, cells.exports, self._setting.observed)

    def _event_time(self, content: Mapping[str, str]) -> int | None:
        for column in self._type.event_time:
            text = content.get(column)
            if not is_blank(text):
                return moment(self._setting.zone, column, str(text))
        return None

    def _unit(self, content: Mapping[str, str]) -> str | None:
        unit = KodeUnit.parse(content.get(self._layout.unit, ""))
        return None if isinstance(unit, Wrong) else unit.code


def _key_part(column: Column, content: Mapping[str, str]) -> str:
    text = content.get(column.name)
    if not is_blank(text):
        return column.key_part(str(text))
    if column.nullable:
        return ""
    raise Reject("missing_key", f"{column.name} is blank, and the key is made of it")
