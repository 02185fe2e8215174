import {
  ActivityCancellationType,
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineUpdate,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Importer, ImportKind, ListedEntities } from '../activities/import.ts';

const { addListed } = proxyActivities<Importer>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '30s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1s', maximumInterval: '1 minute' },
});

/** How long an import waits for whoever reads its files to come back. Then it is over, and can be begun again. */
const longestPause = '30 days';

export interface ImportInput {
  readonly kind: ImportKind;
  /** The names of its files, for operators. */
  readonly name: string;
  /** Counts what would be added, and adds nothing. */
  readonly dryRun: boolean;
}

/** How far an import is. */
export interface ImportProgress {
  /** Records (lines, or files of a folder) that are done: where it goes on. */
  readonly records: number;
  /** Of what was named up to there. */
  readonly digest: string | null;
  readonly added: number;
  readonly raised: number;
  readonly known: number;
  /** Records that were left out so far. */
  readonly unreadable: number;
  readonly refused: number;
  /** 0 … 1; null where it can't be told. */
  readonly share: number | null;
  readonly state: 'complete' | 'ended' | 'reading';
}

/** A batch as whoever reads the files hands it over. */
export interface ImportBatch extends Pick<ImportProgress, 'refused' | 'share' | 'unreadable'> {
  readonly from: number;
  readonly upTo: number;
  readonly digest: string;
  readonly entities: readonly ListedEntities[];
}

export const importProgress = defineQuery<ImportProgress>('progress');

/** Takes a batch, and answers how far the import is then. A batch that was taken before changes nothing. */
export const feedBatch = defineUpdate<ImportProgress, [ImportBatch]>('feed');

/** There is no more. */
export const finishImport = defineUpdate<ImportProgress>('finish');

const beginning: ImportProgress = {
  records: 0,
  digest: null,
  added: 0,
  raised: 0,
  known: 0,
  unreadable: 0,
  refused: 0,
  share: null,
  state: 'reading',
};

/**
 * Adds the entities that files name. The files are on the operator's machine, and this runs on a worker: so the command
 * reads them, and hands over batch after batch; what is done and where to go on is kept here. Where the command is
 * stopped, this waits for the next one.
 */
export async function importEntities(input: ImportInput, from: ImportProgress = beginning): Promise<ImportProgress> {
  let progress = from;
  let isBusy = false;
  setHandler(importProgress, () => progress);
  setHandler(feedBatch, async (batch) => {
    // Of several that wait, another one may have been woken first.
    while (isBusy) await condition(() => !isBusy);
    // Handed over before, perhaps by another command that reads the same.
    if (batch.upTo <= progress.records || batch.from > progress.records) return progress;
    isBusy = true;
    try {
      const counts = batch.entities.length === 0 ? nothing : await addListed(batch.entities, input.dryRun);
      progress = advanced(progress, batch, counts);
    } finally {
      isBusy = false;
    }
    return progress;
  });
  setHandler(finishImport, async () => {
    await condition(() => !isBusy);
    return (progress = { ...progress, share: 1, state: 'complete' });
  });

  for (;;) {
    const { records } = progress;
    const isAwake = await condition(
      () => progress.state === 'complete' || progress.records !== records || workflowInfo().continueAsNewSuggested,
      longestPause,
    );
    if (!isAwake) progress = { ...progress, state: 'ended' };
    if (progress.state !== 'reading') break;
    if (!workflowInfo().continueAsNewSuggested) continue;
    await condition(allHandlersFinished);
    if (progress.state === 'reading') await continueAsNew<typeof importEntities>(input, progress);
  }
  await condition(allHandlersFinished);
  return progress;
}

const nothing = { added: 0, raised: 0, known: 0 };

function advanced(progress: ImportProgress, batch: ImportBatch, counts: typeof nothing): ImportProgress {
  const { upTo, digest, unreadable, refused, share } = batch;
  return {
    ...progress,
    ...{ records: upTo, digest, unreadable, refused, share },
    added: progress.added + counts.added,
    raised: progress.raised + counts.raised,
    known: progress.known + counts.known,
  };
}
