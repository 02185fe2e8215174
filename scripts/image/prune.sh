#!/bin/sh
# Leaves in node_modules what a worker loads. Optional dependencies are the embedded PostgreSQL and the compiler that the
# workflow bundle was made with.
set -eu
npm prune --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund
node scripts/image/keep-native-part.js
