import { ActivityCancellationType, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { DeploymentIdentity } from '../activities/dependencies.ts';
import type { Pacer } from '../activities/pace.ts';

const { startPacedAudits } = proxyActivities<Pacer>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '30s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1s', maximumInterval: '10s', maximumAttempts: 10 },
});

/** One tick of the pace: claims what the budget allows now, and starts an audit for each. Shown by its result. */
export async function paceAudits(
  served: DeploymentIdentity | null = null,
): Promise<{ readonly started: number; readonly brakes: readonly string[] }> {
  // The run's own id names the batch: an activity that is repeated claims the same entities, not more.
  return startPacedAudits(workflowInfo().runId, served);
}
