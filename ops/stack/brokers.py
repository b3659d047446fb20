"""What a Kafka broker is set to, on this machine and in production: one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["LOCAL", "PRODUCTION", "TABLE", "Setting", "properties"]

_SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required;"


@dataclass(frozen=True, slots=True)
class Setting:
    """One broker setting; None: not set there."""

    name: str
    local: str | None
    production: str | None
    why: str = ""


def _same(name: str, value: str, why: str = "") -> Setting:
    return Setting(name, value, value, why)


TABLE = (
    _same("process.roles", "broker,controller"),
    _same("controller.listener.names", "CONTROLLER"),
    Setting(
        "listener.security.protocol.map",
        "PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
        "SASL:SASL_SSL,INTERNAL:SSL,CONTROLLER:SSL",
        "brokers know each other by certificate, clients by SCRAM over TLS; local listeners are on 127.0.0.1 only",
    ),
    Setting("inter.broker.listener.name", "PLAINTEXT", "INTERNAL"),
    _same("sasl.enabled.mechanisms", "SCRAM-SHA-512"),
    _same("listener.name.sasl.scram-sha-512.sasl.jaas.config", _SCRAM, "a SCRAM listener without it ends the broker"),
    _same("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
    _same("allow.everyone.if.no.acl.found", "false", "deny by default"),
    Setting(
        "super.users",
        "User:admin;User:ANONYMOUS",
        "User:admin;User:CN=kafka-1;User:CN=kafka-2;User:CN=kafka-3",
        "whoever reaches a local plaintext listener may do everything",
    ),
    _same("auto.create.topics.enable", "false", "a misspelt topic is an error"),
    Setting("default.replication.factor", "1", "3"),
    Setting("min.insync.replicas", "1", "2", "an acknowledged record outlives the loss of one broker"),
    Setting("offsets.topic.replication.factor", "1", "3"),
    Setting("transaction.state.log.replication.factor", "1", "3"),
    Setting("transaction.state.log.min.isr", "1", "2"),
    Setting("share.coordinator.state.topic.replication.factor", "1", "3"),
    Setting("share.coordinator.state.topic.min.isr", "1", "2"),
    Setting("offsets.topic.num.partitions", "4", None, "the first group need not wait for fifty"),
    Setting("transaction.state.log.num.partitions", "4", None),
    _same("unclean.leader.election.enable", "false", "no acknowledged record is given up for availability"),
    _same("log.message.timestamp.type", "LogAppendTime", "the recorded time is the log's"),
    _same("log.retention.ms", "-1", "views are rebuilt from the start of the log; a topic may say otherwise"),
    _same("log.cleanup.policy", "delete"),
    Setting("log.cleaner.dedupe.buffer.size", "16777216", None, "of a heap of 512 MiB"),
    Setting("group.initial.rebalance.delay.ms", "0", "3000"),
    Setting("group.min.session.timeout.ms", "1000", "6000", "tests wait for a dead worker's session to end"),
    Setting("broker.session.timeout.ms", "2000", None, "a killed broker that comes back waits so long to be let in"),
    Setting("broker.heartbeat.interval.ms", "500", None),
    Setting("ssl.client.auth", None, "required", "on SSL listeners; SASL_SSL listeners ask for none"),
    Setting("ssl.keystore.type", None, "PEM"),
    Setting("ssl.keystore.location", None, "/run/secrets/broker.pem"),
    Setting("ssl.truststore.type", None, "PEM"),
    Setting("ssl.truststore.location", None, "/run/secrets/ca.pem"),
)

LOCAL = {setting.name: setting.local for setting in TABLE if setting.local is not None}
PRODUCTION = {setting.name: setting.production for setting in TABLE if setting.production is not None}


def properties(settings: Mapping[str, str]) -> str:
    r"""Settings as the text of a Java properties file, which knows ASCII only.

    >>> properties({"log.dirs": "/home/José"})
    'log.dirs=/home/Jos\\u00e9\n'
    """
    return "".join(f"{name}={_escaped(value)}\n" for name, value in settings.items())


def _escaped(value: str) -> str:
    units = value.replace("\\", "\\\\").encode("utf-16-be")
    codes = (int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2))
    return "".join(chr(code) if 32 <= code < 127 else f"\\u{code:04x}" for code in codes)  # noqa: PLR2004 - printable ASCII
