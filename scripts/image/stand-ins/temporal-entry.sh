#!/bin/sh
# Starts the development server with the settings of DYNAMIC_CONFIG_FILE_PATH: a key a line, its value two lines below at most.
set -eu
settings=$(awk '/^[a-zA-Z.]+:$/ { key = substr($1, 1, length($1) - 1) } /- value:/ { print "--dynamic-config-value=" key "=" $3 }' \
  "$DYNAMIC_CONFIG_FILE_PATH")
[ -n "$settings" ] || { echo "no setting in $DYNAMIC_CONFIG_FILE_PATH" >&2; exit 1; }
# shellcheck disable=SC2086 # one word a setting
exec temporal server start-dev --ip "${BIND_ON_IP:-0.0.0.0}" --headless --db-filename "$HOME/temporal.db" $settings
