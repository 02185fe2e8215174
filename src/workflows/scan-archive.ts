import {
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { Scanner } from '../activities/scan.ts';
import { entityTypes, projects } from '../domain/entity.ts';
import { type ScanInput, type ScanPlace, type ScanProgress, scanProgress } from '../temporal/messages.ts';
import { progressIsAsked } from '../temporal/summaries.ts';
import { taskQueues } from '../temporal/task-queues.ts';
import { named, stepOptions } from './step-options.ts';

const { beginScanning, scanPage } = named<Scanner>(
  proxyActivities<Scanner>({ ...stepOptions.scan, taskQueue: taskQueues.archive }),
  {
    beginScanning: (entityType) => `begin with the items of ${projects[entityType].many}`,
    scanPage: (entityType) => `next page of items of ${projects[entityType].many}`,
  },
);

/**
 * Adds every item that the archive shows of both collections, page after page. How far each is, is in PostgreSQL: a scan
 * that was stopped, or that the archive gave up on, is resumed by the next one.
 */
export async function scanArchive(input: ScanInput, from: ScanPlace | null = null): Promise<ScanProgress> {
  let progress = from?.progress ?? {};
  setHandler(scanProgress, () => progress);
  setCurrentDetails(`Adds the items that the archive lists, page after page. ${progressIsAsked}`);
  const first = from === null ? 0 : entityTypes.indexOf(from.entityType);
  for (const entityType of entityTypes.slice(first)) {
    if (entityType !== from?.entityType) await beginScanning(entityType, input);
    for (;;) {
      const { coverage, hasEnded, waitSeconds } = await scanPage(entityType, input);
      progress = { ...progress, [entityType]: coverage };
      if (hasEnded) break;
      if (waitSeconds > 0) await sleep(waitSeconds * 1000, { summary: 'waits before the page is asked for again' });
      if (workflowInfo().continueAsNewSuggested)
        await continueAsNew<typeof scanArchive>(input, { entityType, progress });
    }
  }
  return progress;
}
