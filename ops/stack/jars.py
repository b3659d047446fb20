"""Kafka's jars: the committed list, a cache that all homes share, a download checked by SHA-256."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path

from bus import BusError, Unreachable

__all__ = ["JARS", "Jar", "JarMismatch", "JarSource", "kafka_version"]

_LIST = Path(__file__).with_name("jars.txt")
_AT_ONCE, _ATTEMPTS, _TIMEOUT_S = 8, 3, 60
_BLOCK = 1 << 20


class JarMismatch(BusError):
    """A downloaded jar is not the one on the list; the message names both digests."""


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the list."""

    sha256: str
    group: str
    artifact: str
    version: str

    @property
    def name(self) -> str:
        """File name."""
        return f"{self.artifact}-{self.version}.jar"

    @property
    def path(self) -> str:
        """Place in any Maven repository.

        >>> Jar("", "org.apache.kafka", "kafka_2.13", "4.3.1").path
        'org/apache/kafka/kafka_2.13/4.3.1/kafka_2.13-4.3.1.jar'
        """
        return f"{self.group.replace('.', '/')}/{self.artifact}/{self.version}/{self.name}"


def _listed(text: str) -> tuple[Jar, ...]:
    lines = (line.split() for line in text.splitlines() if line)
    return tuple(Jar(sha256, *place.split(":")) for sha256, place in lines)


JARS = _listed(_LIST.read_text(encoding="ascii"))


def kafka_version() -> str:
    """The version of the broker on the list."""
    return next(jar.version for jar in JARS if jar.artifact == "kafka_2.13")


@dataclass(frozen=True, slots=True)
class JarSource:
    """A cache that homes share, and the Maven repository that fills it."""

    cache: Path
    maven_url: str

    def fetched(self, jars: Sequence[Jar] = JARS) -> list[Path]:
        """The jars' files, in the list's order; what the cache lacks is downloaded. Each one is checked, every time.

        Raises:
            JarMismatch: what came is not what is listed.
            Unreachable: the repository does not answer, or has no such jar; or the cache can't be written.
        """
        try:
            self.cache.mkdir(parents=True, exist_ok=True)
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                digests = pool.map(lambda jar: _digest(self.cache / jar.name), jars)
                missing = [jar for jar, digest in zip(jars, digests, strict=True) if digest != jar.sha256]
                if missing:
                    sys.stderr.write(f"fetching {len(missing)} of Kafka's {len(jars)} jars into {self.cache}\n")
                list(pool.map(self._fetch, missing))
        except OSError as error:
            raise Unreachable(f"Kafka's jars in {self.cache}: {error}. Name a place in GRMS_KAFKA_JARS.") from error
        return [self.cache / jar.name for jar in jars]

    def _fetch(self, jar: Jar) -> None:
        new = self.cache / f".{jar.name}.{os.getpid()}"
        try:
            if _digest(known := Path.home() / ".m2/repository" / jar.path) == jar.sha256:
                shutil.copyfile(known, new)
            else:
                _download(f"{self.maven_url.rstrip('/')}/{jar.path}", new)
            found = _digest(new)
            if found != jar.sha256:
                raise JarMismatch(
                    f"{jar.name} from {self.maven_url} has SHA-256 {found}, the list ({_LIST.name}) says {jar.sha256}. "
                    "It was not kept. Ask who runs that repository, or name another one in GRMS_MAVEN_URL."
                )
            new.replace(self.cache / jar.name)
        finally:
            new.unlink(missing_ok=True)


def _download(url: str, file: Path) -> None:
    if not url.startswith(("https://", "http://", "file://")):
        raise Unreachable(f"{url} is no address of a Maven repository. Mend GRMS_MAVEN_URL.")
    told = ""
    for attempt in range(_ATTEMPTS):
        time.sleep(attempt)
        try:
            with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer, file.open("wb") as copy:  # noqa: S310
                shutil.copyfileobj(answer, copy, _BLOCK)
                if answer.headers["Content-Length"] in {None, str(copy.tell())}:
                    return
            told = "the answer was cut off"
        except urllib.error.HTTPError as error:
            told = str(error)
            error.close()
            if error.code < HTTPStatus.INTERNAL_SERVER_ERROR:
                break
        except (urllib.error.URLError, HTTPException, TimeoutError, ConnectionError) as error:
            told = str(error)
    raise Unreachable(f"{url}: {told}. Name a Maven repository that answers in GRMS_MAVEN_URL.")


def _digest(file: Path) -> str | None:
    try:
        with file.open("rb") as data:
            return hashlib.file_digest(data, "sha256").hexdigest()
    except OSError:
        return None
