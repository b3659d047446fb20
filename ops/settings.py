"""Settings: environment first, then ``grms.toml`` in the home. Unknown names fail."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PositiveInt, StringConstraints, ValidationError, field_validator
from sqlalchemy.engine import URL

from bus.log.kafka import Protocol
from bus.store import store_url

__all__ = ["Misuse", "Settings", "load", "printable"]

_FILE = "grms.toml"


class Misuse(Exception):
    """Something was asked or set in a way that can't be meant."""


class Settings(BaseModel):
    """Everything that can be set; names in the environment are ``GRMS_`` and the name in capitals."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    home: Path = Path(".grms")
    database_url: str | None = None
    kafka_bootstrap: str | None = None
    kafka_username: str | None = None
    kafka_password_file: Path | None = None
    kafka_ca: Path | None = None
    kafka_protocol: Protocol | None = None
    kafka_replication: PositiveInt | None = None
    registry_url: str | None = None
    operator_key: str | None = None
    maven_url: str = "https://repo.maven.apache.org/maven2"
    kafka_jars: Path | None = None
    zone: str = "Asia/Makassar"
    partitions: PositiveInt = 4
    ocds_prefix: Annotated[str, StringConstraints(pattern=r"^ocds-[a-z0-9]{6}$")] = "ocds-000000"

    @field_validator("database_url")
    @classmethod
    def _names_a_database(cls, url: str | None) -> str | None:
        if url is not None:
            store_url(url)
        return url

    @property
    def store_url(self) -> str | URL:
        """SQLAlchemy URL of the store."""
        return self.database_url or URL.create("sqlite", database=str(self.home / "store.sqlite"))


def load(home: Path | None) -> Settings:
    """Read the settings of a home.

    Raises:
        Misuse: a name is unknown, or a value unreadable.
    """
    told = {name[5:].lower(): text for name, text in os.environ.items() if name.startswith("GRMS_")}
    place = home or Path(told.get("home", ".grms"))
    file = place / _FILE
    try:
        written = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misuse(f"{file} is no TOML: {error}.") from error
    try:
        return Settings(**{**written, **told, "home": place})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        known = ", ".join(sorted(Settings.model_fields))
        where = f"GRMS_{name.upper()} in the environment" if name in told else f"{name} in {file}"
        raise Misuse(f"setting {where}: {first['msg']}. Known settings: {known}.") from error


def printable(text: str) -> str:
    """A name from the command line or the file system as valid Unicode: bytes that are none are spelled out."""
    return text.encode("utf-8", "backslashreplace").decode()
