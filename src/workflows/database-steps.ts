import { ActivityCancellationType, CancellationScope, proxyLocalActivities } from '@temporalio/workflow';

/**
 * The short database steps of a workflow, as local activities: they may run twice when a worker dies, and are safe to
 * repeat. While the database is away they are tried again, the first three times at once and then by durable timers, which
 * take no slot from the workflows that don't need it (a worker has 40). After an hour the workflow fails, and its row is
 * started again by whoever sees that nobody works on it: a history that waits for days would only grow.
 *
 * They are taken also where the workflow was cancelled: what was claimed is released then, in its own words.
 */
export function databaseSteps<Steps>() {
  const steps = proxyLocalActivities<Steps>({
    startToCloseTimeout: '20s',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    scheduleToCloseTimeout: '1 hour',
    localRetryThreshold: '1s',
    retry: { initialInterval: '200ms', maximumInterval: '1 minute' },
  });
  return new Proxy(steps, {
    get: (target, name) => {
      const step = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
      return (...args: unknown[]) => CancellationScope.nonCancellable(() => step(...args));
    },
  });
}
