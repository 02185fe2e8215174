import { existsSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

// @temporalio/core-bridge ships the binaries of all platforms, 27 MB each, and loads one. Which one, its own code says.
const require = createRequire(join(process.cwd(), 'package.json'));
const { getPrebuiltPath } = require('@temporalio/core-bridge/common');

const needed = dirname(getPrebuiltPath());
const releases = dirname(needed);
for (const name of readdirSync(releases)) {
  const folder = join(releases, name);
  if (folder !== needed) rmSync(folder, { recursive: true });
}
if (!existsSync(getPrebuiltPath())) {
  process.stderr.write(`There is no ${getPrebuiltPath()} left: the layout of @temporalio/core-bridge has changed\n`);
  process.exit(1);
}
