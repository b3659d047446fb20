"""Alembic's door: run by `bus.store.revision` with the connection of a store, never with one of its own."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]
if connection.dialect.name == "postgresql":
    # Building an index of a large store may take longer than any other statement.
    connection.exec_driver_sql("set local statement_timeout = 0")
context.configure(connection=connection)
context.run_migrations()
