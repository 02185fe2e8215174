#!/bin/sh
# What the official image's entry point does with these variables and with /docker-entrypoint-initdb.d.
set -eu
PATH=$(echo /usr/lib/postgresql/*/bin):$PATH
if [ "$(id -u)" = 0 ]; then
  chown postgres: "$PGDATA"
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  printf %s "$POSTGRES_PASSWORD" >/tmp/password
  initdb --username="$POSTGRES_USER" --pwfile=/tmp/password --auth-host=scram-sha-256 --auth-local=trust --encoding=UTF8
  rm /tmp/password
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  # Nobody else gets in before it is filled.
  pg_ctl start --wait --options="-c listen_addresses=''"
  database=${POSTGRES_DB:-$POSTGRES_USER}
  createdb --username="$POSTGRES_USER" "$database"
  for file in /docker-entrypoint-initdb.d/*.sql; do
    [ ! -e "$file" ] || psql --quiet --username="$POSTGRES_USER" --dbname="$database" --set ON_ERROR_STOP=1 --file="$file"
  done
  pg_ctl stop --wait --mode=fast
fi
exec postgres -c listen_addresses='*'
