"""The cluster's topics: what is declared against what is there, and the first contact with an empty cluster."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from bus import LogRefused
from bus.log.kafka import KafkaAccess
from bus.topics import Change, Kind, Layout, declared
from ops.settings import Misuse, Settings

if TYPE_CHECKING:
    from bus.log.kafka import KafkaLog
    from bus.log.kafka.admin import Admin

__all__ = ["applied", "kafka_access", "made_at_first_contact", "make_missing", "plan"]

_OTHERS_MAY_READ = 0o077


def kafka_access(settings: Settings) -> KafkaAccess:
    """How to reach the cluster that the settings name.

    Raises:
        Misuse: none is named, or the password can't be read or is not for its owner alone.
    """
    if settings.kafka_bootstrap is None:
        raise Misuse("The embedded log needs no topics. For a Kafka cluster set GRMS_KAFKA_BOOTSTRAP.")
    return KafkaAccess.of(
        settings.kafka_bootstrap,
        username=settings.kafka_username,
        password=_password(settings),
        ca=settings.kafka_ca,
        protocol=settings.kafka_protocol,
    )


def _password(settings: Settings) -> str | None:
    file = settings.kafka_password_file
    if settings.kafka_username is None or file is None:
        if settings.kafka_username is not None or file is not None:
            raise Misuse("GRMS_KAFKA_USERNAME and GRMS_KAFKA_PASSWORD_FILE go together. Set both or neither.")
        return None
    try:
        if file.stat().st_mode & _OTHERS_MAY_READ:
            raise Misuse(f"{file} can be read by others: chmod 400 {file}")
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse(f"GRMS_KAFKA_PASSWORD_FILE {file} can't be read: {error}") from error


def made_at_first_contact(log: KafkaLog, settings: Settings, wait_s: float) -> None:
    """Make every topic on a cluster that has none of them.

    Raises:
        LogRefused: terminal; it has some of them, so somebody must look.
    """
    names = {topic.name for topic in declared()}
    missing = sorted(names - log.topics())
    if not missing:
        return
    if len(missing) < len(names):
        raise LogRefused(
            f"Kafka {settings.kafka_bootstrap} lacks {len(missing)} of {len(names)} topics: {', '.join(missing)}. "
            "See grms topics plan; make them with grms topics apply."
        )
    layout = layout_of(settings)
    with _admin(settings, wait_s) as admin:
        admin.apply(admin.plan(layout), layout)


def _admin(settings: Settings, wait_s: float) -> AbstractContextManager[Admin]:
    from bus.log.kafka.admin import opened_admin  # noqa: PLC0415 - the client takes half a second to import

    return opened_admin(kafka_access(settings), wait_s)


def make_missing(settings: Settings, partitions: Mapping[str, int], wait_s: float) -> None:
    """Make the topics that the cluster lacks, each with its number of partitions; leave the others as they are."""
    with _admin(settings, wait_s) as admin:
        for size in sorted({*partitions.values()}):
            layout = Layout(size, settings.kafka_replication)
            some = [topic for topic in declared() if partitions[topic.name] == size]
            changes = [change for change in admin.plan(layout, some) if change.kind is Kind.CREATE]
            admin.apply(changes, layout, some)


def layout_of(settings: Settings) -> Layout:
    """What this deployment fixes for all topics."""
    return Layout(settings.partitions, settings.kafka_replication)


def plan(settings: Settings, wait_s: float) -> list[Change]:
    """How the cluster differs from what is declared."""
    with _admin(settings, wait_s) as admin:
        return admin.plan(layout_of(settings))


def applied(settings: Settings, wait_s: float) -> list[Change]:
    """Make and alter topics as declared; return what was changed. Where one change is refused, nothing is."""
    layout = layout_of(settings)
    with _admin(settings, wait_s) as admin:
        changes = admin.plan(layout)
        if not any(change.kind is Kind.REFUSED for change in changes):
            admin.apply(changes, layout)
        return changes
