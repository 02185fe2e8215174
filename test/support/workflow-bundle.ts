import { askHarness } from './harness.ts';

/** A file with the bundled workflows of src/, for `Worker.create({workflowBundle: {codePath}})`; built once a run. */
export async function workflowBundlePath(): Promise<string> {
  return (await askHarness('/workflow-bundle')).path;
}
