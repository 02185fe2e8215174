import type { Client, Workflow, WorkflowHandle } from '@temporalio/client';
import { runTimeouts, taskQueues } from '../temporal/task-queues.ts';

/**
 * Starts a workflow of which there is never more than one, or joins the one that runs. A dry run has an id of its own:
 * who means to add doesn't join it.
 */
export async function joinOrStart<Kind extends Workflow>(
  temporal: Client,
  type: string,
  { workflowId, dryRun, args }: { workflowId: string; dryRun: boolean; args: Parameters<Kind> },
): Promise<WorkflowHandle<Kind>> {
  const id = `${workflowId}${dryRun ? '-dry-run' : ''}`;
  await temporal.workflow.start<(...args: unknown[]) => Promise<unknown>>(type, {
    workflowId: id,
    taskQueue: taskQueues.reconciler,
    workflowRunTimeout: runTimeouts.feeding,
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [...args] as unknown[],
  });
  // Not of the one run: it goes on as new now and then.
  return temporal.workflow.getHandle<Kind>(id);
}
