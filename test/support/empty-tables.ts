import type { Database } from '../../src/database/connection.ts';
import { transactionWithRetry } from '../../src/database/locks.ts';

/**
 * Empties tables, and those that refer to them, while a worker is at them.
 *
 * `truncate` locks one table after the other, and a statement of the worker's that joins them locks them in another
 * order: PostgreSQL ends the deadlock by refusing one of the two, and where that is the test's, it is said again.
 */
export async function emptyTables(db: Database, ...tables: readonly string[]): Promise<void> {
  await transactionWithRetry(db, (tx) => tx.query(`truncate ${tables.join(', ')} cascade`));
}
