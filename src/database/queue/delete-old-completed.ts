import type { Config } from '../../config/config.ts';
import type { Database } from '../connection.ts';

/** Rows a statement. Each row takes its reasons and our records along; one statement of a million would hold them all locked. */
const batch = 1000;

/**
 * Deletes completed events made more than `keep_completed_days` ago, as the other daemon does. Failed ones are kept for
 * ever: a person has to see to them.
 *
 * Entered by artwork-indexer's own index on (state, created). Two that delete at once share the work.
 *
 * @returns how many were deleted
 */
export async function deleteOldCompleted(
  db: Database,
  settings: { readonly housekeeping: Pick<Config['housekeeping'], 'keepCompletedDays'> },
): Promise<number> {
  for (let total = 0; ;) {
    const { rowCount } = await db.query(
      `delete from artwork_indexer.event_queue
       where id in (
         select id from artwork_indexer.event_queue
         where state = 'completed' and created < now() - make_interval(secs => $1)
         order by created
         limit $2
         for update skip locked
       )`,
      [settings.housekeeping.keepCompletedDays * 86_400, batch],
    );
    total += rowCount ?? 0;
    if ((rowCount ?? 0) < batch) return total;
  }
}
