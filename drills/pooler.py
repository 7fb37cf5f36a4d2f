"""pgbouncer on the web's host, by the file of deploy/: its pools are led to the databases, and led anew."""

import os
import shutil
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drills.platform import Service, free_port, until
from geoplatform import postgres
from geoplatform.database import ROLE, ROOT
from geoplatform.server import HOST

FILE = ROOT / "deploy" / "pgbouncer" / "pgbouncer.ini"
NAMES = ("primary.example.go.id", "standby.example.go.id")  # as the file has them
PLACES = ("/etc/pgbouncer", "/run/postgresql", "/var/log/postgresql")
USER = "postgres"


class NotInstalled(Exception):
    """There is no pgbouncer on this machine."""


class Pooler:
    """A pooler that runs, before the databases of one name on two hosts."""

    def __init__(self, folder: Path, database: str, service: Service, port: int) -> None:
        self.folder, self.database = folder, database
        self.service, self.port = service, port

    def uri(self, pool: str) -> str:
        """Return the address of a pool."""
        return f"postgresql://{ROLE}@{HOST}:{self.port}/{pool}?connect_timeout=2"

    def lead(self, primary: str, standby: str) -> None:
        """Write where both are; one that runs reads it anew, as ``RELOAD`` has it do."""
        said = FILE.read_text(encoding="utf-8").replace("dbname=geoplatform ", "")
        for name, host in zip(NAMES, (primary, standby), strict=True):
            said = said.replace(f"host={name} port=5432", f"host={host} port=5432 dbname={self.database}")
        for place in PLACES:
            said = said.replace(place, str(self.folder))
        said = said.replace("listen_port = 6432", f"listen_port = {self.port}")
        # The hosts of a drill trust one another.
        (self.folder / "pgbouncer.ini").write_text(said.replace("scram-sha-256", "trust"))
        self.service.kill(signal.SIGHUP)

    def answers(self) -> bool:
        """Say whether it listens."""
        try:
            socket.create_connection((HOST, self.port), timeout=1).close()
        except OSError:
            return False
        return True


@contextmanager
def pooling(folder: Path, database: str, primary: str, standby: str) -> Iterator[Pooler]:
    """Start one on the host that this thread is on, in a folder of its own."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        raise NotInstalled("pgbouncer is not installed")
    shutil.rmtree(folder, ignore_errors=True)
    postgres.own(folder)
    (folder / "userlist.txt").write_text(f'"{ROLE}" ""\n')
    # It refuses root.
    command = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", program, "-q"]
    service = Service([*command, str(folder / "pgbouncer.ini")], os.environ, folder / "said.log")
    pooler = Pooler(folder, database, service, free_port())
    try:
        pooler.lead(primary, standby)
        service.keep()
        until(pooler.answers, "the pooler listens")
        yield pooler
    finally:
        service.kill()
