"""How to reach a Kafka cluster, whichever client does."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

__all__ = ["KafkaAccess", "Protocol"]

Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]


@dataclass(frozen=True, slots=True)
class KafkaAccess:
    """Address and credentials of a cluster; neutral, since three clients take them under different names.

    Attributes:
        bootstrap: ``host:port`` of some brokers, separated by commas.
        protocol: SASL_SSL in production; PLAINTEXT on one's own machine.
        username: SCRAM-SHA-512 user, where the protocol is a SASL one.
        ca: file with the certificates that the brokers' are signed by; None = the system's.
    """

    bootstrap: str
    protocol: Protocol = "PLAINTEXT"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca: Path | None = None

    @classmethod
    def of(
        cls,
        bootstrap: str,
        *,
        username: str | None = None,
        password: str | None = None,
        ca: Path | None = None,
        protocol: Protocol | None = None,
    ) -> Self:
        """Access by the safest protocol that the credentials allow, unless one is named.

        >>> KafkaAccess.of("k:9092").protocol, KafkaAccess.of("k:9092", username="u", password="p").protocol
        ('PLAINTEXT', 'SASL_SSL')
        """
        safest: Protocol = "SASL_SSL" if username else "SSL" if ca else "PLAINTEXT"
        return cls(bootstrap, protocol or safest, username, password, ca)

    @property
    def brokers(self) -> list[str]:
        """The bootstrap addresses, one by one."""
        return [broker.strip() for broker in self.bootstrap.split(",")]

    def client_settings(self) -> dict[str, Any]:
        """Keyword arguments that kafka-python and aiokafka share."""
        settings: dict[str, Any] = {"bootstrap_servers": self.brokers, "security_protocol": self.protocol}
        if self.protocol.endswith("SSL"):
            settings["ssl_context"] = ssl.create_default_context(cafile=self.ca)
        if self.protocol.startswith("SASL"):
            settings["sasl_mechanism"] = "SCRAM-SHA-512"
            settings["sasl_plain_username"] = self.username
            settings["sasl_plain_password"] = self.password
        return settings
