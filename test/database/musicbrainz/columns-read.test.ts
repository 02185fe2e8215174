import { beforeAll, expect, test } from 'vitest';
import type { Transaction } from '../../../src/database/connection.ts';
import { recentlyAdded } from '../../../src/database/entities/notice-ended-events.ts';
import { countWithArt, isReplica } from '../../../src/database/musicbrainz/art-tables.ts';
import { backfillMusicbrainzBatch, backfillShare } from '../../../src/database/ingest/backfill-batch.ts';
import { backfillOrphansBatch, orphanTables } from '../../../src/database/ingest/backfill-orphans.ts';
import {
  type Columns,
  columnsRead,
  columnsReadByTriggers,
  findUnmetNeeds,
  musicbrainzNeeds,
} from '../../../src/database/schema/needs.ts';
import { readDecisionBasis } from '../../../src/database/audits/decision-basis.ts';
import { readEntityNames, readKinds } from '../../../src/database/musicbrainz/entity-kinds.ts';
import { readImageEdits } from '../../../src/database/musicbrainz/image-owners.ts';
import { installTriggers } from '../../../src/database/schema/triggers.ts';
import { type EntityKey, type EntityType, entityTypes } from '../../../src/domain/entity.ts';
import { addEntity } from '../../../src/simulator/musicbrainz/builders.ts';
import { createTestDatabase } from '../../support/database.ts';

const { db } = await createTestDatabase();
const withArt = {} as Record<EntityType, EntityKey>;
beforeAll(async () => {
  for (const entityType of entityTypes) {
    withArt[entityType] = await addEntity(db, { entityType, gid: crypto.randomUUID() });
    await addEntity(db, { entityType, gid: crypto.randomUUID() }, { images: 0 });
  }
  await installTriggers(db);
  // What the fixture's own functions read is nothing that this program reads.
  await db.query(`
    drop function musicbrainz.add_release_meta, musicbrainz.add_event_meta, musicbrainz.release_date_changed,
      cover_art_archive.keep_presence, event_art_archive.keep_presence cascade;
    create table public.art_of_release as table cover_art_archive.cover_art;
    create table public.art_of_event as table event_art_archive.event_art`);
});

const merged = [
  ...Object.entries(columnsRead),
  ...entityTypes.flatMap((of) => Object.entries(columnsReadByTriggers[of])),
];
const relations = [...new Set(merged.map(([relation]) => relation))];
const listed: Columns = Object.fromEntries(
  relations.map((relation) => [
    relation,
    [...new Set(merged.filter(([name]) => name === relation).flatMap(([, columns]) => columns))],
  ]),
);

/** All that reads MusicBrainz' tables. */
async function readEverything(tx: Transaction): Promise<void> {
  for (const entityType of entityTypes) {
    const key = withArt[entityType];
    await readDecisionBasis(tx, { key, extraArtworkIds: [1] });
    await recentlyAdded(tx, key, 1);
    await readEntityNames(tx, [key]);
    await readImageEdits(tx, entityType, [1]);
    await countWithArt(tx, entityType);
    await backfillShare(tx, { table: entityType, after: 0 });
    await backfillMusicbrainzBatch(tx, { entityType, afterId: 0, limit: 10, recentDays: 1, dryRun: true });
  }
  for (const table of orphanTables) await backfillOrphansBatch(tx, { table, afterGid: null, limit: 1, dryRun: true });
  await readKinds(tx, [withArt.release.gid]);
  await isReplica(tx);
  for (const change of changes) await tx.query(change);
}

/** What makes each of the triggers do all that it can do. No change names a column but those that the triggers read, too. */
const changes = [
  ...entityTypes.flatMap((entity) => {
    const art = entity === 'release' ? 'cover_art_archive.cover_art' : 'event_art_archive.event_art';
    return [
      `delete from ${art}_type`,
      `insert into ${art}_type select id, 1 from ${art}`,
      `update ${art} set ${entity} = (select max(id) from musicbrainz.${entity})`,
      `delete from ${art}`,
      `insert into ${art} table public.art_of_${entity}`,
      `update musicbrainz.${entity} set name = 'another'`,
    ];
  }),
  `update musicbrainz.release_meta set amazon_asin = 'another'`,
  `update musicbrainz.artist set name = 'another'`,
  'delete from musicbrainz.release_first_release_date',
  'delete from musicbrainz.release',
  'delete from musicbrainz.l_artist_event; delete from musicbrainz.l_event_place; delete from musicbrainz.event',
];

/** Runs `work` and undoes it. */
async function undone<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
  const undo = new Error('undone');
  let result: Result | undefined;
  await db
    .transaction(async (tx) => {
      result = await work(tx);
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error;
    });
  return result!;
}

test('the columns that are listed are all that is read: every other may be renamed', async () => {
  const { rows } = await db.query<{ rename: string }>(
    `select format('alter table %s rename %I to %I', relation.oid::regclass, attname, 'other_' || attname) as rename
     from pg_attribute join pg_class relation on relation.oid = attrelid
     where relation.relnamespace::regnamespace::text in ('musicbrainz', 'cover_art_archive', 'event_art_archive')
       and relation.relkind in ('r', 'v') and attnum > 0 and not attisdropped
       and relation.oid::regclass::text || '.' || attname <> all ($1::text[])`,
    [Object.entries(listed).flatMap(([relation, columns]) => columns.map((column) => `${relation}.${column}`))],
  );
  expect(rows.length).toBeGreaterThan(100);
  const result = await undone(async (tx) => {
    await tx.query(rows.map(({ rename }) => rename).join(';'));
    await readEverything(tx);
    return findUnmetNeeds(tx, await musicbrainzNeeds(tx));
  });
  expect(result).toEqual([]);
});

test('each of the listed is named where it was renamed', async () => {
  const needs = await musicbrainzNeeds(db);
  for (const [relation, columns] of Object.entries(listed)) {
    for (const column of columns) {
      const unmet = await undone(async (tx) => {
        await tx.query(`alter table ${relation} rename ${column} to renamed`);
        return findUnmetNeeds(tx, needs);
      });
      expect(unmet).toMatchObject([{ kind: 'absent', what: `column ${relation}.${column}` }]);
    }
  }
});

test('no trigger of ours is tied to a column: MusicBrainz may change the type of each', async () => {
  const { rows } = await db.query(
    `select trigger.tgname from pg_depend join pg_trigger trigger on trigger.oid = objid
     where classid = 'pg_trigger'::regclass and refobjsubid <> 0 and trigger.tgname like 'artwork\\_reconciler\\_%'`,
  );
  expect(rows).toEqual([]);
  await undone((tx) => tx.query('alter table musicbrainz.release alter barcode type text'));
});
