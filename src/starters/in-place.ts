import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Config } from '../config/config.ts';
import { unfinishedBulkActions } from '../database/bulk-actions/bulk-action.ts';
import type { Database, Queryable } from '../database/connection.ts';
import { readIdentity } from '../database/schema/deployment.ts';
import type { DeploymentIdentity } from '../domain/deployment.ts';
import { linkedSignal } from '../lifetime/linked-signal.ts';
import { taskQueues } from '../temporal/task-queues.ts';
import { agreeOnPause } from './pause-schedule.ts';
import { ensureSchedules, restoreSchedules } from './schedules.ts';
import { registerSearchAttributes } from './search-attributes.ts';
import { startBulkAction, startDispatcher } from './start.ts';

interface Places {
  readonly db: Database;
  readonly temporal: Client;
  /** The configuration as it is at the moment of asking. */
  readonly config: () => Config;
  /** Says that this worker runs, and what it goes by. */
  readonly announce: () => Promise<void>;
}

/**
 * Puts the dispatcher and the schedules in their places, where nobody has yet. Every worker does this at its start.
 *
 * @throws {OtherDatabaseError} where the namespace is another database's; nothing was put there
 */
export async function putInPlace({ db, temporal, config, announce }: Places): Promise<void> {
  await announce();
  const identity = await readIdentity(db);
  // First: they say whose the namespace is.
  await ensureSchedules(temporal, config(), identity);
  await startDispatcher(temporal, identity);
  await startBulkActions(db, temporal, identity);
  await agreeOnPause(db, temporal);
}

interface PlacesLog {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/**
 * Looks every `[housekeeping] seconds` whether Temporal still has what our work hangs on, and restores what it lost:
 * without that, the workers would wait for work that nobody orders until one of them is restarted. What is there
 * stays as it is. Ends with the signal.
 */
export async function keepInPlace(places: Places, stopping: AbortSignal, log?: PlacesLog): Promise<void> {
  for (;;) {
    const seconds = places.config().housekeeping.seconds;
    await wait(seconds * 1000, undefined, { signal: stopping }).catch(() => undefined);
    if (stopping.aborted) return;
    const round = linkedSignal(stopping);
    try {
      await places.announce();
      const restored = await places.temporal.withAbortSignal(round.signal, () => restorePlaces(places));
      if (restored) log?.warn({}, 'Temporal had lost our schedules: they are in place again');
    } catch (error) {
      // Temporal or the database is away; it is checked again later.
      if (!stopping.aborted) log?.warn({ error }, 'whether Temporal has what it should could not be seen');
    } finally {
      round.end();
    }
  }
}

/** @returns whether the schedules were gone. */
async function restorePlaces({ db, temporal, config }: Places): Promise<boolean> {
  // First: an audit that sets an attribute which isn't registered any more fails until it is.
  await registerSearchAttributes(temporal);
  const identity = await readIdentity(db);
  const restored = await restoreSchedules(temporal, config(), identity);
  await startDispatcher(temporal, identity);
  await startBulkActions(db, temporal, identity);
  if (restored) await agreeOnPause(db, temporal);
  return restored;
}

/** Bulk actions that are looked after at a time; there are a few, started by hand. */
const mostBulkActions = 100;

/** Starts each bulk action that there is something to do about and that nobody works on: it was confirmed while Temporal was away, say. */
async function startBulkActions(db: Queryable, temporal: Client, identity: DeploymentIdentity): Promise<void> {
  const unfinished = await unfinishedBulkActions(db, mostBulkActions);
  for (const action of unfinished) await startBulkAction(temporal, action, identity);
}

/** `TASK_QUEUE_TYPE_ACTIVITY` of Temporal's API. */
const activityQueue = 2;

/**
 * Has Temporal hand out no more steps a second than each service may be asked requests, so that those which wait are handed
 * out in their order; the budget in PostgreSQL is the guard (design page architecture.md). Set on the queue itself: of
 * workers' own limits, where they differ, one wins, and none is raised by a SIGHUP. The last to say counts.
 *
 * @returns whether Temporal keeps such limits: older servers don't, and some namespaces refuse it
 */
export async function limitQueues(
  temporal: Client,
  { archive, musicbrainz }: Pick<Config, 'archive' | 'musicbrainz'>,
): Promise<boolean> {
  const { namespace, identity } = temporal.options;
  const limit = (taskQueue: string, { requestsPerSecond }: { readonly requestsPerSecond: number }) =>
    temporal.workflowService.updateTaskQueueConfig({
      namespace,
      identity,
      taskQueue,
      taskQueueType: activityQueue,
      updateQueueRateLimit: {
        // Without one the queue has no limit.
        ...(Number.isFinite(requestsPerSecond) && { rateLimit: { requestsPerSecond } }),
        reason: 'requests_per_second of artwork-reconciler',
      },
    });
  try {
    await Promise.all([limit(taskQueues.archive, archive), limit(taskQueues.musicbrainz, musicbrainz)]);
    return true;
  } catch {
    return false;
  }
}
