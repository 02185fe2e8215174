import { ActivityCancellationType, makeContinueAsNewFunc, proxyActivities } from '@temporalio/workflow';
import type { Dispatcher } from '../activities/dispatch.ts';
import type { DeploymentIdentity } from '../activities/dependencies.ts';
import { runTimeouts } from '../temporal/task-queues.ts';

const { dispatchEvents: pollQueue } = proxyActivities<Dispatcher>({
  // A little more than the activity's own shift of an hour.
  startToCloseTimeout: '70 minutes',
  heartbeatTimeout: '15s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  // For ever, and soon: until the next worker takes over nothing is carried out.
  retry: { initialInterval: '500ms', backoffCoefficient: 1 },
});

/**
 * Keeps the one poll of the event queue alive. The polling is one long activity, not a timer loop here, so that this
 * history stays a few events an hour; a lost worker is noticed by its heartbeat.
 *
 * @param served whose events it starts: a worker of another database refuses to
 */
export async function dispatchEvents(served: DeploymentIdentity | null = null): Promise<void> {
  // One that an earlier version started learns whose it is from the worker that runs it.
  const identity = (await pollQueue(served)) as DeploymentIdentity | undefined;
  // One that an older version began has no time-out to hand on.
  const again = makeContinueAsNewFunc<typeof dispatchEvents>({ workflowRunTimeout: runTimeouts.dispatcher });
  await again(identity ?? served);
}
