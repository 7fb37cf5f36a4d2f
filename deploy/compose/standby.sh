#!/bin/sh
# Make this a standby of the database at PRIMARY (a libpq URI without a password, which is PRIMARY_PASSWORD: what is an
# argument anybody on the machine may read), unless it is one already, and run it with the options that are given.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  chmod 700 "$PGDATA"
  PGPASSWORD="${PRIMARY_PASSWORD-}" pg_basebackup --pgdata="$PGDATA" --dbname="$PRIMARY" --write-recovery-conf --checkpoint=fast
fi
exec postgres "$@"
