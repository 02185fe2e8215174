import { randomUUID } from 'node:crypto';
import { askHarness } from './harness.ts';

/** Of this test file: what ran in them is replayed at its end. */
const namespaces = new Set<string>();

/** A namespace of the run's dev server that nothing else uses: its workflow ids, schedules and task queues are its own. */
export async function createTestNamespace(): Promise<{ address: string; namespace: string }> {
  // Slow to load, and each-file.ts has this file for those too that don't use Temporal.
  const { Connection } = await import('@temporalio/client');
  const { address } = await askHarness('/temporal');
  const namespace = `test-${randomUUID()}`;
  const connection = await Connection.connect({ address });
  try {
    const retention = { seconds: 24 * 3600 };
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: retention as never,
    });
  } finally {
    await connection.close();
  }
  namespaces.add(namespace);
  return { address, namespace };
}

/** For a namespace in which other workflows than those of src/ have run. */
export function dontReplay(namespace: string): void {
  namespaces.delete(namespace);
}

/** That all can be replayed which ran in this file's namespaces; called by each-file.ts. */
export async function expectNamespacesReplayable(): Promise<void> {
  const ofThisFile = [...namespaces];
  namespaces.clear();
  if (ofThisFile.length === 0) return;
  // Of no use to whoever makes no namespace, and slow to load.
  const { expectReplayable } = await import('./replay.ts');
  const { address } = await askHarness('/temporal');
  for (const namespace of ofThisFile) await expectReplayable(address, namespace);
}
