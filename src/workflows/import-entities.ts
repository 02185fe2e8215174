import {
  allHandlersFinished,
  condition,
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Importer } from '../activities/import.ts';
import {
  feedBatch,
  finishImport,
  type ImportBatch,
  type ImportInput,
  type ImportProgress,
  importProgress,
} from '../temporal/messages.ts';
import { progressIsAsked } from '../temporal/summaries.ts';
import { named, stepOptions } from './step-options.ts';

const { addListed } = named<Importer>(proxyActivities<Importer>(stepOptions.import), {
  addListed: (listed) => `add ${listed.reduce((sum, { gids }) => sum + gids.length, 0)} entities`,
});

/** How long an import waits for whoever reads its files to come back. Then it is over, and can be begun again. */
const longestPause = '30 days';

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
 * reads them, and hands over batch after batch; what is done and where to continue is kept here. Where the command is
 * stopped, this waits for the next one.
 */
export async function importEntities(input: ImportInput, from: ImportProgress = beginning): Promise<ImportProgress> {
  let progress = from;
  let isBusy = false;
  setHandler(importProgress, () => progress);
  setCurrentDetails(`Adds the entities of ${input.name}, which a command reads. ${progressIsAsked}`);
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
      { summary: 'waits for whoever reads the files' },
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
