"""Tables of the store. Everything of one consumer's state carries a generation; live is a pointer.

Times are milliseconds UTC. Texts compare by code point.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

__all__ = ["SCHEMA_VERSION", "metadata"]

SCHEMA_VERSION = 4
"""Raised with every change of these tables."""

metadata = MetaData()

Table("meta", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

Table(
    "schema_id",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("event", Text, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("subject", "version"),
)

# -- what sources said ------------------------------------------------------------------------------

Table(
    "content",
    metadata,
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("event_ms", BigInteger),
    Column("unit", Text),
    Column("body", LargeBinary, nullable=False),
)

statement = Table(
    "statement",
    metadata,
    Column("event", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("observed", Text, primary_key=True),
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
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("observed", Text, nullable=False),
    Column("export", Integer, nullable=False),
    sqlite_with_rowid=False,
)
Index("subject_export", subject.c.export)

Table(
    "export",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("observed", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("traceparent", Text),
    Column("rows", Integer),
    Column("event_id", Text, unique=True),
)

Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("block", LargeBinary, nullable=False),
    # An id that came again could be deleted by a relay that read its predecessor.
    sqlite_autoincrement=True,
)

# -- what consumers know ----------------------------------------------------------------------------

Table(
    "generation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("consumer", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    Column("why", Text, nullable=False),
)

Table(
    "position",
    metadata,
    Column("generation", Integer, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
    Column("recorded_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

Table(
    "inbox",
    metadata,
    Column("generation", Integer, primary_key=True),
    Column("event_id", Text, primary_key=True),
    sqlite_with_rowid=False,
)

fact = Table(
    "fact",
    metadata,
    Column("generation", Integer, nullable=False),
    Column("node", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("observed", Text, nullable=False),
    Column("event_ms", BigInteger),
    Column("recorded_ms", BigInteger, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
)
Index("fact_node", fact.c.generation, fact.c.node)

Table(
    "dirty",
    metadata,
    Column("generation", Integer, primary_key=True),
    Column("node", Text, primary_key=True),
    sqlite_with_rowid=False,
)

term = Table(
    "term",
    metadata,
    Column("generation", Integer, primary_key=True),
    Column("term", BigInteger, primary_key=True),
    Column("node", Text, primary_key=True),
    sqlite_with_rowid=False,
)
Index("term_node", term.c.generation, term.c.node)

named = Table(
    "named",
    metadata,
    Column("generation", Integer, primary_key=True),
    Column("node", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    sqlite_with_rowid=False,
)
Index("named_subject", named.c.generation, named.c.subject)

need = Table(
    "need",
    metadata,
    Column("generation", Integer, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("term", BigInteger, primary_key=True),
    sqlite_with_rowid=False,
)
Index("need_term", need.c.generation, need.c.term)

Table(
    "stale",
    metadata,
    Column("generation", Integer, primary_key=True),
    Column("subject", Text, primary_key=True),
    sqlite_with_rowid=False,
)

view_row = Table(
    "view_row",
    metadata,
    Column("generation", Integer, nullable=False),
    Column("view", Text, nullable=False),
    Column("node", Text, nullable=False),
    Column("ref", Text),
    Column("body", Text, nullable=False),
    Column("evidence", Text, nullable=False),
)
Index("view_row_node", view_row.c.generation, view_row.c.node)
Index("view_row_ref", view_row.c.generation, view_row.c.ref, sqlite_where=text("ref is not null"))

# -- what could not be used -------------------------------------------------------------------------

dead_letter = Table(
    "dead_letter",
    metadata,
    Column("id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("event", Text),
    Column("topic", Text),
    Column("key", Text),
    Column("node", Text),
    Column("place", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("context", Text, nullable=False),
    Column("original", LargeBinary, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("closed_ms", BigInteger),
    Column("because", Text),
)
Index("dead_letter_node", dead_letter.c.node, sqlite_where=text("state = 'open'"))
