#!/bin/sh
# Leaves in node_modules what a worker loads. Optional dependencies are the embedded PostgreSQL and the compiler that the
# workflow bundle was made with.
set -eu
npm prune --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund
# Not ours to ship: its licence (FSL-1.1) can not be combined with the GPL, and nothing here loads it.
rm -rf node_modules/sentry node_modules/.bin/sentry
node scripts/image/keep-native-part.js
# Of the compiler, for the next build here.
rm -f dist/.tsbuildinfo
# For whoever debugs or compiles against these packages: a third of all, and loaded by nobody.
find node_modules -type f \( -name '*.map' -o -name '*.ts' -o -name '*.cts' -o -name '*.mts' \) -delete
