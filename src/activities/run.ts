import { Context } from '@temporalio/activity';
import { toFailure } from './failures.ts';

type Steps = Record<string, (...args: never[]) => Promise<unknown>>;

/** Well within the shortest heartbeat time-out that a workflow sets for what is timed (20 s, audits). Milliseconds. */
const heartbeatInterval = 5_000;

/**
 * Steps as activities: what they throw is turned into the failures that workflows understand, and while one runs it says
 * so to Temporal, so that a step whose worker died is given to another one soon, however long its own time-out is.
 *
 * @param beats `bySteps`: they say so themselves, from their loops, so that one which hangs is noticed as well
 */
export function asActivities<Given extends Steps>(steps: Given, beats: 'bySteps' | 'byTimer' = 'byTimer'): Given {
  const wrapped = Object.entries(steps).map(
    ([name, step]) => [name, (...args: never[]) => run(() => step(...args), beats)] as const,
  );
  return Object.fromEntries(wrapped) as unknown as Given;
}

async function run(step: () => Promise<unknown>, beats: 'bySteps' | 'byTimer'): Promise<unknown> {
  const context = Context.current();
  const isTimed = beats === 'byTimer' && !context.info.isLocal;
  const timer = isTimed ? setInterval(() => context.heartbeat(), heartbeatInterval) : undefined;
  try {
    return await step();
  } catch (error) {
    throw toFailure(error);
  } finally {
    clearInterval(timer);
  }
}

/** The signal by which Temporal cancels the activity that calls this; none outside an activity. */
export function currentSignal(): AbortSignal | undefined {
  try {
    return Context.current().cancellationSignal;
  } catch {
    return undefined;
  }
}

/**
 * The workflow run on whose behalf an activity works: the fence of its claims.
 *
 * @throws {Error} outside of a workflow's activity.
 */
export function currentRun(): { readonly workflowId: string; readonly runId: string } {
  const execution = Context.current().info.workflowExecution;
  if (execution === undefined)
    throw new Error('this activity was not started by a workflow: it has no run to claim for');
  return execution;
}

/** Names this step of its workflow: the same each time it is repeated. @throws {Error} as `currentRun` does */
export function currentStep(): string {
  return `${currentRun().runId}/${Context.current().info.activityId}`;
}
