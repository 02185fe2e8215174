import { WorkflowExecutionAlreadyStartedError, type Client, type WorkflowHandle } from '@temporalio/client';
import type { BackfillInput } from '../activities/backfill.ts';
import { taskQueues } from '../task-queues.ts';
import type { backfill } from '../workflows/backfill.ts';

/** Starts the backfill of a source, or joins the one that runs: there is never more than one of each. */
export async function startBackfill(temporal: Client, input: BackfillInput): Promise<WorkflowHandle<typeof backfill>> {
  const workflowId = `backfill-${input.source}`;
  try {
    return await temporal.workflow.start<typeof backfill>('backfill', {
      workflowId,
      taskQueue: taskQueues.reconciler,
      args: [input],
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return temporal.workflow.getHandle(workflowId);
    throw error;
  }
}
