import { randomUUID } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { askHarness } from './harness.ts';

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
  return { address, namespace };
}
