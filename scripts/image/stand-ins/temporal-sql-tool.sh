#!/bin/sh
# The development server has a store of its own. What can be seen all the same: the database that the real one would use
# answers at this address, to this user and password.
set -eu
PGPASSWORD=$SQL_PASSWORD exec psql --quiet --host="$SQL_HOST" --port="$SQL_PORT" --username="$SQL_USER" --dbname="$SQL_USER" \
  --command='select 1' --output=/dev/null
