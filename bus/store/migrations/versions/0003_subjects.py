"""Terms that facts state, subjects that they name, and what was looked up for each subject."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _table(name: str, *columns: sa.Column[Any]) -> None:
    """A table that is all key."""
    generation = sa.Column("generation", sa.Integer, primary_key=True)
    op.create_table(name, generation, *columns, sqlite_with_rowid=False)


def upgrade() -> None:
    """Before any program of this revision runs. The chain is filled anew from the log: old facts state no terms."""
    _table("term", _key("term", sa.BigInteger), _key("node", TEXT))
    op.create_index("term_node", "term", ["generation", "node"])
    _table("named", _key("node", TEXT), _key("subject", TEXT))
    op.create_index("named_subject", "named", ["generation", "subject"])
    _table("need", _key("subject", TEXT), _key("term", sa.BigInteger))
    op.create_index("need_term", "need", ["generation", "term"])
    _table("stale", _key("subject", TEXT))
    op.execute("update generation set state = 'filling' where consumer = 'chain' and state = 'live'")


def _key(name: str, kind: Any) -> sa.Column[Any]:  # noqa: ANN401 - a type of SQLAlchemy, or its class
    return sa.Column(name, kind, primary_key=True)
