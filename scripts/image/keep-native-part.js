import { readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

// @temporalio/core-bridge ships the binaries of all platforms, 27 MB each, and loads one. Its own code says which, and
// throws where there is none for this platform.
const { getPrebuiltPath } = createRequire(join(process.cwd(), 'package.json'))('@temporalio/core-bridge/common');

const needed = dirname(getPrebuiltPath());
const releases = dirname(needed);
for (const name of readdirSync(releases)) {
  if (name !== basename(needed)) rmSync(join(releases, name), { recursive: true });
}
