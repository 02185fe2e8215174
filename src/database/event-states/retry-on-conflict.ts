import { setTimeout as wait } from 'node:timers/promises';
import type { Database, Transaction } from '../connection.ts';
import { timeLimits } from '../time-limits.ts';

/** For how long others may be in the way before the caller is told, in milliseconds: most of editors' transactions. */
const usualPatience = 5_000;

/** Between two tries at most, in milliseconds: by chance, so that two who met don't meet again. */
const longestPause = 50;

/**
 * unique_violation: an identical event was queued meanwhile. deadlock_detected: events were ended side by side.
 * lock_not_available: somebody, an editor of MusicBrainz perhaps, has a row that is needed.
 */
const conflicts: ReadonlySet<unknown> = new Set(['23505', '40P01', '55P03']);

/**
 * Runs a transaction that writes or locks rows of the queue; anew where another one was in the way. A row that goes back to
 * `queued` may meet an identical one that a trigger has inserted and not yet committed; the next time it sees it.
 *
 * It waits for no lock for long but begins again, having let go of what it held: where it and an editor's transaction wait
 * for each other, PostgreSQL would end the editor's (life-cycles page, "Editors win").
 *
 * @throws {pg.DatabaseError} what was in the way for all of the patience; nothing was changed
 */
export async function transactionWithRetry<Result>(
  db: Database,
  work: (tx: Transaction) => Promise<Result>,
  patience: number = usualPatience,
): Promise<Result> {
  for (const giveUpAt = performance.now() + patience; ;) {
    try {
      return await db.transaction(work, timeLimits.queue);
    } catch (error) {
      if (!conflicts.has((error as { code?: unknown }).code) || performance.now() >= giveUpAt) throw error;
    }
    await wait(Math.random() * longestPause);
  }
}
