import { makeContinueAsNewFunc, proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { Dispatcher } from '../activities/dispatch.ts';
import type { DeploymentIdentity } from '../domain/deployment.ts';
import { runTimeouts } from '../temporal/task-queues.ts';
import { named, stepOptions } from './step-options.ts';

const { dispatchEvents: pollQueue } = named<Dispatcher>(proxyActivities<Dispatcher>(stepOptions.dispatcher), {
  dispatchEvents: 'poll the queue for an hour',
});

/**
 * Keeps the one poll of the event queue alive. The polling is one long activity, not a timer loop here, so that this
 * history stays a few events an hour; a lost worker is noticed by its heartbeat.
 *
 * @param served whose events it starts: a worker of another database refuses to
 */
export async function dispatchEvents(served: DeploymentIdentity | null = null): Promise<void> {
  setCurrentDetails('Starts due events of the queue. It always runs, a new run an hour.');
  // One that an earlier version started learns whose it is from the worker that runs it.
  const identity = (await pollQueue(served)) as DeploymentIdentity | undefined;
  // One that an older version began has no time-out to hand on.
  const again = makeContinueAsNewFunc<typeof dispatchEvents>({ workflowRunTimeout: runTimeouts.dispatcher });
  await again(identity ?? served);
}
