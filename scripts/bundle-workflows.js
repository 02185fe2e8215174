import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

// A worker that bundles its workflows itself needs a compiler and several seconds at every start; so the build does it.
const workflowsPath = fileURLToPath(new URL('../dist/workflows/index.js', import.meta.url));
const bundlePath = fileURLToPath(new URL('../dist/workflow-bundle.js', import.meta.url));

await rm(bundlePath, { force: true });
if (!existsSync(workflowsPath)) {
  process.stderr.write(`There is no ${workflowsPath}: compile first (npm run build does both)\n`);
  process.exit(1);
}
const silent = () => undefined;
const print = (message) => process.stderr.write(`${message}\n`);
const logger = { log: silent, trace: silent, debug: silent, info: silent, warn: print, error: print };
const { code } = await bundleWorkflowCode({ workflowsPath, logger });
await writeFile(bundlePath, code);
