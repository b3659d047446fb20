"""The standard's own schemas and tools, held in the repository: nothing is fetched."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

from jsonschema import Draft4Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

STANDARD = Path(__file__).parent / "standard"
BASE = "https://standard.open-contracting.org/schema/1__1__5/"


def schema(name: str) -> dict:
    return json.loads((STANDARD / "schema" / f"{name}.json").read_text(encoding="utf-8"))


def validator(package: str) -> Draft4Validator:
    """Checks a ``release-package`` or ``record-package``, formats of dates and URIs too."""
    parts = [(f"{BASE}{name}.json", schema(name)) for name in ("release-schema", "versioned-release-validation-schema")]
    registry = Registry().with_resources((uri, Resource.from_contents(part, DRAFT4)) for uri, part in parts)
    return Draft4Validator(schema(f"{package}-schema"), registry=registry, format_checker=FormatChecker())


def archive() -> bytes:
    """The folder as libcoveocds wants the standard: as GitHub zips it."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archived:
        archived.writestr("standard-1__1__5/", "")
        for path in sorted(STANDARD.rglob("*.*")):
            archived.write(path, f"standard-1__1__5/{path.relative_to(STANDARD)}")
    return held.getvalue()


class Served:
    """An answer to a request for a schema, out of the folder."""

    def __init__(self, url: str, **_more) -> None:
        assert url.startswith(BASE), f"{url} is asked for, and tests ask nobody"
        self._name = url.rsplit("/", 1)[1].removesuffix(".json")

    def raise_for_status(self) -> None:
        pass

    def json(self, **_more) -> dict:
        return schema(self._name)
