import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import type { RunPart } from './global-setup.ts';

/** The workflows as they are in src/, whatever was built before. */
export async function buildWorkflowBundle(): Promise<RunPart<{ path: string }>> {
  const workflowsPath = resolve(import.meta.dirname, '../../src/workflows/index.ts');
  const silent = (): void => undefined;
  const logger = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent };
  const { code } = await bundleWorkflowCode({ workflowsPath, logger });
  const folder = await mkdtemp(join(tmpdir(), 'artwork-reconciler-workflows-'));
  const path = join(folder, 'workflow-bundle.js');
  await writeFile(path, code);
  return { answer: { path }, stop: () => rm(folder, { recursive: true, force: true }) };
}
