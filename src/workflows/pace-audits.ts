import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Pacer } from '../activities/pace.ts';
import type { DeploymentIdentity } from '../domain/deployment.ts';
import { named, stepOptions } from './step-options.ts';

const { startPacedAudits } = named<Pacer>(proxyActivities<Pacer>(stepOptions.pacer), {
  startPacedAudits: 'claim and start audits',
});

/** One tick of the pace: claims what the budget allows now, and starts an audit for each. Shown by its result. */
export async function paceAudits(
  served: DeploymentIdentity | null = null,
): Promise<{ readonly started: number; readonly brakes: readonly string[] }> {
  // The run's own id names the batch: an activity that is repeated claims the same entities, not more.
  return startPacedAudits(workflowInfo().runId, served);
}
