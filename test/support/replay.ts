import { Client, type Connection, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, Runtime, Worker, type ReplayWorkerOptions } from '@temporalio/worker';
import { expect } from 'vitest';
import { workflowBundlePath } from './workflow-bundle.ts';

export interface RunHistory {
  readonly workflowId: string;
  readonly history: Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
}

/** What could not be replayed, by the workflow's id. */
export async function replay(
  workflowBundle: ReplayWorkerOptions['workflowBundle'],
  histories: readonly RunHistory[],
): Promise<Record<string, unknown>> {
  const failed: Record<string, unknown> = {};
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, histories)) {
    if (error !== undefined) failed[workflowId] = error;
  }
  return failed;
}

/**
 * That the workflows of src/ take the same steps again of all that has run in a namespace, as a worker has to that knows
 * a workflow by its history only. Of those that took the same steps, one is replayed: that takes most of the time.
 */
export async function expectReplayable(connection: Connection, namespace: string): Promise<void> {
  const bySteps = new Map<string, RunHistory>();
  const { workflow } = new Client({ connection, namespace });
  const histories = workflow.list().intoHistories({ concurrency: 10 }) as AsyncIterable<RunHistory>;
  for await (const { workflowId, history } of histories) {
    const events = finishedTasks(history.events ?? []);
    if (events.length > 0) bySteps.set(events.map(stepOf).join(' '), { workflowId, history: { ...history, events } });
  }
  if (bySteps.size === 0) return;
  installQuietRuntime();
  const failed = await replay({ codePath: await workflowBundlePath() }, [...bySteps.values()]);
  expect(failed, `what can't be replayed in ${namespace}`).toEqual({});
}

type Event = NonNullable<RunHistory['history']['events']>[number];

/** Up to the next task of the workflow that no worker has finished: what it would do then can't be compared. */
function finishedTasks(events: readonly Event[]): Event[] {
  const last = events.findLastIndex((event) => event.workflowTaskCompletedEventAttributes);
  if (last === -1) return [];
  const next = events.findIndex((event, place) => place > last && event.workflowTaskScheduledEventAttributes);
  return events.slice(0, next === -1 ? undefined : next);
}

/** The name of what was begun: of a workflow, an activity, a local activity or a patch; of others their kind. */
export function stepOf(event: Event): string {
  const started = event.workflowExecutionStartedEventAttributes?.workflowType?.name;
  const scheduled = event.activityTaskScheduledEventAttributes?.activityType?.name;
  const details = event.markerRecordedEventAttributes?.details ?? {};
  const [said] = details['data']?.payloads ?? details['patch-data']?.payloads ?? [];
  const marked = /"(?:activity_type|id)":"([^"]+)"/.exec(Buffer.from(said?.data ?? []).toString())?.[1];
  return String(started ?? scheduled ?? marked ?? event.eventType);
}

/**
 * The runtime is one a process; what it says of every activity that is retried on purpose would bury a failure. Before the first
 * worker or connection of it.
 */
export function installQuietRuntime(): void {
  try {
    Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  } catch {
    // Another file of this process has.
  }
}
