import type { Database, Queryable, Transaction } from './connection.ts';

/** A step that is repeated later than this counts anew. As long as an import waits for whoever feeds it. Days. */
const keptDays = 30;

/**
 * Does a step of a backfill or an import, and remembers what it counted, in one transaction. A step that was done before
 * (its worker died after the commit and before anybody was told) is not done again, and counts what it counted then:
 * else what it added would be counted as known.
 *
 * @param step names it; the same for each of its repetitions, and for nothing else
 * @throws {Error} unique_violation, where the same step is being done elsewhere too: to be repeated
 */
export async function countOnce<Counts extends object>(
  db: Database,
  step: string,
  work: (tx: Transaction) => Promise<Counts>,
): Promise<Counts> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<{ counts: Counts }>(
      'select counts from artwork_reconciler.feeding_step where step = $1',
      [step],
    );
    if (rows[0] !== undefined) return rows[0].counts;
    const counts = await work(tx);
    await tx.query('insert into artwork_reconciler.feeding_step (step, counts) values ($1, $2)', [
      step,
      JSON.stringify(counts),
    ]);
    return counts;
  });
}

/** Forgets steps that nobody repeats any more: a few thousand rows a backfill. @returns how many */
export async function forgetFeedingSteps(q: Queryable): Promise<number> {
  const { rowCount } = await q.query(
    `delete from artwork_reconciler.feeding_step where at < now() - make_interval(days => $1)`,
    [keptDays],
  );
  return rowCount ?? 0;
}
