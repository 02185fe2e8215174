import {
  ActivityCancellationType,
  continueAsNew,
  defineQuery,
  proxyActivities,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { ScanInput, Scanner } from '../activities/scan.ts';
import { type EntityType, entityTypes } from '../domain/entity.ts';
import type { ScanCoverage } from '../domain/imports/scan-state.ts';
import { taskQueues } from '../temporal/task-queues.ts';

const { beginScanning, scanPage } = proxyActivities<Scanner>({
  taskQueue: taskQueues.archive,
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '30s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1s', maximumInterval: '1 minute' },
});

/** What was covered of each kind of entity's collection, as far as it was begun. */
export type ScanProgress = Readonly<Partial<Record<EntityType, ScanCoverage>>>;

export const scanProgress = defineQuery<ScanProgress>('progress');

/** Where a scan goes on as new: at which collection, begun already. */
export interface ScanPlace {
  readonly entityType: EntityType;
  readonly progress: ScanProgress;
}

/**
 * Adds every item that the archive shows of both collections, page after page. How far each is, is in PostgreSQL: a scan
 * that was stopped, or that the archive gave up on, is gone on with by the next one.
 */
export async function scanArchive(input: ScanInput, from: ScanPlace | null = null): Promise<ScanProgress> {
  let progress = from?.progress ?? {};
  setHandler(scanProgress, () => progress);
  const first = from === null ? 0 : entityTypes.indexOf(from.entityType);
  for (const entityType of entityTypes.slice(first)) {
    if (entityType !== from?.entityType) await beginScanning(entityType, input);
    for (;;) {
      const { coverage, hasEnded, waitSeconds } = await scanPage(entityType, input);
      progress = { ...progress, [entityType]: coverage };
      if (hasEnded) break;
      if (waitSeconds > 0) await sleep(waitSeconds * 1000);
      if (workflowInfo().continueAsNewSuggested)
        await continueAsNew<typeof scanArchive>(input, { entityType, progress });
    }
  }
  return progress;
}
