"""A private PostGIS cluster for who brings no database: made once, run on a Unix socket, never as root.

``python -m geoplatform.database --help`` starts it, stops it, or says its address. Standard library only:
it runs before anything else is installed.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote

from geoplatform import postgres
from geoplatform.errors import GeoplatformError
from geoplatform.postgres import ClusterError
from geoplatform.supervise import Asked, Crew

ROOT = Path(__file__).resolve().parent.parent
DIRECTORY = ROOT / "var" / "postgres"
DATABASE = ROLE = "geoplatform"
# As which web server and workers run; manage.py app_role makes them.
APP_ROLE, WORKER_ROLE = "geoplatform_app", "geoplatform_worker"
EXTENSIONS = ("postgis", "pg_trgm", "btree_gist")

# For root, whose home PostgreSQL's own user may not enter: a checkout below it cannot hold the data.
ELSEWHERE = Path("/var/lib/geoplatform")
LOCALE = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
SOCKET_PATH_BYTES = 103 if sys.platform == "darwin" else 107
PATIENCE_S = 60.0
# What PostgreSQL says of a server before it that has been killed and is not gone yet.
ENDING = ("is still in use", 'lock file "postmaster.pid" already exists')


class Cluster:
    """One PostgreSQL cluster with PostGIS: its files, its server, its databases.

    The data directory holds the socket too. It is open to its owner (and to root) alone, which is
    why connections need no password.

    Parameters
    ----------
    primary
        The address (a libpq URI) of the cluster that this one is a standby of, if it is one.
    patience_s
        How long its server may take to start: one that was restored replays first what happened since.
    """

    def __init__(
        self,
        directory: Path,
        fsync: bool = True,
        primary: str | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.directory = Path(directory).absolute()
        self.fsync = fsync
        self.primary = primary
        self.patience_s = patience_s
        self._home: Path | None = None
        self._session: IO[str] | None = None

    def __enter__(self) -> Cluster:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    @property
    def home(self) -> Path:
        """The folder of its files: the directory asked for, or one elsewhere if that cannot hold them."""
        made = (home for home in (self.directory, self._elsewhere()) if (home / "data").is_dir())
        return self._home or next(made, self.directory)

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory, with the socket and ``postgres.log``."""
        return self.home / "data"

    @property
    def is_running(self) -> bool:
        """Whether its server's process is there; it may be starting or stopping."""
        return self.data.is_dir() and postgres.runs(self.data)

    def url(self, database: str = DATABASE, role: str = ROLE) -> str:
        """Return the libpq URI of a database of this cluster, by default as its owner."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.data))}"

    def start(self) -> None:
        """Start it, making it first if need be; join it where it runs already."""
        home = self.settle()
        with _locked(home / "lock"):
            if not self.data.is_dir():
                self._make()
            started = not self._answers()
            if started:
                self._launch()
            # Everyone who uses it holds this lock; the kernel lets go for who is killed. It names the
            # server that was started for as long as anyone uses it.
            self._session = (home / "users").open("a+")
            fcntl.flock(self._session, fcntl.LOCK_SH)
            if started:
                self._session.truncate(0)
                self._session.write(str(postgres.server(self.data)))
                self._session.flush()

    def leave(self) -> None:
        """Let it run on after this process, until ``stop(always=True)``."""
        if self._session:
            self._session.truncate(0)
            self._session.close()
            self._session = None

    def stop(self, always: bool = False) -> None:
        """Stop it, unless others use it still or it ran before anyone here started it.

        Parameters
        ----------
        always
            Stop it whoever started it and whoever uses it.
        """
        if not self.data.is_dir():
            return
        with _locked(self.home / "lock"):
            if self._session:
                self._session.close()
                self._session = None
            if (always or self._is_last()) and self.is_running:
                self._halt()

    def create(self, database: str = DATABASE) -> str:
        """Create a database with its extensions where it is missing, and return its address."""
        if not self.say(f"SELECT 1 FROM pg_database WHERE datname = '{database}'"):  # noqa: S608
            self.say(f'CREATE DATABASE "{database}"')
        self.say(*(f"CREATE EXTENSION IF NOT EXISTS {name}" for name in EXTENSIONS), database=database)
        return self.url(database)

    def say(self, *statements: str, database: str = "postgres") -> str:
        """Run statements one after another as its owner, and return what they say."""
        options = ["-XAtq", "-v", "ON_ERROR_STOP=1", "-h", str(self.data), "-U", ROLE, "-d", database]
        commands = [part for statement in statements for part in ("-c", statement)]
        return self._must("psql", *options, *commands)

    def settle(self) -> Path:
        """Decide where its files lie, and make that folder."""
        if self.data.is_dir():
            if not os.access(self.data, os.X_OK):
                raise ClusterError(f"{self.data} is {self.data.owner()}'s: start as that user, or as root")
            return self.home
        for home in (self.directory, self._elsewhere()):
            # pg_ctl hands its paths to a shell, between double quotes; libpq takes a comma for a second host.
            if len(os.fsencode(home / "data" / postgres.SOCKET)) > SOCKET_PATH_BYTES or set(str(home)) & set(
                '"$`\\'
            ):
                continue
            if not home.exists():
                home.mkdir(parents=True)
                home.chmod(0o755)
            if postgres.run(["test", "-x", str(home)], postgres.account(self.data)).returncode == 0:
                self._home = home
                return home
        raise ClusterError(f"neither {self.directory} nor {self._elsewhere()} can hold a database")

    def _elsewhere(self) -> Path:
        name = hashlib.sha256(os.fsencode(self.directory)).hexdigest()[:12]
        if os.geteuid() == 0:
            return ELSEWHERE / name
        # Not /var/tmp: systemd clears what was not read there for 30 days.
        return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state", "geoplatform", name)

    def _make(self) -> None:
        """Make the data directory: whole, or not at all."""
        new = self.home / "data.new"
        shutil.rmtree(new, ignore_errors=True)  # of a run that was killed
        postgres.own(new)
        durable = [] if self.fsync else ["--no-sync"]
        if self.primary:
            options = ["--dbname", self.primary, "--write-recovery-conf", "--checkpoint=fast", *durable]
            self._must("pg_basebackup", "-D", str(new), *options)
            # What it copied besides is the primary's own.
            for name in (f"{postgres.SOCKET}.lock", "postgres.log"):
                (new / name).unlink(missing_ok=True)
        else:
            options = [
                "--auth=trust",
                "--encoding=UTF8",
                f"--locale={LOCALE}",
                f"--username={ROLE}",
                *durable,
            ]
            self._must("initdb", "-D", str(new), *options)
            with (new / "postgresql.conf").open("a") as file:
                file.write("include 'geoplatform.conf'\n")
        new.rename(self.home / "data")

    def _launch(self) -> None:
        postgres.configure(self.data, self.fsync)
        log = self.data / "postgres.log"
        wait = ["-w", "-t", f"{self.patience_s:.0f}"]
        command = ["pg_ctl", "-D", str(self.data), "-l", str(log), *wait, "start"]
        deadline = time.monotonic() + self.patience_s
        while True:
            postgres.forget_a_stranger(self.data)
            size = log.stat().st_size if log.exists() else 0
            done = self._run(*command)
            if done.returncode == 0:
                return
            said = log.read_bytes()[size:].decode(errors="replace") if log.exists() else done.stderr
            # After a kill -9 it needs a moment to end, its children to notice and leave the shared memory.
            if not any(sign in said for sign in ENDING) or time.monotonic() > deadline:
                raise ClusterError(f"PostgreSQL does not start; {log}: {said.strip()[-600:]}")
            time.sleep(0.2)

    def _halt(self) -> None:
        command = ["pg_ctl", "-D", str(self.data), "-w", "-t", "20", "stop", "-m"]
        if self._run(*command, "fast").returncode:
            self._must(*command, "immediate")

    def _answers(self) -> bool:
        """Say whether its server takes connections; wait for one that is just starting or stopping."""
        command = ["pg_isready", "-q", "-h", str(self.data), "-d", "postgres"]
        deadline = time.monotonic() + PATIENCE_S
        while (code := self._run(*command).returncode) == 1:
            if time.monotonic() > deadline:
                raise ClusterError(f"the database in {self.data} refuses connections")
            time.sleep(0.05)
        return code == 0

    def _is_last(self) -> bool:
        """Say whether the server was started for its users, and none is left."""
        with (self.home / "users").open("a+") as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            users.seek(0)
            return users.read() == str(postgres.server(self.data))

    def _run(self, program: str, *options: str) -> subprocess.CompletedProcess[str]:
        return postgres.run([postgres.program(program, self.data), *options], postgres.account(self.data))

    def _must(self, program: str, *options: str) -> str:
        return postgres.must([postgres.program(program, self.data), *options], postgres.account(self.data))


def ensure(cluster: Cluster, database: str = DATABASE) -> str:
    """Start a cluster for keeps, create the database where it is missing, and return its address."""
    cluster.start()
    cluster.leave()
    return cluster.create(database)


def run(cluster: Cluster, command: Sequence[str]) -> int:
    """Run a command with the cluster started before and stopped after it, and return its exit code."""
    with Crew(Path.cwd()) as crew, cluster:
        url = cluster.create()
        crew.attend(0)
        return crew.foreground(command, os.environ | {"DATABASE_URL": url})


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the exclusive lock of a file."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(
        prog="python -m geoplatform.database", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--directory", type=Path, default=DIRECTORY, help="default: var/postgres")
    parser.add_argument(
        "--no-fsync", action="store_true", help="faster, and lost with a power cut: for tests"
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("start", help="start it, let it run, print its address")
    verbs.add_parser("stop", help="stop it, whoever uses it")
    verbs.add_parser("url", help='print its address: psql "$(python -m geoplatform.database url)"')
    verbs.add_parser("installed", help="print where PostgreSQL with PostGIS is; fails where there is none")
    runs = verbs.add_parser("run", help="run a command with DATABASE_URL set, and stop it afterwards")
    runs.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args(arguments)
    cluster = Cluster(given.directory, fsync=not given.no_fsync)
    try:
        return _do(given.verb, cluster, given)
    except Asked as asked:
        return asked.code
    except (GeoplatformError, OSError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1


def _do(verb: str, cluster: Cluster, given: argparse.Namespace) -> int:
    match verb:
        case "start":
            print(ensure(cluster))
        case "stop":
            cluster.stop(always=True)
        case "url":
            print(cluster.url())
        case "installed":
            found = postgres.installations()
            print("\n".join(str(folder) for _, folder in sorted(found.items())))
            return 0 if found else 1
        case "run":
            return run(cluster, given.command)
    return 0


if __name__ == "__main__":
    sys.exit(main())
