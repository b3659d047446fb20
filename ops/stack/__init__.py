"""Real Kafka and PostgreSQL on this machine, from packages alone."""

from ops.stack.jars import JarMismatch
from ops.stack.kafka import Kafka
from ops.stack.postgres import Postgres
from ops.stack.process import Tie, stop
from ops.stack.stack import Stack, started

__all__ = ["JarMismatch", "Kafka", "Postgres", "Stack", "Tie", "started", "stop"]
