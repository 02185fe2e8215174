import { randomUUID } from 'node:crypto';
import { askHarness } from './harness.ts';

/** Of this test file, and whether what ran in them is replayed at its end. */
const namespaces = new Map<string, boolean>();

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
  namespaces.set(namespace, true);
  return { address, namespace };
}

/** For a namespace in which other workflows than those of src/ have run. */
export function dontReplay(namespace: string): void {
  namespaces.set(namespace, false);
}

/**
 * Ends this file's namespaces: checks that all can be replayed which ran in them, and deletes their schedules, or the server would
 * work for these every second until the run is over (20 deployments take 0.4 of a core). Called by each-file.ts.
 */
export async function endNamespaces(): Promise<void> {
  const ofThisFile = [...namespaces];
  namespaces.clear();
  if (ofThisFile.length === 0) return;
  // Of no use to whoever makes no namespace, and slow to load.
  const [{ Client, Connection, ScheduleNotFoundError }, { expectReplayable }] = await Promise.all([
    import('@temporalio/client'),
    import('./replay.ts'),
  ]);
  const { address } = await askHarness('/temporal');
  const connection = await Connection.connect({ address });
  try {
    for (const [namespace] of ofThisFile) {
      const { schedule } = new Client({ connection, namespace });
      for await (const { scheduleId } of schedule.list()) {
        await schedule
          .getHandle(scheduleId)
          .delete()
          .catch((error: unknown) => {
            // Its test has deleted it, and the list is a moment behind.
            if (!(error instanceof ScheduleNotFoundError)) throw error;
          });
      }
    }
    for (const [namespace, isReplayed] of ofThisFile) if (isReplayed) await expectReplayable(connection, namespace);
  } finally {
    await connection.close();
  }
}
