import { ActivityCancellationType, makeContinueAsNewFunc, proxyActivities } from '@temporalio/workflow';
import type { Dispatcher } from '../activities/dispatch.ts';
import { runTimeouts } from '../task-queues.ts';

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
 */
export async function dispatchEvents(): Promise<void> {
  await pollQueue();
  // One that an older version began has no time-out to hand on.
  await makeContinueAsNewFunc<typeof dispatchEvents>({ workflowRunTimeout: runTimeouts.dispatcher })();
}
