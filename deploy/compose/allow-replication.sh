#!/bin/sh
# Let standbys log in, by a password and as a role that may do nothing but replicate. The image runs it when it makes the
# primary; for one that is there already docs/how-to/add-a-standby.md says how. Run anew it renews role and password.
set -eu
role=geoplatform_standby
hba="$PGDATA/pg_hba.conf"
if [ -n "${STANDBY_PASSWORD-}" ]; then
  # Of an earlier release, by which the owner of the tables logged in for it.
  sed -i '/^host replication all all scram-sha-256$/d' "$hba"
  grep -q "^host replication $role " "$hba" || echo "host replication $role all scram-sha-256" >> "$hba"
  # The password comes by the environment: no list of processes has it.
  psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --set="role=$role" --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" <<'SQL'
\getenv password STANDBY_PASSWORD
SELECT NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') AS is_missing \gset
\if :is_missing
CREATE ROLE :"role";
\endif
ALTER ROLE :"role" WITH LOGIN REPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'password';
SELECT pg_reload_conf() \g /dev/null
SQL
fi
