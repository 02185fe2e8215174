import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bundleWorkflowCode, type WorkflowBundle } from '@temporalio/worker';
import { onTestFinished } from 'vitest';

/** The bundle of workflows that are not those of src/, by the name of a file in this folder. */
export async function bundleOf(file: string): Promise<WorkflowBundle> {
  const silent = (): void => undefined;
  const logger = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent };
  return bundleWorkflowCode({ workflowsPath: resolve(import.meta.dirname, file), logger });
}

/** The same as a file, until the end of the test: what a worker is started with. */
export async function bundleFileOf(file: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'artwork-reconciler-changed-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'workflow-bundle.js');
  await writeFile(path, (await bundleOf(file)).code);
  return path;
}
