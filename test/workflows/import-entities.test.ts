import { randomUUID } from 'node:crypto';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { expect, test, vi } from 'vitest';
import { openTemporal } from '../../src/temporal/connection.ts';
import { feedBatch, finishImport, type ImportBatch } from '../../src/temporal/messages.ts';
import { taskQueues } from '../../src/temporal/task-queues.ts';
import { patience } from '../support/patience.ts';
import { createTestNamespace } from '../support/temporal.ts';
import { workflowBundlePath } from '../support/workflow-bundle.ts';

Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });

test('a batch that several commands hand over at once is taken once', async () => {
  const { address, namespace } = await createTestNamespace();
  const temporal = await openTemporal({ connectionOptions: { address }, namespace });
  const connection = await NativeConnection.connect({ address });
  const added: number[] = [];
  let letGo = (): void => undefined;
  const heldBack = new Promise<void>((resolve) => (letGo = resolve));
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: taskQueues.reconciler,
    workflowBundle: { codePath: await workflowBundlePath() },
    activities: {
      async addListed(entities: readonly unknown[]) {
        added.push(entities.length);
        await heldBack;
        return { added: entities.length, raised: 0, known: 0 };
      },
    },
  });
  await worker.runUntil(async () => {
    const handle = await temporal.workflow.start('importEntities', {
      workflowId: `import-${randomUUID()}`,
      taskQueue: taskQueues.reconciler,
      args: [{ dryRun: false }],
    });
    const batch = (from: number, upTo: number): ImportBatch => ({
      ...{ from, upTo, digest: 'd', unreadable: 0, refused: 0, share: null },
      entities: Array.from({ length: upTo - from }, () => ({
        entityType: 'release',
        priority: 100,
        isAgain: false,
        gids: [randomUUID()],
      })),
    });
    // Each is waiting in the workflow when the next one is handed over.
    const feed = (from: number, upTo: number) =>
      handle.startUpdate(feedBatch, { args: [batch(from, upTo)], waitForStage: 'ACCEPTED' });
    const first = await feed(0, 1);
    await vi.waitFor(() => expect(added).toEqual([1]), patience);
    const others = [await feed(1, 3), await feed(1, 3), await feed(1, 3)];
    letGo();
    expect(await first.result()).toMatchObject({ records: 1, added: 1 });
    for (const other of others) expect(await other.result()).toMatchObject({ records: 3, added: 3 });
    expect(added).toEqual([1, 2]);
    await handle.executeUpdate(finishImport);
    expect(await handle.result()).toMatchObject({ records: 3, added: 3, state: 'complete' });
  });
  await temporal.connection.close();
  await connection.close();
});
