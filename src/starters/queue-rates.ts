import type { Client } from '@temporalio/client';
import type { Config } from '../config/config.ts';
import { taskQueues } from '../temporal/task-queues.ts';

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
