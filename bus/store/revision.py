"""The revision of a store's tables: made on first contact, upgraded from an older one, refused from a newer one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bus.errors import StoreMismatch
from bus.store.tables import metadata

if TYPE_CHECKING:
    from bus.store.database import Store
    from bus.store.tx import Tx

__all__ = ["REVISION", "fit"]

REVISION = "0003"
"""Head of ``migrations/``: what `bus.store.tables` says. A constant, so that Alembic is imported only to upgrade."""

_RELEASED = ("3", "0001")
"""Tables of the last release, which knew no revisions: their number in ``meta``, and what they are called here."""

_OUTDATED = "4"
"""Number in ``meta`` that keeps programs of that release off."""

_MIGRATIONS = Path(__file__).parent / "migrations"


def fit(store: Store) -> None:
    """Bring the tables to `REVISION`; nothing is written where they are.

    Raises:
        StoreMismatch: terminal; a newer program made them, or another one.
    """
    with store.read() as tx:
        if _found(tx) == REVISION:
            return
    with store.write() as tx:
        tx.exclusively("tables")
        _upgrade(tx, _found(tx))


def _found(tx: Tx) -> str | None:
    """Revision of the tables; None where there are none of ours."""
    there = tx.tables()
    if "alembic_version" in there:
        row = tx.one("select version_num from alembic_version")
        return "" if row is None else str(row[0])
    if "meta" not in there:
        strangers = sorted(there & metadata.tables.keys())
        if strangers:
            raise StoreMismatch(f"has another program's tables: {', '.join(strangers)}. Give the bus its own database.")
        return None
    row = tx.one("select value from meta where name = 'schema'")
    number, revision = _RELEASED
    if row is None or row[0] != number:
        raise StoreMismatch(
            f"has tables of version {row and row[0]}, this program upgrades version {number} at the earliest. "
            "Use the program that made it, or ingest again into a new home."
        )
    return revision


def _upgrade(tx: Tx, found: str | None) -> None:
    if found == REVISION:
        return
    if found is None:
        metadata.create_all(tx.connection, checkfirst=False)
        tx.run("insert into meta values ('schema', ?)", _OUTDATED)
        tx.run("create table alembic_version (version_num varchar(32) not null primary key)")
        tx.run("insert into alembic_version values (?)", REVISION)
        return
    _migrate(tx, found)


def _migrate(tx: Tx, found: str) -> None:
    from alembic import command  # noqa: PLC0415 - it takes 0.1 s, and nearly no command needs it
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config(attributes={"connection": tx.connection})
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    known = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    if found not in known:
        raise StoreMismatch(
            f'has tables of revision "{found}", this program knows {known[-1]} to {known[0]}. '
            "Use the newer program that made it; if another program did, give the bus its own database."
        )
    if "alembic_version" not in tx.tables():
        command.stamp(config, found)
    command.upgrade(config, REVISION)
