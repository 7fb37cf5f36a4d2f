"""Where PostgreSQL with PostGIS is installed, and as whom its programs run: it refuses root."""

from __future__ import annotations

import functools
import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path

from geoplatform.errors import GeoplatformError

# Debian and Ubuntu, Red Hat's packages, Homebrew on either processor.
PLACES = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
)
SOCKET = ".s.PGSQL.5432"
SETTINGS = """\
# Written anew at each start by geoplatform/database.py; your own settings go in with ALTER SYSTEM.
listen_addresses = ''
port = 5432
unix_socket_directories = '"{data}"'
unix_socket_permissions = 0700
max_connections = 60
archive_mode = on
archive_command = 'true'
shared_buffers = 256MB
maintenance_work_mem = 128MB
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_checkpoints = off
# Of a statement that fails neither its text nor the row: both have what citizens wrote, and what opens doors.
log_min_error_statement = panic
log_error_verbosity = terse
fsync = {fsync}
synchronous_commit = {fsync}
full_page_writes = {fsync}
"""


class ClusterError(GeoplatformError):
    """The private database cannot be made, started or reached."""


@functools.cache
def installations() -> dict[int, Path]:
    """Find the folder of programs of each PostgreSQL that has PostGIS, by major version."""
    folders = [folder for place in PLACES for folder in Path("/").glob(place)]
    if on_path := shutil.which("pg_ctl"):
        folders.append(Path(on_path).resolve().parent)
    found: dict[int, Path] = {}
    for folder in folders:
        if not all((folder / name).exists() for name in ("initdb", "pg_ctl", "psql", "pg_config")):
            continue
        command = [str(folder / "pg_config"), "--version", "--sharedir", "--pkglibdir"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        version, share, libraries = said.splitlines()
        major = re.search(r"\d+", version)
        # Debian has the two in packages of their own.
        whole = Path(share, "extension", "postgis.control").exists() and any(
            Path(libraries).glob("postgis-[0-9]*")
        )
        if major and whole:
            found.setdefault(int(major[0]), folder)
    return found


def program(name: str, data: Path) -> str:
    """Return the path of a program: of the version that made the data directory, else of the newest."""
    found = installations()
    major = int((data / "PG_VERSION").read_text()) if data.is_dir() else max(found, default=0)
    if major not in found:
        wanted = f"PostgreSQL {major}" if major else "PostgreSQL"
        raise ClusterError(f"{wanted} with PostGIS is not installed; script/server installs it where it can")
    return str(found[major] / name)


def account(data: Path) -> tuple[int, int] | None:
    """Return user and group of PostgreSQL's processes where we are root: the data's owner or ``postgres``."""
    if os.geteuid() != 0:
        return None
    if data.is_dir():
        return data.stat().st_uid, data.stat().st_gid
    try:
        postgres = pwd.getpwnam("postgres")
    except KeyError:
        raise ClusterError("PostgreSQL refuses root, and there is no user 'postgres'") from None
    return postgres.pw_uid, postgres.pw_gid


def own(folder: Path) -> None:
    """Make an empty folder that is PostgreSQL's user's alone."""
    who = account(folder)
    folder.mkdir(mode=0o700)
    if who:
        os.chown(folder, *who)


def run(command: list[str], who: tuple[int, int] | None) -> subprocess.CompletedProcess[str]:
    """Run a program as that user, out of reach of the terminal's Ctrl-C and of ``PGHOST`` and the like."""
    user, group = who or (None, None)
    return subprocess.run(
        command,
        user=user,
        group=group,
        extra_groups=[] if who else None,
        cwd="/",
        env={name: value for name, value in os.environ.items() if not name.startswith("PG")}
        | {"LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )


def must(command: list[str], who: tuple[int, int] | None) -> str:
    """Run a program that has to succeed, and return what it printed."""
    done = run(command, who)
    if done.returncode:
        raise ClusterError(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()[-600:]}")
    return done.stdout.strip()


def configure(data: Path, fsync: bool) -> None:
    """Write our settings into the data directory."""
    folder = str(data).replace("'", "''").replace('"', '""')
    new = data / "geoplatform.conf.new"
    new.write_text(SETTINGS.format(data=folder, fsync="on" if fsync else "off"))
    new.chmod(0o644)
    new.replace(data / "geoplatform.conf")


def server(data: Path) -> int | None:
    """Return the process id that the running, or killed, server has written down."""
    try:
        return int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except FileNotFoundError:
        return None


def runs(data: Path) -> bool:
    """Say whether the process that the server has written down is there."""
    number = server(data)
    if number is None:
        return False
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is there, and another user's
        return True
    return True


def forget_a_stranger(data: Path) -> None:
    """Remove the process id of a killed server that PostgreSQL would take for a running one.

    Another program may bear it by now, as after a boot; or nobody collects the dead, as in some containers.
    """
    try:
        status = Path(f"/proc/{server(data)}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return
    if not re.match(r"Name:\tpost(gres|master)\n", status) or "State:\tZ" in status:
        (data / "postmaster.pid").unlink()
        (data / f"{SOCKET}.lock").unlink(missing_ok=True)
