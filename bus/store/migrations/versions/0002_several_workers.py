"""One live generation of a consumer, whoever makes it; programs of the first release keep off."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Before any program of this revision runs."""
    live = text("state = 'live'")
    op.create_index(
        "generation_live", "generation", ["consumer"], unique=True, sqlite_where=live, postgresql_where=live
    )
    op.execute("update meta set value = '4' where name = 'schema'")
