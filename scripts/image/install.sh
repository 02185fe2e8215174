#!/bin/sh
# Everything that the build needs. Without install scripts: `prepare` would build before the sources are there, and the
# embedded PostgreSQL, whose libraries a script links, is not part of the image. Options go to npm.
set -eu
npm ci --ignore-scripts --no-audit --no-fund "$@"
