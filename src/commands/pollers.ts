import type { Client } from '@temporalio/client';
import { taskQueues } from '../temporal/task-queues.ts';

/** `TASK_QUEUE_TYPE_WORKFLOW` of Temporal's API. */
const workflowQueue = 1;

/** How many polls for our workflows are under way, or were a moment ago: none, and no worker is running. */
export async function countPollers(temporal: Client): Promise<number> {
  const { pollers } = await temporal.workflowService.describeTaskQueue({
    namespace: temporal.options.namespace,
    taskQueue: { name: taskQueues.reconciler },
    taskQueueType: workflowQueue,
  });
  return pollers?.length ?? 0;
}
