import type { WorkflowExecutionDescription } from '@temporalio/client';
import type { TemporalServer } from '../src/embedded/temporal-server.ts';
import { openTemporal } from '../src/temporal/connection.ts';

/**
 * What Temporal has under way, the first 30, a line each with what it waits for: which step, at which attempt, since
 * when. For whoever has to find out why a run did not settle.
 */
export async function describeOpenWorkflows(address: TemporalServer['address']): Promise<readonly string[]> {
  const { workflow, connection } = await openTemporal({ connectionOptions: { address } });
  try {
    const lines: string[] = [];
    for await (const { workflowId } of workflow.list({ query: `ExecutionStatus = 'Running'` })) {
      lines.push(describe(await workflow.getHandle(workflowId).describe()));
      if (lines.length === 30) break;
    }
    return lines;
  } finally {
    await connection.close();
  }
}

function describe({ workflowId, startTime, raw }: WorkflowExecutionDescription): string {
  const steps = (raw.pendingActivities ?? []).map(
    ({ activityType, attempt, lastFailure }) =>
      `${activityType?.name} (attempt ${attempt}${lastFailure ? `; before: ${lastFailure.message}` : ''})`,
  );
  const task = raw.pendingWorkflowTask;
  if (task) steps.push(`its own next step (attempt ${task.attempt}${task.startedTime ? ', begun' : ''})`);
  return `workflow ${workflowId}, since ${startTime.toISOString()}: ${steps.join(', ') || 'a timer'}`;
}
