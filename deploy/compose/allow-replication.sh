#!/bin/sh
# Run by the image when it makes the primary: let standbys log in, by password. A database that is there
# already wants the line by hand.
set -eu
echo "host replication all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
