import { readBulkAction, stopBulkAction } from '../database/bulk-actions/bulk-action.ts';
import { bulkKinds } from '../database/bulk-actions/kinds.ts';
import { workOnBulkAction } from '../database/bulk-actions/step.ts';
import { requireIdentity } from '../database/schema/deployment.ts';
import type { BulkActionInput, BulkProgress } from '../temporal/messages.ts';
import type { Dependencies } from './dependencies.ts';
import { currentSignal, currentTry } from './run.ts';

/** Milliseconds of a turn, below the time that a worker which stops leaves to its steps. */
const longestTurn = 3_000;

export type BulkWorker = ReturnType<typeof createBulkWorker>;

export function createBulkWorker({ db, config }: Pick<Dependencies, 'config' | 'db'>) {
  return {
    /**
     * Works on a bulk action for some seconds, batch by batch. After a batch that failed with half as many rows, and so on:
     * those that somebody has locked, or that take the database too long, keep the fewest others waiting.
     */
    async bulkActionTurn({ id, served }: BulkActionInput): Promise<BulkProgress & { readonly hasMore: boolean }> {
      await requireIdentity(db, served);
      const rows = Math.max(1, Math.floor(config().bulk.rows / 2 ** (currentTry() - 1)));
      const end = performance.now() + longestTurn;
      const isOver = (): boolean => performance.now() >= end || currentSignal()?.aborted === true;
      const hasMore = await workOnBulkAction(db, bulkKinds, { id, rows, isOver });
      return { hasMore, ...(await progressOf(id)) };
    },

    /** Stops it, if it is still open. Repeated, it changes nothing. */
    async endBulkAction({ id, served }: BulkActionInput, actor: string): Promise<BulkProgress> {
      await requireIdentity(db, served);
      await stopBulkAction(db, { id, by: { actor } });
      return progressOf(id);
    },
  };

  async function progressOf(id: string): Promise<BulkProgress> {
    const action = await readBulkAction(db, id);
    if (action === null) return { state: null, rows: 0, done: 0, skipped: 0, refused: 0 };
    const { state, chosen, confirmedAt, planned, outcome } = action;
    return { state, rows: chosen, ...(confirmedAt === null ? planned : outcome) };
  }
}
