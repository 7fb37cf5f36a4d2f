"""pgBackRest as the private cluster uses it: its configuration, its programs run as PostgreSQL's user.

Base backups and every change since lie in a repository, compressed and encrypted by a key that lies beside
the cluster, never in the repository. Standard library only.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from geoplatform import postgres
from geoplatform.database import ROLE, Cluster
from geoplatform.postgres import ClusterError

STANZA = "geoplatform"
KEEP_DAYS = 30
#: A quiet hour is archived too: that much is lost at most with the disk of the database.
ARCHIVE_EVERY_S = 60
SETTINGS = """\
# Written anew by script/backup and script/restore.
[global]
repo1-path={repository}
repo1-bundle=y
repo1-cipher-type=aes-256-cbc
repo1-cipher-pass={key}
repo1-retention-full-type=time
repo1-retention-full={keep_days}
exclude={socket}.lock
exclude=postgres.log
compress-type=zst
start-fast=y
process-max=2
lock-path={folder}/locks
log-level-console=warn
log-level-file=off

[{stanza}]
pg1-path={data}
pg1-socket-path={data}
pg1-port=5432
pg1-user={role}
"""


@dataclass(frozen=True)
class Repository:
    """Where the backups of a cluster lie, and the file of the key that opens them."""

    path: Path
    key_file: Path

    @property
    def key(self) -> str:
        """The key, as text; it opens the database's backups and the sealed files alike."""
        try:
            return self.key_file.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise ClusterError(f"there is no key in {self.key_file}; --key-file names it") from None

    @property
    def files(self) -> Path:
        """Where files of the platform lie, sealed one by one."""
        return self.path / "files"


def repository(cluster: Cluster, path: Path | None = None, key_file: Path | None = None) -> Repository:
    """Return the repository of a cluster: that which is named, or one beside it."""
    path = path or _path("GEOPLATFORM_BACKUPS", cluster.home / "backup")
    key_file = key_file or _path("GEOPLATFORM_BACKUP_KEY_FILE", cluster.home / "backup.key")
    return Repository(path.absolute(), key_file.absolute())


def _path(name: str, default: Path) -> Path:
    return Path(os.environ.get(name) or default)


def make(cluster: Cluster, where: Repository) -> None:
    """Make repository and key where they are missing."""
    if not where.key_file.exists():
        if (where.path / "backup").exists():
            raise ClusterError(
                f"{where.path} has backups, but {where.key_file} is not there: put their key back"
            )
        where.key_file.touch(mode=0o600)
        where.key_file.write_text(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii"))
    _own(where.path, cluster.data)


def program() -> str:
    """Return the path of pgBackRest."""
    found = shutil.which("pgbackrest")
    if found is None:
        raise ClusterError("pgBackRest is not installed; script/backup installs it where it can")
    return found


def configure(cluster: Cluster, where: Repository, keep_days: int = KEEP_DAYS) -> Path:
    """Write the configuration for a cluster, open to its owner alone, and return its path."""
    folder = _own(cluster.home / "pgbackrest", cluster.data)
    _own(folder / "locks", cluster.data)
    new = folder / "pgbackrest.conf.new"
    new.touch(mode=0o600)
    _give(new, cluster.data)
    new.write_text(
        SETTINGS.format(
            repository=where.path, key=where.key, keep_days=keep_days, folder=folder,
            stanza=STANZA, data=cluster.data, role=ROLE, socket=postgres.SOCKET,
        )
    )  # fmt: skip
    return new.replace(folder / "pgbackrest.conf")


def run(cluster: Cluster, conf: Path, verb: str, *options: str) -> str:
    """Run pgBackRest for a cluster as the user of its files, and return what it printed."""
    command = [program(), f"--config={conf}", f"--stanza={STANZA}", *options, verb]
    return postgres.must(command, postgres.account(cluster.data))


def archive(cluster: Cluster, conf: Path) -> None:
    """Have the running cluster hand every change to the repository from now on."""
    if cluster.say("SHOW archive_mode") != "on":
        raise ClusterError("the database was started by an older release: stop it, start it, try again")
    command = f"{program()} --config={conf} --stanza={STANZA} archive-push %p"
    cluster.say(
        "ALTER SYSTEM SET archive_command = '{}'".format(command.replace("'", "''")),
        f"ALTER SYSTEM SET archive_timeout = {ARCHIVE_EVERY_S}",
        "SELECT pg_reload_conf()",
    )


def hand_over(cluster: Cluster, conf: Path) -> None:
    """Wait until all that the running cluster has done is in the repository."""
    # A restore at an instant ends at the first change after it; on a quiet day this is one.
    cluster.say("SELECT pg_current_xact_id()")
    run(cluster, conf, "check")


def kept(cluster: Cluster, conf: Path) -> list[dict[str, Any]]:
    """Return what pgBackRest says of each backup, the oldest first."""
    found = json.loads(run(cluster, conf, "info", "--output=json"))
    return [backup for stanza in found for backup in stanza["backup"]]


def newest_segment(cluster: Cluster, conf: Path) -> str:
    """Return which WAL segment of the archive is the newest: its name without the timeline; empty: none."""
    found = json.loads(run(cluster, conf, "info", "--output=json"))
    names = [archive["max"] for stanza in found for archive in stanza["archive"] if archive["max"]]
    return str(max(names, default=""))[8:]


def ended(backup: dict[str, Any]) -> datetime:
    """Return when a backup had ended, to the second."""
    return datetime.fromtimestamp(backup["timestamp"]["stop"], UTC)


def _own(folder: Path, data: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _give(folder, data)


def _give(path: Path, data: Path) -> Path:
    if who := postgres.account(data):
        os.chown(path, *who)
    return path
