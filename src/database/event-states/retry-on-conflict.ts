import type { Database, Transaction } from '../connection.ts';

/** How often another transaction may be in the way before the caller is told. Each time it has committed something. */
const tries = 5;

/** unique_violation: an identical event was queued meanwhile. deadlock_detected: events were ended side by side. */
const conflicts: ReadonlySet<unknown> = new Set(['23505', '40P01']);

/**
 * Runs a transaction anew where another one that it could not see was in the way: the next time it sees it. A row that
 * goes back to `queued` may meet an identical one that a trigger has inserted and not yet committed.
 */
export async function transactionWithRetry<Result>(
  db: Database,
  work: (tx: Transaction) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction(work);
    } catch (error) {
      if (attempt === tries || !conflicts.has((error as { code?: unknown }).code)) throw error;
    }
  }
}
