"""Back up the private database, every change of it from now on, and the platform's own files.

``script/backup`` installs what is missing and comes here; docs/how-to/back-up.md says what is kept how.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from geoplatform import pgbackrest, sealed
from geoplatform.database import DIRECTORY, Cluster
from geoplatform.errors import GeoplatformError
from geoplatform.pgbackrest import KEEP_DAYS, Repository


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line and make a backup."""
    given = options(arguments)
    cluster = Cluster(given.directory)
    where = pgbackrest.repository(cluster, given.repository, given.key_file)
    try:
        if given.list:
            show(cluster, where)
        elif given.files_only:
            back_up_files(where)
        else:
            back_up(cluster, where, given.kind, given.keep_days)
            back_up_files(where)
    except (GeoplatformError, OSError) as error:
        print(f"script/backup: {error}", file=sys.stderr)
        return 1
    return 0


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the options."""
    parser = argparse.ArgumentParser(prog="script/backup", description=(__doc__ or "").split("\n")[0])
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--full", dest="kind", action="store_const", const="full", help="all of it anew")
    kind.add_argument(
        "--diff", dest="kind", action="store_const", const="diff", help="what changed since the last full one"
    )
    kind.add_argument("--files-only", action="store_true", help="photos and briefs alone")
    kind.add_argument("--list", action="store_true", help="say what there is, and make none")
    parser.set_defaults(kind="incr")
    add_places(parser)
    parser.add_argument(
        "--keep-days", type=int, default=KEEP_DAYS, metavar="N", help="older full backups go; 30"
    )
    return parser.parse_args(arguments)


def add_places(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where cluster, repository and key are."""
    parser.add_argument("--directory", type=Path, default=DIRECTORY, help="of the cluster; var/postgres")
    parser.add_argument("--repository", type=Path, help="where backups lie; beside the cluster")
    parser.add_argument("--key-file", type=Path, help="the key that opens them; beside the cluster")


def back_up(cluster: Cluster, where: Repository, kind: str, keep_days: int = KEEP_DAYS) -> None:
    """Back up a cluster, and keep every change from now on; the first backup is a full one."""
    began = time.monotonic()
    with cluster:
        pgbackrest.make(cluster, where)
        conf = pgbackrest.configure(cluster, where, keep_days)
        pgbackrest.run(cluster, conf, "stanza-create")
        pgbackrest.archive(cluster, conf)
        known = {backup["label"] for backup in pgbackrest.kept(cluster, conf)}
        pgbackrest.run(cluster, conf, "backup", f"--type={kind if known else 'full'}")
        made = [one for one in pgbackrest.kept(cluster, conf) if one["label"] not in known]
    for backup in made:
        print(f"{line(backup)}  {time.monotonic() - began:.1f} s")


def back_up_files(where: Repository) -> None:
    """Seal the photos and briefs of the platform into the repository."""
    for name, folder in folders().items():
        copied = sealed.seal(folder, where.files / name, where.key)
        print(f"{name}: {copied.written} written, {copied.kept} as before, {copied.removed} gone")


def folders() -> dict[str, Path]:
    """Return the folders of files that nothing else could make again, by name."""
    from geoplatform import settings

    return {"photos": settings.MEDIA_ROOT, "briefs": settings.BRIEFS}


def show(cluster: Cluster, where: Repository) -> None:
    """Print the backups that there are."""
    conf = pgbackrest.configure(cluster, where)
    for backup in pgbackrest.kept(cluster, conf):
        print(line(backup))


def line(backup: dict[str, Any]) -> str:
    """Say of a backup what it is called, when it ended and what it weighs."""
    weight = backup["info"]["repository"]["delta"] / 1e6
    ended = pgbackrest.ended(backup)
    return f"{backup['type']:<4} {backup['label']}  until {ended:%Y-%m-%dT%H:%M:%SZ}  {weight:.1f} MB"


if __name__ == "__main__":
    sys.exit(main())
