import type { Client } from '@temporalio/client';
import type { DeploymentIdentity } from '../database/schema/deployment.ts';
import { dispatcherWorkflowId, runTimeouts, taskQueues } from '../temporal/task-queues.ts';
import type { dispatchEvents } from '../workflows/dispatch-events.ts';

/** Sees to it that the one dispatcher runs; where it does, nothing changes. Every worker calls this at its start. */
export async function startDispatcher(temporal: Client, identity: DeploymentIdentity): Promise<void> {
  await temporal.workflow.start<typeof dispatchEvents>('dispatchEvents', {
    workflowId: dispatcherWorkflowId,
    taskQueue: taskQueues.reconciler,
    workflowRunTimeout: runTimeouts.dispatcher,
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [identity],
  });
}
