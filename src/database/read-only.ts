import type { Database, Queryable } from './connection.ts';
import { limitsOfReading } from './time-limits.ts';

/**
 * Runs queries on one snapshot, in a transaction that can't write, each statement with a time limit: a page that would
 * take long is given up, and the database is free for the work again. Set for the transaction only, as pgbouncer wants it.
 *
 * @param seconds for each statement
 * @throws {pg.DatabaseError} with the code 57014 (query_canceled) where a statement took longer
 */
export async function readOnly<Result>(
  db: Database,
  seconds: number,
  work: (q: Queryable) => Promise<Result>,
): Promise<Result> {
  return db.transaction(async (tx) => {
    // Before any `select`: the first one takes the snapshot, and the isolation can't be changed any more.
    await tx.query('set transaction isolation level repeatable read, read only');
    return work(tx);
  }, limitsOfReading(seconds));
}
