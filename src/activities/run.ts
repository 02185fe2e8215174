import { Context } from '@temporalio/activity';
import type { Database, Queryable } from '../database/connection.ts';
import { toFailure } from './failures.ts';

type Step = (...args: never[]) => Promise<unknown>;
type Steps<Given> = { readonly [Name in keyof Given]: Step };

/** Steps as activities: what they throw is turned into the failures that workflows understand. */
export function asActivities<Given extends Steps<Given>>(steps: Given): Given {
  const wrapped = Object.entries<Step>(steps).map(
    ([name, step]) => [name, (...args: never[]) => step(...args).catch(throwFailure)] as const,
  );
  return Object.fromEntries(wrapped) as unknown as Given;
}

function throwFailure(error: unknown): never {
  throw toFailure(error);
}

/** Well within the shortest heartbeat time-out that a workflow sets (15 s, the dispatcher's). Milliseconds. */
const heartbeatInterval = 5_000;

/**
 * Waits for one thing that a step has asked for, and reports to Temporal meanwhile that the step is alive, so that a step whose
 * worker died is given to another one soon. But for no longer than that one thing may take: a step that hangs loses its
 * place as well. Outside an activity, and in a local one, nothing is reported.
 *
 * @param longest what `asked` has as its own limit, in milliseconds
 */
export async function alive<Answer>(longest: number, asked: Promise<Answer>): Promise<Answer> {
  const context = currentContext();
  if (context === undefined || context.info.isLocal) return asked;
  const ends = performance.now() + longest;
  const beat = (): void => {
    if (performance.now() < ends) context.heartbeat();
  };
  beat();
  const timer = setInterval(beat, heartbeatInterval);
  return asked.finally(() => clearInterval(timer));
}

/** The driver's own limit, and its wait for a connection (database/connection.ts). Milliseconds. */
const longestStatement = 130_000;

/** The same database for a step: it is alive while a statement of its runs. */
export function aliveDatabase(db: Database): Database {
  const aliveQueries = (q: Queryable): Queryable['query'] => {
    return (sql, values) => alive(longestStatement, q.query(sql, values));
  };
  return {
    ...db,
    query: aliveQueries(db),
    transaction: (work, limits) => db.transaction((tx) => work({ transaction: true, query: aliveQueries(tx) }), limits),
  };
}

/** The signal by which Temporal cancels the activity that calls this; none outside an activity. */
export function currentSignal(): AbortSignal | undefined {
  return currentContext()?.cancellationSignal;
}

function currentContext(): Context | undefined {
  try {
    return Context.current();
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

/** Which try of its step an activity is, from 1 on. @throws {Error} outside an activity */
export function currentTry(): number {
  return Context.current().info.attempt;
}

/** Names this step of its workflow: the same each time it is repeated. @throws {Error} as `currentRun` does */
export function currentStep(): string {
  return `${currentRun().runId}/${Context.current().info.activityId}`;
}
