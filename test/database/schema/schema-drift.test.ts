import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import pg from 'pg';
import { beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../../src/database/connection.ts';
import { migrateUp } from '../../../src/database/schema/migrate.ts';
import {
  describeSchema,
  differenceInWords,
  formatSchema,
  readSchemaDrift,
} from '../../../src/database/schema/schema-drift.ts';
import { installTriggers } from '../../../src/database/schema/triggers.ts';
import { installMusicbrainzFixture } from '../../../src/simulator/musicbrainz/seed.ts';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { artworkIndexerSchema } from '../queue/artwork-indexer-schema.ts';

const file = resolve(import.meta.dirname, '../../../migrations/expected/schema.txt');
const timeoutSeconds = 60;

let database: TestDatabase;
beforeEach(async () => (database = await createTestDatabase()));

async function driftInWords(): Promise<string[]> {
  return (await readSchemaDrift(database.db, timeoutSeconds)).map(differenceInWords);
}

/**
 * What `pg_dump` writes is what PostgreSQL prints of each definition, so that a restored one must be printed likewise: a
 * condition with other parentheses would be told to be a change of the schema.
 */
test('a database that was dumped and restored is described as before', async () => {
  await installTriggers(database.db);
  const [before, after] = await database.db.transaction(async (tx) => {
    const described = await describeSchema(tx);
    const { rows } = await tx.query<{ drop: string; restore: string }>(
      `select format('drop trigger %I on %s', tgname, tgrelid::regclass) as drop, pg_get_triggerdef(oid) as restore
       from pg_trigger where not tgisinternal and tgname like 'artwork\\_reconciler\\_%'
       union all
       select format('drop index %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
       from pg_index join pg_class relation on relation.oid = indrelid
       where relnamespace::regnamespace::text in ('artwork_indexer', 'artwork_reconciler')
         and not exists (select from pg_constraint where conindid = indexrelid)
       union all
       select format('alter table %s drop constraint %I', conrelid::regclass, conname),
         format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
       from pg_constraint
       where connamespace::regnamespace::text in ('artwork_indexer', 'artwork_reconciler') and contype = 'c'
       union all
       select format('alter table %s alter %I drop default', adrelid::regclass, attname),
         format('alter table %s alter %I set default %s', adrelid::regclass, attname, pg_get_expr(adbin, adrelid))
       from pg_attrdef
       join pg_attribute on attrelid = adrelid and attnum = adnum
       join pg_class relation on relation.oid = adrelid
       where relnamespace::regnamespace::text = 'artwork_reconciler' and attgenerated = ''`,
    );
    for (const { drop, restore } of rows) await tx.query(`${drop}; ${restore}`);
    return [described, await describeSchema(tx)];
  });
  expect(after).toEqual(before);
});

test('migrations/expected/schema.txt is what the migrations make (else: npm run expected-schema)', async () => {
  await installTriggers(database.db);
  const described = formatSchema(await database.db.transaction(describeSchema));
  expect(described.split('\n')).toEqual((await readFile(file, 'utf8')).split('\n'));
});

describe('nothing is reported of', () => {
  test('a database that was just migrated, without triggers and with them', async () => {
    expect(await driftInWords()).toEqual([]);
    await installTriggers(database.db);
    expect(await driftInWords()).toEqual([]);
  });

  test('a database that artwork-indexer has made, with names and values of its own', async () => {
    const { url } = await createEmptyDatabase();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(artworkIndexerSchema);
    await client.query(`alter type artwork_indexer.event_queue_action add value 'future'`);
    await client.query('create table artwork_indexer.theirs (id int)');
    await client.end();
    await migrateUp({ connectionString: url });
    const adopted = openDatabase({ connectionString: url });
    await installMusicbrainzFixture(adopted);
    const drift = await readSchemaDrift(adopted, timeoutSeconds).finally(() => adopted.close());
    expect(drift.map(differenceInWords)).toEqual([]);
  });

  test('a user whose search path has our schemas in it', async () => {
    await database.db.query(
      `do $$ begin execute format('alter database %I set search_path = artwork_reconciler, artwork_indexer', current_database()); end $$`,
    );
    const fresh = openDatabase({ connectionString: database.url });
    const drift = await readSchemaDrift(fresh, timeoutSeconds).finally(() => fresh.close());
    expect(drift).toEqual([]);
  });
});

describe('what somebody changed is named', () => {
  test.each([
    ['drop index artwork_reconciler.audit_entity_claim', /^index artwork_reconciler\.audit_entity_claim is missing$/],
    [
      'alter table artwork_reconciler.audit_entity alter priority set default 5',
      /^column artwork_reconciler\.audit_entity\.priority is "smallint not null default 5", expected ".* default 100"$/,
    ],
    [
      'alter table artwork_reconciler.pace drop constraint pace_check',
      /^constraint artwork_reconciler\.pace\.pace_check is/,
    ],
    [
      'alter table artwork_indexer.event_queue alter attempts type int',
      /^column artwork_indexer\.event_queue\.attempts is "integer not null", expected "smallint not null"$/,
    ],
    [
      `drop index artwork_indexer.event_queue_state_created`,
      /^index on artwork_indexer\.event_queue USING btree \(state, created\) is missing$/,
    ],
    [
      'alter table artwork_indexer.event_queue disable trigger touch_event',
      /^trigger on artwork_indexer\.event_queue before update is "DISABLED", expected without more$/,
    ],
    [
      'drop trigger touch_event on artwork_indexer.event_queue',
      /^trigger on artwork_indexer\.event_queue before update is missing$/,
    ],
    [
      `update pg_index set indisvalid = false where indexrelid = 'artwork_indexer.reconciler_event_due'::regclass`,
      /^index artwork_indexer\.reconciler_event_due is ".* INVALID", expected/,
    ],
    [
      'alter table cover_art_archive.cover_art rename mime_type to media_type',
      /^column cover_art_archive\.cover_art\.mime_type is missing$/,
    ],
    ['drop table musicbrainz.edit_event', /^table musicbrainz\.edit_event is missing$/],
    [
      `alter type artwork_reconciler.audit_decision rename value 'legacy' to 'old'`,
      /^value artwork_reconciler\.audit_decision 'legacy' is missing$/,
    ],
  ])('%s', async (change, words) => {
    await database.db.query(change);
    const harmful = (await readSchemaDrift(database.db, timeoutSeconds)).filter(({ kind }) => kind !== 'unexpected');
    expect(harmful.map(differenceInWords)).toEqual([expect.stringMatching(words)]);
  });

  test('a function of a trigger that is not this version’s', async () => {
    await installTriggers(database.db);
    await database.db.query(
      `create or replace function artwork_reconciler.trigger_artist_changed() returns trigger language plpgsql
       security definer as 'begin return null; end'`,
    );
    expect(await driftInWords()).toEqual([
      expect.stringMatching(/^function artwork_reconciler\.trigger_artist_changed\(\) is "[0-9a-f]{32}", expected/),
    ]);
  });

  test('an index of an operator’s: it is told, and does no harm', async () => {
    await database.db.query('create index theirs on artwork_reconciler.audit (reason)');
    const drift = await readSchemaDrift(database.db, timeoutSeconds);
    expect(drift.map((difference) => [difference.kind, differenceInWords(difference)])).toEqual([
      ['unexpected', 'index artwork_reconciler.theirs is not part of this program'],
    ]);
  });
});
