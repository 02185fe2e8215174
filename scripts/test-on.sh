#!/usr/bin/env bash
# Runs tests with another Node than this one:
#   scripts/test-on.sh 24                    those of `npm test`
#   scripts/test-on.sh 24 test/domain -t md5   what vitest's arguments choose
# The first argument is a major version, or a whole one. It is fetched from npm into .cache/node/, and kept there; the
# dependencies stay those that are installed, as a deployment that changes its Node would have them.
set -euo pipefail
cd "$(dirname "$0")/.."

version=${1:-}
if [[ ! $version =~ ^[0-9]+(\.[0-9]+\.[0-9]+)?$ ]]; then
  echo "Error: usage: scripts/test-on.sh VERSION [VITEST-ARGUMENT…]; VERSION is like 24 or 24.1.0, and got \"$version\"" >&2
  exit 2
fi
shift

# The package `node` would choose one of these in a script of its own, which npm doesn't run unless it is allowed to.
package=node-$(node -p '`${process.platform}-${process.arch}`')
folder=$PWD/.cache/node/$version
bin=$folder/node_modules/$package/bin
if [ ! -x "$bin/node" ]; then
  mkdir -p "$folder"
  npm install --prefix "$folder" --no-audit --no-fund --ignore-scripts --loglevel=error "$package@$version" >&2
fi

# What the tests start finds the same Node, whether by its path or by name.
export PATH="$bin:$PATH"
node --version | sed 's/^/Node /' >&2
[ -e dist/workflow-bundle.js ] || npm run build
[ $# -gt 0 ] || set -- --project '!long*'
exec node node_modules/vitest/vitest.mjs run "$@"
