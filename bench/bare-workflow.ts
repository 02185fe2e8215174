import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker';

const taskQueue = 'bench-bare';
/** As many in progress at once as audits may be. */
const atOnce = 200;

/**
 * How many workflows of one empty activity the dev server carries a second: what the product's audits are compared with,
 * in the same run.
 */
export async function bareWorkflowsPerSecond(address: string, count: number): Promise<number> {
  const workflowsPath = fileURLToPath(new URL('bare-workflows.ts', import.meta.url));
  const silent = (): void => undefined;
  const logger = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent };
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger });
  const native = await NativeConnection.connect({ address });
  const connection = await Connection.connect({ address });
  const worker = await Worker.create({
    connection: native,
    taskQueue,
    workflowBundle,
    activities: { nothing: async () => undefined },
  });
  const client = new Client({ connection });
  try {
    return await worker.runUntil(async () => {
      await client.workflow.execute('bare', { taskQueue, workflowId: 'bare-warm-up' });
      const began = Date.now();
      let next = 0;
      const starter = async (): Promise<void> => {
        while (next < count) await client.workflow.execute('bare', { taskQueue, workflowId: `bare-${next++}` });
      };
      await Promise.all(Array.from({ length: Math.min(atOnce, count) }, starter));
      return count / ((Date.now() - began) / 1000);
    });
  } finally {
    await connection.close();
    await native.close();
  }
}
