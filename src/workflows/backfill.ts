import { continueAsNew, proxyActivities, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Backfiller } from '../activities/backfill.ts';
import {
  type BackfillInput,
  backfillProgress,
  type BackfillProgress,
  type BackfillState,
} from '../temporal/messages.ts';
import { progressIsAsked } from '../temporal/summaries.ts';
import { named, stepOptions } from './step-options.ts';

const { backfillBatch } = named<Backfiller>(proxyActivities<Backfiller>(stepOptions.backfill), {
  backfillBatch: (_, cursor) => (cursor === null ? 'first batch' : `batch after ${cursor.after} of ${cursor.table}`),
});

const beginning: BackfillState = { cursor: null, progress: { seen: 0, added: 0, known: 0, share: null } };

/**
 * Adds the entities that one source names to those that are audited, batch after batch with a cursor. May be stopped at
 * any moment and started again: what is known already is left alone.
 */
export async function backfill(input: BackfillInput, from: BackfillState = beginning): Promise<BackfillProgress> {
  let { cursor, progress } = from;
  setHandler(backfillProgress, () => progress);
  setCurrentDetails(`Adds the entities of the source ${input.source}, batch after batch. ${progressIsAsked}`);
  do {
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof backfill>(input, { cursor, progress });
    const { next, ...counts } = await backfillBatch(input, cursor);
    cursor = next;
    progress = sum(progress, counts);
  } while (cursor !== null);
  return progress;
}

function sum(one: BackfillProgress, other: BackfillProgress): BackfillProgress {
  const { share } = other;
  return { seen: one.seen + other.seen, added: one.added + other.added, known: one.known + other.known, share };
}
