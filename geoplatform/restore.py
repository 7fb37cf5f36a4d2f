"""Restore a backup of the private database into a cluster beside it, as it was at an instant.

``script/restore`` installs what is missing and comes here. The running cluster is left alone, unless
``--in-place`` asks for it; even then its former files stay beside the restored ones.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from geoplatform import pgbackrest, postgres, sealed
from geoplatform.backup import add_places
from geoplatform.database import DATABASE, Cluster
from geoplatform.errors import GeoplatformError
from geoplatform.pgbackrest import Repository
from geoplatform.postgres import ClusterError

REPLAY_S = 6 * 3600
SHORT = "recovery ended before configured recovery target was reached"
COUNTS = """
SELECT relation.oid::regclass, (xpath('/row/count/text()', query_to_xml(
    format('SELECT count(*) FROM %s', relation.oid::regclass), false, true, '')))[1]
FROM pg_class AS relation JOIN pg_namespace AS space ON space.oid = relation.relnamespace
WHERE relation.relkind IN ('r', 'p') AND NOT relation.relispartition
AND relation.relpersistence <> 't'  -- the catalogue still has those of sessions at that instant
AND space.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line and restore."""
    given = options(arguments)
    source = Cluster(given.directory)
    where = pgbackrest.repository(source, given.repository, given.key_file)
    try:
        if given.in_place:
            restored = in_place(source, where, given.at)
        else:
            hand_over(source, where)
            restored = beside(Cluster(given.to), where, given.at)
        if given.files:
            print(f"{sealed.open_all(where.files, given.files, where.key)} files in {given.files}")
        report(restored)
    except (GeoplatformError, OSError) as error:
        print(f"script/restore: {error}", file=sys.stderr)
        return 1
    return 0


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the options."""
    parser = argparse.ArgumentParser(prog="script/restore", description=(__doc__ or "").split("\n")[0])
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--to", type=Path, metavar="DIRECTORY", help="of a second cluster; must be new")
    place.add_argument("--in-place", action="store_true", help="instead of the cluster, which is stopped")
    parser.add_argument(
        "--at", type=instant, metavar="INSTANT", help="such as 2026-11-26T07:30:00+07:00; the newest there is"
    )
    parser.add_argument("--files", type=Path, metavar="DIRECTORY", help="where to put photos and briefs, too")
    add_places(parser)
    return parser.parse_args(arguments)


def instant(text: str) -> datetime:
    """Read an instant that says of which time zone it is."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no instant") from None
    if read.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} says no time zone, such as +07:00")
    return read.astimezone(UTC)


def hand_over(source: Cluster, where: Repository) -> None:
    """Have the newest changes of the source in the repository, if it runs."""
    if source.is_running:
        pgbackrest.hand_over(source, pgbackrest.configure(source, where))


def beside(cluster: Cluster, where: Repository, at: datetime | None = None) -> Cluster:
    """Restore into a cluster that is not there yet, let it replay until the instant, and stop it."""
    home = cluster.settle()
    if cluster.data.exists():
        raise ClusterError(f"{home} holds a cluster already: --to wants a new directory")
    # What is tried in a copy must not become part of the history of the original.
    _restore(cluster, where, at, "--archive-mode=off")
    return cluster


def in_place(cluster: Cluster, where: Repository, at: datetime | None = None) -> Cluster:
    """Put a restored cluster where the former one was, whose files stay beside it."""
    if cluster.is_running:
        raise ClusterError(f"the database in {cluster.data} runs: stop the platform first")
    home = cluster.home
    former = home / f"data.before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    if cluster.data.exists():
        cluster.data.rename(former)
    cluster.settle()
    try:
        _restore(cluster, where, at)
    except GeoplatformError:
        if former.exists():
            cluster.data.rename(former.with_name(f"data.failed-{former.name[-16:]}"))
            former.rename(home / "data")
        raise
    return cluster


def _restore(cluster: Cluster, where: Repository, at: datetime | None, *more: str) -> None:
    conf = pgbackrest.configure(cluster, where)
    wish = _wish(cluster, conf, at) if at else []
    newest = pgbackrest.newest_segment(cluster, conf)
    postgres.own(cluster.data)
    pgbackrest.run(cluster, conf, "restore", *wish, *more)
    if not at:
        _replay(cluster, newest)
        return
    try:
        _replay(cluster)
    except ClusterError:
        # PostgreSQL does not know whether nothing was changed until then, or something of it is missing.
        log = cluster.data / "postgres.log"
        if not log.exists() or SHORT not in log.read_text(errors="replace"):
            raise
        with (cluster.data / "postgresql.auto.conf").open("a") as settings:
            settings.write("recovery_target_time = ''\n")
        changed = _replay(cluster, newest)
        print(f"the backup holds nothing of after {changed or 'its beginning'}: it is as it was then")


def _replay(cluster: Cluster, newest: str = "") -> str:
    """Wait until a cluster has replayed what it is to; returns the instant of its newest change.

    Parameters
    ----------
    newest
        The WAL segment that must have been replayed, without its timeline.

    Raises
    ------
    ClusterError
        It takes too long, or it ended before that segment: one is missing.
    """
    began = time.monotonic()
    with Cluster(cluster.directory, patience_s=REPLAY_S) as started:
        while started.say("SELECT pg_is_in_recovery()") == "t":
            if time.monotonic() - began > REPLAY_S:
                raise ClusterError(f"{cluster.data} replays for more than {REPLAY_S} s")
            time.sleep(0.2)
        last = started.say("SELECT substr(pg_walfile_name(pg_last_wal_replay_lsn()), 9)").strip()
        if last < newest:
            raise ClusterError(
                f"the archive has a hole: it reaches to WAL segment {newest}, and was replayed to {last};"
                f" {cluster.data} is as it was there"
            )
        return started.say("SELECT date_trunc('second', pg_last_xact_replay_timestamp())").strip()


def _wish(cluster: Cluster, conf: Path, at: datetime) -> list[str]:
    """Return the options of a restore at an instant: from the last backup that had ended by then."""
    ended = [(pgbackrest.ended(backup), str(backup["label"])) for backup in pgbackrest.kept(cluster, conf)]
    usable = [label for end, label in ended if end <= at]
    if not usable:
        raise ClusterError(
            f"--at {at:%Y-%m-%dT%H:%M:%SZ}: no backup had ended by then, of {len(ended)} that there are"
        )
    target = f"--target={at:%Y-%m-%d %H:%M:%S.%f}+00"
    return [f"--set={usable[-1]}", "--type=time", target, "--target-action=promote"]


def report(cluster: Cluster) -> None:
    """Say what was restored: the rows of each table, and how to look at them."""
    with cluster:
        counts = [line.rsplit("|", 1) for line in cluster.say(COUNTS, database=DATABASE).splitlines()]
    for table, rows in counts:
        print(f"{int(rows):>12,}  {table}")
    print(f"{len(counts)} tables, {sum(int(rows) for _, rows in counts):,} rows in {cluster.data}")
    print(f"start it: .venv/bin/python -m geoplatform.database --directory {cluster.directory} start")


if __name__ == "__main__":
    sys.exit(main())
