#!/bin/sh
# Make this a standby of the database at PRIMARY (a libpq URI), unless it is one already, and run it with the
# options of PostgreSQL that are given.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  chmod 700 "$PGDATA"
  pg_basebackup --pgdata="$PGDATA" --dbname="$PRIMARY" --write-recovery-conf --checkpoint=fast
fi
exec postgres "$@"
