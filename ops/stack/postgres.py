"""One PostgreSQL server on this machine: initialised once, then started and asked whether it answers."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bus import Unreachable
from ops.stack.files import put
from ops.stack.process import Launch, Tie, run
from ops.stack.programs import postgres_programs

__all__ = ["PORTS", "Postgres"]

PORTS = ("postgres",)
USER = DATABASE = "grms"

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
    # Statements and details quote the rows they are about, and rows hold personal data.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
_HBA = "host all all 127.0.0.1/32 scram-sha-256\n"
_READ_ANYTHING, _WRITE_ANYTHING = 2, 1
"""Capabilities of Linux: to walk into folders closed to others; where a container has not that one, to write too."""


@dataclass(frozen=True)
class Postgres:
    """A server's folder and port."""

    folder: Path
    ports: dict[str, int]

    name = "postgres"
    stop_signal = signal.SIGINT

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.folder / "postgres.log"

    @property
    def url(self) -> str:
        """SQLAlchemy URL of the database, password included."""
        password = (self.folder / "grms.secret").read_text(encoding="ascii")
        return f"postgresql+psycopg://{USER}:{password}@127.0.0.1:{self.ports['postgres']}/{DATABASE}"

    def prepare(self, tie: Tie) -> None:
        """Make the data folder with role and database if there is none. A half-made one is begun anew."""
        put(self.folder / "pg_hba.conf", _HBA)
        data, new = self.folder / "data", self.folder / "data.new"
        if data.exists():
            return
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        if user := _instead_of_root():
            os.chown(new, user[0], user[1])
        password = secrets.token_hex(24)
        put(self.folder / "grms.secret", password, mode=0o400)
        first = ("--username=postgres", "--auth=reject", "--encoding=UTF8", "--locale=C", "--no-instructions")
        run(self._launch("initdb", "-D", str(new), *first), tie)
        # The owner of the database is no superuser. The superuser has no password, so nobody logs in as it.
        run(
            self._launch("postgres", "--single", "-j", "-D", str(new), "postgres"),
            tie,
            said=f"create role {USER} login createdb password '{password}';\n\n"
            f"create database {DATABASE} owner {USER};\n\n",
        )
        new.rename(data)

    def launch(self) -> Launch:
        """How the server is started."""
        told = {**SETTINGS, "port": str(self.ports["postgres"]), "hba_file": str(self.folder / "pg_hba.conf")}
        flags = [text for name, value in told.items() for text in ("-c", f"{name}={value}")]
        return self._launch("postgres", "-D", str(self.folder / "data"), *flags)

    def answers(self) -> bool:
        """Whether the server takes statements."""
        return self.version is not None

    @property
    def version(self) -> str | None:
        """What the server says it is; None: it does not answer."""
        import psycopg  # noqa: PLC0415 - it would take an eighth of every command's start

        with suppress(psycopg.OperationalError, OSError):
            plain = self.url.replace("+psycopg", "", 1)
            with psycopg.connect(plain, connect_timeout=5) as connection:
                return str(connection.info.parameter_status("server_version"))
        return None

    def _launch(self, program: str, *arguments: str) -> Launch:
        return Launch(
            argv=(str(postgres_programs() / program), *arguments),
            output=self.log,
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGQUIT,
            env={"LC_ALL": "C", "PATH": os.defpath, "TZ": "UTC"},
            user=_instead_of_root(),
        )


def _instead_of_root() -> tuple[int, int, int] | None:
    """PostgreSQL refuses to run as root: then it runs as nobody, with (user, group, capability).

    Nothing on the machine is changed for it: no user is made, and no folder is opened to others.
    """
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        raise Unreachable("PostgreSQL does not run as root, and there is no user nobody. Run it as a user.") from error
    ours = _capabilities()
    found = next((bit for bit in (_READ_ANYTHING, _WRITE_ANYTHING) if ours >> bit & 1), None)
    if found is None:
        raise Unreachable("PostgreSQL does not run as root, and this root may not become another. Run it as a user.")
    return nobody.pw_uid, nobody.pw_gid, found


def _capabilities() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapPrm:"))
