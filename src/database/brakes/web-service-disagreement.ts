import type { EntityKey } from '../../domain/entity.ts';
import type { Database } from '../connection.ts';
import { setBrake, type StoredBrake } from './stored-brakes.ts';

/** In a row. Fewer may be merges that the web service's cache or a replica doesn't show yet. */
const disagreementsToBrake = 3;

/**
 * Notes what the web service says about an orphan of the database. The third disagreement in a row stops auditing: the
 * database is behind, or the wrong one, and would make orphans of everything. An agreement ends the row; the brake
 * stays until an operator releases it.
 *
 * Noting the same run again counts nothing twice.
 *
 * @returns the brake where this answer put it on, else null
 */
export async function noteWebServiceAnswer(
  db: Database,
  answer: { readonly key: EntityKey; readonly runId: string; readonly agrees: boolean },
): Promise<StoredBrake | null> {
  if (answer.agrees) {
    await db.query('delete from artwork_reconciler.web_service_disagreement');
    return null;
  }
  return db.transaction(async (tx) => {
    // The row of the pace is what all of these wait for: two third disagreements at once don't overlook each other.
    await tx.query('select from artwork_reconciler.pace for update');
    const { rowCount } = await tx.query(
      `insert into artwork_reconciler.web_service_disagreement (run_id, entity_type, gid)
       values ($1, $2::artwork_indexer.indexable_entity_type, $3::uuid) on conflict (run_id) do nothing`,
      [answer.runId, answer.key.entityType, answer.key.gid],
    );
    if (rowCount === 0) return null;
    const { rows } = await tx.query<{ named: string }>(
      `select entity_type || ' ' || gid as named from artwork_reconciler.web_service_disagreement
       order by noticed_at desc, run_id limit $1`,
      [disagreementsToBrake],
    );
    if (rows.length < disagreementsToBrake) return null;
    return setBrake(tx, {
      name: 'database_and_ws_disagree',
      reason:
        `the database says merged, deleted or unknown where the web service still gives the entity, ${rows.length} times ` +
        `in a row (${rows.map(({ named }) => named).join(', ')}): the database is behind, or the wrong one`,
    });
  });
}
