import {
  CancellationScope,
  continueAsNew,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import type { BulkWorker } from '../activities/bulk-action.ts';
import { type BulkActionInput, bulkProgress, type BulkProgress, stopBulkAction } from '../temporal/messages.ts';
import { progressIsAsked } from '../temporal/summaries.ts';
import { named, stepOptions } from './step-options.ts';

const { bulkActionTurn, endBulkAction } = named<BulkWorker>(proxyActivities<BulkWorker>(stepOptions.bulkAction), {
  bulkActionTurn: 'next batches of rows',
  endBulkAction: (_, actor) => `stop, for ${actor}`,
});

/** Turns of one run: half a minute of work. A history stays as small as that of any other workflow, however many rows there are. */
const longestRun = 10;

const beginning: BulkProgress = { state: null, rows: 0, done: 0, skipped: 0, refused: 0 };

/** Who stopped it, where that is all that is known. */
const unnamed = 'Temporal';

/**
 * Carries out a bulk action, or what is left of its dry run, turn after turn until there is nothing more to do about it.
 * Which rows these are, and what became of each, is in PostgreSQL: another run continues where one was lost.
 *
 * Whoever cancels it wants it stopped, too: it would otherwise be started again.
 */
export async function bulkAction(input: BulkActionInput, from: BulkProgress = beginning): Promise<BulkProgress> {
  let progress = from;
  let stoppedBy = unnamed;
  const turns = new CancellationScope();
  setHandler(bulkProgress, () => progress);
  setCurrentDetails(
    `Works on bulk action ${input.id}. ${progressIsAsked} The signal \`stop\` stops it after its batch.`,
  );
  setHandler(stopBulkAction, ({ actor = unnamed } = {}) => {
    if (!turns.consideredCancelled) stoppedBy = actor;
    turns.cancel();
  });
  const isMoreToDo = async (): Promise<boolean> => {
    for (let turn = 0; turn < longestRun; turn += 1) {
      const { hasMore, ...reached } = await bulkActionTurn(input);
      progress = reached;
      if (!hasMore) return false;
    }
    return true;
  };
  const hasMore = await turns.run(isMoreToDo).catch((error: unknown) => {
    if (!isCancellation(error)) throw error;
    return true;
  });
  if (!hasMore) return progress;
  if (!turns.consideredCancelled) return continueAsNew<typeof bulkAction>(input, progress);
  progress = await CancellationScope.nonCancellable(() => endBulkAction(input, stoppedBy));
  return progress;
}
