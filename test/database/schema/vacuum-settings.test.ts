import { expect, test } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';

const { db } = await createTestDatabase();

test('tables of which many rows change are vacuumed after a fiftieth of them, not a fifth', async () => {
  const { rows } = await db.query<{ setting: string }>(
    `select relname || ' ' || option_name || ' ' || option_value as setting
     from pg_class, pg_options_to_table(reloptions)
     where relnamespace = 'artwork_reconciler'::regnamespace and relkind = 'r' order by 1`,
  );
  expect(rows.map(({ setting }) => setting)).toEqual([
    'audit autovacuum_vacuum_scale_factor 0.02',
    'audit_entity autovacuum_analyze_scale_factor 0.02',
    'audit_entity autovacuum_vacuum_scale_factor 0.02',
    'image_content autovacuum_vacuum_scale_factor 0.02',
    'image_content fillfactor 90',
  ]);
});

test('what belongs to artwork-indexer and MusicBrainz is left to those who run it', async () => {
  const { rows } = await db.query(
    `select relation.oid::regclass::text as name from pg_class relation
     join pg_namespace schema on schema.oid = relation.relnamespace
     where relation.relkind = 'r' and reloptions is not null and schema.nspname <> 'artwork_reconciler'`,
  );
  expect(rows).toEqual([]);
});
