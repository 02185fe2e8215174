import {
  ActivityCancellationType,
  continueAsNew,
  defineQuery,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { BackfillCursor, Backfiller, BackfillInput, BackfillProgress } from '../activities/backfill.ts';

const { backfillBatch } = proxyActivities<Backfiller>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '30s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1s', maximumInterval: '1 minute' },
});

/** How far a backfill is, at any moment. */
export const backfillProgress = defineQuery<BackfillProgress>('progress');

export interface BackfillState {
  readonly cursor: BackfillCursor | null;
  readonly progress: BackfillProgress;
}

const beginning: BackfillState = { cursor: null, progress: { seen: 0, added: 0, known: 0, share: null } };

/**
 * Adds the entities that one source names to those that are audited, batch after batch with a cursor. May be stopped at
 * any moment and started again: what is known already is left alone.
 */
export async function backfill(input: BackfillInput, from: BackfillState = beginning): Promise<BackfillProgress> {
  let { cursor, progress } = from;
  setHandler(backfillProgress, () => progress);
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
