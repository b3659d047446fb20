"""The production brokers as one Compose file, from the table that the local broker is set by.

``python -m ops.deploy.compose`` writes ``compose.yaml`` beside it.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from ops.stack.brokers import PRODUCTION, properties
from ops.stack.jars import kafka_version

__all__ = ["FILE", "NODES", "document", "main", "text"]

FILE = Path(__file__).with_name("compose.yaml")
NODES = (1, 2, 3)
_HEAD = """\
# Three Kafka brokers for production. Written by `make compose` from ops/stack/brokers.py; what to prepare: README.md.
"""
_FIRST_CLIENT_PORT = 9191
_DATA = "/var/lib/kafka/data"
_START = """\
set -eu
umask 077
printf '%s\\n' format --ignore-formatted --cluster-id "$GRMS_CLUSTER_ID" --config /etc/kafka/grms.properties \\
  --add-scram "SCRAM-SHA-512=[name=admin,password=$(cat /run/secrets/admin_password)]" > /dev/shm/format
/opt/kafka/bin/kafka-storage.sh @/dev/shm/format > /dev/null
rm /dev/shm/format
exec /opt/kafka/bin/kafka-server-start.sh /etc/kafka/grms.properties
"""


def text() -> str:
    """The file's text."""
    return _HEAD + yaml.dump(document(), Dumper=_Readable, sort_keys=False, width=1000, allow_unicode=True)


def document() -> dict[str, object]:
    """The file as Compose reads it."""
    return {
        "name": "grms",
        "services": {f"kafka-{node}": _service(node) for node in NODES},
        "configs": {f"kafka-{node}": {"content": properties(_node(node))} for node in NODES},
        "secrets": {
            "ca": {"file": "./secrets/ca.pem"},
            "admin_password": {"file": "./secrets/admin_password"},
            **{f"kafka-{node}": {"file": f"./secrets/kafka-{node}.pem"} for node in NODES},
        },
        "volumes": {f"kafka-{node}": {} for node in NODES},
    }


def _node(node: int) -> dict[str, str]:
    """Settings of one broker: the table, and what names it."""
    host = "${GRMS_KAFKA_HOST:?the name by which clients reach the brokers}"
    listeners = {"SASL": ":9092", "INTERNAL": ":9094", "CONTROLLER": ":9093"}
    advertised = {"SASL": f"{host}:{_FIRST_CLIENT_PORT + node - 1}", "INTERNAL": f"kafka-{node}:9094"}
    return {
        "node.id": str(node),
        "controller.quorum.voters": ",".join(f"{other}@kafka-{other}:9093" for other in NODES),
        "listeners": ",".join(f"{name}://{place}" for name, place in listeners.items()),
        "advertised.listeners": ",".join(f"{name}://{place}" for name, place in advertised.items()),
        "log.dirs": _DATA,
        # A dollar sign is Compose's.
        **{name: value.replace("$", "$$") for name, value in PRODUCTION.items()},
    }


def _service(node: int) -> dict[str, object]:
    name = f"kafka-{node}"
    port = _FIRST_CLIENT_PORT + node - 1
    return {
        "image": f"apache/kafka:{kafka_version()}",
        "hostname": name,
        "entrypoint": ["/bin/bash", "-c"],
        "command": [_START.replace("$", "$$")],
        "environment": {
            "GRMS_CLUSTER_ID": "${GRMS_CLUSTER_ID:?of kafka-storage.sh random-uuid, once}",
            "KAFKA_HEAP_OPTS": "${GRMS_KAFKA_HEAP:--Xmx2g -Xms2g}",
        },
        "configs": [{"source": name, "target": "/etc/kafka/grms.properties"}],
        "secrets": [
            {"source": name, "target": "broker.pem"},
            {"source": "ca", "target": "ca.pem"},
            "admin_password",
        ],
        "ports": [f"{port}:9092"],
        "volumes": [f"{name}:{_DATA}"],
        "ulimits": {"nofile": 100000},
        "restart": "unless-stopped",
        # A broker hands its partitions over before it ends.
        "stop_grace_period": "2m",
    }


class _Readable(yaml.SafeDumper):
    """Texts of several lines as blocks, no anchors."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


def _text_node(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Readable.add_representer(str, _text_node)


def main() -> None:
    """Write the file."""
    FILE.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
