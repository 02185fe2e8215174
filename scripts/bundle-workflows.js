import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

// A worker that bundles its workflows itself needs a compiler and several seconds at every start; so the build does it. One
// bundle is of workers that are not versioned, one of those that are.
const bundles = { 'workflow-bundle.js': 'index.js', 'workflow-bundle-versioned.js': 'versioned.js' };

const silent = () => undefined;
const print = (message) => process.stderr.write(`${message}\n`);
const logger = { log: silent, trace: silent, debug: silent, info: silent, warn: print, error: print };
for (const [bundle, workflows] of Object.entries(bundles)) {
  const workflowsPath = fileURLToPath(new URL(`../dist/workflows/${workflows}`, import.meta.url));
  const bundlePath = fileURLToPath(new URL(`../dist/${bundle}`, import.meta.url));
  await rm(bundlePath, { force: true });
  if (!existsSync(workflowsPath)) {
    process.stderr.write(`There is no ${workflowsPath}: compile first (npm run build does both)\n`);
    process.exit(1);
  }
  const { code } = await bundleWorkflowCode({ workflowsPath, logger });
  await writeFile(bundlePath, code);
}
