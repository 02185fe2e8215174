import type { Queryable } from '../../src/database/connection.ts';

/** Takes away what replication doesn't bring along: all edits, and the foreign keys that lead to them. */
export async function makeReplica(q: Queryable): Promise<void> {
  const { rows } = await q.query<{ statement: string }>(
    `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as statement
     from pg_constraint where confrelid = 'musicbrainz.edit'::regclass`,
  );
  for (const { statement } of rows) await q.query(statement);
  await q.query('delete from musicbrainz.edit');
}
