"""Tables of the store. Everything of one consumer's state carries a generation; live is a pointer.

Times are milliseconds UTC. Texts compare by code point, whatever the database's own collation is. A change here goes
with a new file in ``migrations/``: a test compares the two.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

__all__ = ["metadata"]

metadata = MetaData()

TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""A text; without NUL, which PostgreSQL does not store. Where it may be long and foreign, its index is a hash."""

Table("meta", metadata, Column("name", TEXT, primary_key=True), Column("value", TEXT, nullable=False))

Table(
    "schema_id",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("subject", TEXT, nullable=False),
    Column("version", Integer, nullable=False),
    Column("event", TEXT, nullable=False),
    Column("body", TEXT, nullable=False),
    UniqueConstraint("subject", "version"),
)

# -- what sources said ------------------------------------------------------------------------------

Table(
    "content",
    metadata,
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("event_ms", BigInteger),
    Column("unit", TEXT),
    Column("body", LargeBinary, nullable=False),
)

statement = Table(
    "statement",
    metadata,
    Column("event", TEXT, primary_key=True),
    Column("key", TEXT, primary_key=True),
    Column("version", TEXT, primary_key=True),
    Column("observed", TEXT, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("state", Integer, nullable=False),
    Column("export", Integer, nullable=False),
    sqlite_with_rowid=False,
)
Index(
    "statement_new",
    statement.c.event,
    statement.c.key,
    statement.c.version,
    sqlite_where=text("state = 0"),
    postgresql_where=text("state = 0"),
)

subject = Table(
    "subject",
    metadata,
    Column("kind", TEXT, primary_key=True),
    Column("key", TEXT, primary_key=True),
    Column("observed", TEXT, nullable=False),
    Column("export", Integer, nullable=False),
    sqlite_with_rowid=False,
)
Index("subject_export", subject.c.export)

Table(
    "export",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("source", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("file", TEXT, nullable=False),
    Column("observed", TEXT, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("traceparent", TEXT),
    Column("rows", Integer),
    Column("event_id", TEXT, unique=True),
)

Table(
    "outbox",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("topic", TEXT, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("block", LargeBinary, nullable=False),
    # An id that came again could be deleted by a relay that read its predecessor.
    sqlite_autoincrement=True,
)

# -- what consumers know ----------------------------------------------------------------------------

generation = Table(
    "generation",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("consumer", TEXT, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    Column("why", TEXT, nullable=False),
)
Index(
    "generation_live",
    generation.c.consumer,
    unique=True,
    sqlite_where=text("state = 'live'"),
    postgresql_where=text("state = 'live'"),
)

Table(
    "position",
    metadata,
    Column("generation", Integer, primary_key=True),
    Column("topic", TEXT, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
    Column("recorded_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

Table(
    "inbox",
    metadata,
    Column("generation", Integer, primary_key=True),
    Column("event_id", TEXT, primary_key=True),
    sqlite_with_rowid=False,
)

fact = Table(
    "fact",
    metadata,
    Column("generation", Integer, nullable=False),
    Column("node", TEXT, nullable=False),
    Column("event", TEXT, nullable=False),
    Column("key", TEXT, nullable=False),
    Column("version", TEXT, nullable=False),
    Column("observed", TEXT, nullable=False),
    Column("event_ms", BigInteger),
    Column("recorded_ms", BigInteger, nullable=False),
    Column("event_id", TEXT, nullable=False),
    Column("digest", TEXT, nullable=False),
    Column("payload", LargeBinary, nullable=False),
)
Index("fact_node", fact.c.generation, fact.c.node)

Table(
    "dirty",
    metadata,
    Column("generation", Integer, primary_key=True),
    Column("node", TEXT, primary_key=True),
    sqlite_with_rowid=False,
)

term = Table(
    "term",
    metadata,
    Column("generation", Integer, primary_key=True),
    Column("term", BigInteger, primary_key=True),
    Column("node", TEXT, primary_key=True),
    sqlite_with_rowid=False,
)
Index("term_node", term.c.generation, term.c.node)

named = Table(
    "named",
    metadata,
    Column("generation", Integer, primary_key=True),
    Column("node", TEXT, primary_key=True),
    Column("subject", TEXT, primary_key=True),
    sqlite_with_rowid=False,
)
Index("named_subject", named.c.generation, named.c.subject)

need = Table(
    "need",
    metadata,
    Column("generation", Integer, primary_key=True),
    Column("subject", TEXT, primary_key=True),
    Column("term", BigInteger, primary_key=True),
    sqlite_with_rowid=False,
)
Index("need_term", need.c.generation, need.c.term)

Table(
    "stale",
    metadata,
    Column("generation", Integer, primary_key=True),
    Column("subject", TEXT, primary_key=True),
    sqlite_with_rowid=False,
)

view_row = Table(
    "view_row",
    metadata,
    Column("generation", Integer, nullable=False),
    Column("view", TEXT, nullable=False),
    Column("node", TEXT, nullable=False),
    Column("ref", TEXT),
    Column("body", TEXT, nullable=False),
    Column("evidence", TEXT, nullable=False),
)
Index("view_row_node", view_row.c.generation, view_row.c.node)
Index("view_row_ref", view_row.c.generation, view_row.c.ref, sqlite_where=text("ref is not null")).ddl_if(
    dialect="sqlite"
)
Index("view_row_ref_hash", view_row.c.ref, postgresql_using="hash", postgresql_where=text("ref is not null")).ddl_if(
    dialect="postgresql"
)

# -- what could not be used -------------------------------------------------------------------------

dead_letter = Table(
    "dead_letter",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("state", TEXT, nullable=False),
    Column("origin", TEXT, nullable=False),
    Column("reason", TEXT, nullable=False),
    Column("source", TEXT, nullable=False),
    Column("event", TEXT),
    Column("topic", TEXT),
    Column("key", TEXT),
    Column("node", TEXT),
    Column("place", TEXT, nullable=False),
    Column("message", TEXT, nullable=False),
    Column("context", TEXT, nullable=False),
    Column("original", LargeBinary, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("closed_ms", BigInteger),
    Column("because", TEXT),
)
Index(
    "dead_letter_node",
    dead_letter.c.node,
    sqlite_where=text("state = 'open'"),
    postgresql_where=text("state = 'open'"),
    postgresql_using="hash",
)
