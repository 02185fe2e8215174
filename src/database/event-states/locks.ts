import type { Transaction } from '../connection.ts';

/** Locks that end with their transaction; sessions' locks would not survive pgbouncer. Names keep us off others' keys. */
const key = (parameter: string): string => `hashtextextended('artwork_reconciler.' || ${parameter}, 0)`;

/**
 * Waits until no other worker is about to claim an event of the same items, and keeps them from it until this
 * transaction ends. What they have committed is seen by the *next* statement, not by this one.
 *
 * @param items gids, in any order; without any (a `noop`, a message that can't be read) the event's own id stands in
 */
export async function lockItems(tx: Transaction, eventId: number, items: readonly string[]): Promise<void> {
  // In one order everywhere, so that two copies between the same two items don't wait for each other.
  const names = items.length === 0 ? [`event.${eventId}`] : [...new Set(items)].sort().map((gid) => `item.${gid}`);
  const locks = names.map((_, index) => `pg_advisory_xact_lock(${key(`$${index + 1}::text`)})`);
  await tx.query(`select pg_advisory_xact_lock_shared(${key("'pause'")}), ${locks.join(', ')}`, names);
}

/** Waits for claims that are being made, and lets none be made until this transaction ends. */
export async function lockAllClaims(tx: Transaction): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(${key("'pause'")})`);
}
