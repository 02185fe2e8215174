import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { backfillOrphansBatch, orphanTables } from '../../../src/database/ingest/backfill-orphans.ts';
import { entityTypes, type EntityKey } from '../../../src/domain/entity.ts';
import { addEntity } from '../../../src/simulator/musicbrainz/builders.ts';
import { deleteEntity, mergeEntity } from '../../../src/simulator/musicbrainz/changes.ts';
import { createTestDatabase } from '../../support/database.ts';

const { db } = await createTestDatabase();
const orphans: EntityKey[] = [];
beforeAll(async () => {
  for (const entityType of entityTypes) {
    const [target, ...merged] = Array.from({ length: 4 }, (): EntityKey => ({ entityType, gid: randomUUID() }));
    const deleted: EntityKey = { entityType, gid: randomUUID() };
    for (const key of [target!, ...merged, deleted]) await addEntity(db, key);
    for (const key of merged) await mergeEntity(db, key, target!);
    await deleteEntity(db, deleted);
    orphans.push(...merged, deleted);
  }
  // Deleted, but of a kind that has no art.
  await db.query(
    `insert into musicbrainz.deleted_entity (gid, data)
     select gen_random_uuid(), '{"entity_type": "artist"}' from generate_series(1, 5)`,
  );
});

async function backfill(dryRun: boolean): Promise<{ seen: number; added: number; known: number }> {
  const total = { seen: 0, added: 0, known: 0 };
  for (const table of orphanTables) {
    let afterGid: string | null = null;
    do {
      const { nextAfterGid, seen, added, known } = await backfillOrphansBatch(db, {
        table,
        afterGid,
        limit: 2,
        dryRun,
      });
      total.seen += seen;
      total.added += added;
      total.known += known;
      afterGid = nextAfterGid;
    } while (afterGid !== null);
  }
  return total;
}

test('every merged or deleted release and event is added once, and known ones are left alone', async () => {
  expect(await backfill(true)).toEqual({ seen: 8, added: 8, known: 0 });
  expect(await backfill(false)).toEqual({ seen: 8, added: 8, known: 0 });
  const { rows } = await db.query<{ name: string }>(
    `select entity_type || ' ' || gid as name from artwork_reconciler.audit_entity order by 1`,
  );
  expect(rows.map(({ name }) => name)).toEqual(orphans.map(({ entityType, gid }) => `${entityType} ${gid}`).sort());
  expect(await backfill(false)).toEqual({ seen: 8, added: 0, known: 8 });
  expect(await backfill(true)).toEqual({ seen: 8, added: 0, known: 8 });
});
