import { randomUUID } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { afterAll } from 'vitest';
import { askHarness } from './harness.ts';

/** Of this test file: what ran in them is replayed at its end. */
const namespaces = new Set<string>();

/** A namespace of the run's dev server that nothing else uses: its workflow ids, schedules and task queues are its own. */
export async function createTestNamespace(): Promise<{ address: string; namespace: string }> {
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

// Hooks run in reverse order: the file's own have ended its workers by then.
afterAll(async () => {
  if (namespaces.size === 0) return;
  // Of no use to whoever makes no namespace, and slow to load.
  const { expectReplayable } = await import('./replay.ts');
  const { address } = await askHarness('/temporal');
  for (const namespace of namespaces) await expectReplayable(address, namespace);
});
