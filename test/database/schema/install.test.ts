import { beforeEach, describe, expect, test } from 'vitest';
import type { Database, Transaction } from '../../../src/database/connection.ts';
import { findUnmetNeeds, queueNeeds, unmetInWords } from '../../../src/database/schema/needs.ts';
import { readTriggers, readTriggerState } from '../../../src/database/schema/trigger-files.ts';
import { installTriggers, removeTriggers } from '../../../src/database/schema/triggers.ts';
import { addEvent, addRelease } from '../../../src/simulator/musicbrainz/builders.ts';
import { deleteEntity, mergeEntity } from '../../../src/simulator/musicbrainz/changes.ts';
import { createTestDatabase } from '../../support/database.ts';

let db: Database;
beforeEach(async () => ({ db } = await createTestDatabase()));

/** What there is of triggers and functions, to compare with what there was. */
async function catalog(): Promise<readonly unknown[]> {
  const { rows } = await db.query(
    `select tgname as name, tgrelid::regclass::text as place, tgenabled::text as more from pg_trigger where not tgisinternal
     union all
     select proname, pronamespace::regnamespace::text, prosrc from pg_proc
     where pronamespace::regnamespace::text in
       ('artwork_reconciler', 'artwork_indexer', 'musicbrainz', 'cover_art_archive', 'event_art_archive')
     order by 1, 2, 3`,
  );
  return rows;
}

const queuedFor = async (gid: string): Promise<number> =>
  (await db.query(`select from artwork_indexer.event_queue where message->>'gid' = $1`, [gid])).rowCount ?? 0;

test('where there are none, ours are installed; a second time there is nothing to do, and no table is locked', async () => {
  expect(await installTriggers(db)).toMatchObject([
    { entityType: 'release', outcome: 'installed', foreign: [] },
    { entityType: 'event', outcome: 'installed', foreign: [] },
  ]);
  const before = await catalog();
  await db.transaction(async (tx) => {
    await tx.query('lock table musicbrainz.release, cover_art_archive.cover_art in row exclusive mode');
    expect(await installTriggers(db, { tries: 1 })).toMatchObject([{ outcome: 'present' }, { outcome: 'present' }]);
  });
  expect(await catalog()).toEqual(before);
  expect(await queuedFor((await addEvent(db)).gid)).toBe(1);
});

test('one that is missing is made again, the others stay', async () => {
  await installTriggers(db);
  await db.query('drop trigger artwork_reconciler_art_inserted on event_art_archive.event_art');
  expect(await installTriggers(db)).toMatchObject([{ outcome: 'present' }, { outcome: 'installed' }]);
  expect((await readTriggerState(db)).flatMap(({ missing }) => missing)).toEqual([]);
});

test('one of an earlier version, whose condition tied it to columns, goes with its function', async () => {
  await installTriggers(db);
  const before = await catalog();
  await db.query(
    `create function artwork_reconciler.trigger_release_updated() returns trigger language plpgsql as 'begin return null; end';
     create trigger artwork_reconciler_release_updated after update on musicbrainz.release
       for each row when (old.barcode is distinct from new.barcode)
       execute function artwork_reconciler.trigger_release_updated();
     drop trigger artwork_reconciler_release_changed on musicbrainz.release`,
  );
  expect(await installTriggers(db)).toMatchObject([{ outcome: 'installed' }, { outcome: 'present' }]);
  expect(await catalog()).toEqual(before);
});

describe('somebody else’s triggers', () => {
  const insertedBy = (name: string, schema: string): Promise<unknown> =>
    db.query(
      `create function ${schema}.${name}() returns trigger language plpgsql as $$
       begin
         insert into artwork_indexer.event_queue (entity_type, action, message)
         select 'release', 'index', jsonb_build_object('gid', gid) from musicbrainz.release where id = new.release
         on conflict do nothing;
         return new;
       end $$`,
    );

  test.each([
    ['artwork_indexer_a_ins_cover_art', 'artwork_indexer.a_ins_cover_art'],
    ['fills_the_queue_under_another_name', 'musicbrainz.home_made'],
  ])('are left alone, and named; the other archive is decided for itself (%s)', async (trigger, fn) => {
    const [schema, name] = fn.split('.') as [string, string];
    await insertedBy(name, schema);
    await db.query(
      `create trigger ${trigger} after insert on cover_art_archive.cover_art for each row execute function ${fn}()`,
    );
    expect(await installTriggers(db)).toEqual([
      { entityType: 'release', outcome: 'foreign', foreign: [`${trigger} on cover_art_archive.cover_art`] },
      { entityType: 'event', outcome: 'installed', foreign: [] },
    ]);
    const { rows } = await db.query(
      `select tgname from pg_trigger where tgname like 'artwork_reconciler%' and tgrelid::regclass::text like '%cover_art%'`,
    );
    expect(rows).toEqual([]);
  });

  test('that are disabled are left alone too, and said to be', async () => {
    await insertedBy('a_ins_cover_art', 'artwork_indexer');
    await db.query(
      `create trigger artwork_indexer_a_ins_cover_art after insert on cover_art_archive.cover_art
         for each row execute function artwork_indexer.a_ins_cover_art();
       alter table cover_art_archive.cover_art disable trigger artwork_indexer_a_ins_cover_art`,
    );
    const [releases] = await installTriggers(db);
    expect(releases).toMatchObject({
      outcome: 'foreign',
      foreign: ['artwork_indexer_a_ins_cover_art on cover_art_archive.cover_art (disabled)'],
    });
  });

  test('that came after ours are told of, since the two don’t go together; ours can be taken away', async () => {
    const untouched = await catalog();
    await installTriggers(db);
    await insertedBy('a_ins_cover_art', 'artwork_indexer');
    await db.query(
      `create trigger artwork_indexer_a_ins_cover_art after insert on cover_art_archive.cover_art
       for each row execute function artwork_indexer.a_ins_cover_art()`,
    );
    expect(await installTriggers(db)).toMatchObject([{ outcome: 'both' }, { outcome: 'present' }]);
    await removeTriggers(db);
    expect((await readTriggerState(db))[0]!.foreign).toHaveLength(1);
    expect(await catalog()).toHaveLength(untouched.length + 2);
  });
});

test('taken away, nothing of them is left, and what is queued stays', async () => {
  const before = await catalog();
  await installTriggers(db);
  const { gid } = await addRelease(db);
  const expected = (await Promise.all((['release', 'event'] as const).map(readTriggers))).flat();
  expect((await removeTriggers(db)).length).toBe(expected.length);
  expect(await catalog()).toEqual(before);
  expect(await queuedFor(gid)).toBe(1);
  expect(await removeTriggers(db)).toEqual([]);
});

test('a table that is in use is not waited for with editors behind us: after some tries nothing was changed', async () => {
  const before = await catalog();
  await db.transaction(async (tx) => {
    await tx.query(`update musicbrainz.release_meta set info_url = 'x' where false`);
    await expect(installTriggers(db, { tries: 1 })).rejects.toThrow(/in use all the while.*no trigger was changed/);
  });
  expect(await catalog()).toEqual(before);
});

test('tables that are missing are named, and nothing is installed', async () => {
  const { db: bare } = await createTestDatabase({ musicbrainz: false });
  await expect(installTriggers(bare)).rejects.toThrow(
    /table musicbrainz\.release does not exist.*no trigger was changed/,
  );
});

describe('rights', () => {
  /**
   * Runs `work` as somebody who edits at MusicBrainz: with no rights on the queue, and with a schema of their own first in
   * the search_path. Undone afterwards, since roles are the whole server's.
   */
  async function asEditor(work: (tx: Transaction, role: string) => Promise<void>): Promise<void> {
    const role = `editor_${process.pid}`;
    const undone = new Error('undone');
    const done = db.transaction(async (tx) => {
      await tx.query(
        `create role ${role};
         grant usage on schema musicbrainz, cover_art_archive, event_art_archive to ${role};
         grant all on all tables in schema musicbrainz, cover_art_archive, event_art_archive to ${role};
         grant all on all sequences in schema musicbrainz, cover_art_archive, event_art_archive to ${role};
         create schema ${role} authorization ${role};
         set local search_path = ${role}, pg_catalog;
         set local role ${role}`,
      );
      await work(tx, role);
      throw undone;
    });
    await expect(done).rejects.toThrow(undone);
  }

  test('an editor needs none on the queue', async () => {
    await installTriggers(db);
    const [from, into] = [await addRelease(db), await addRelease(db)];
    await db.query('delete from artwork_indexer.event_queue');
    await asEditor(async (tx) => {
      await mergeEntity(tx, from, into);
      await deleteEntity(tx, into);
      await tx.query('reset role');
      const { rows } = await tx.query('select action::text from artwork_indexer.event_queue order by id');
      expect(rows).toMatchObject([
        { action: 'copy_image' },
        { action: 'delete_image' },
        { action: 'deindex' },
        { action: 'delete_image' },
        { action: 'delete_image' },
        { action: 'deindex' },
      ]);
    });
  });

  test('an editor gets none: our functions are not for them to call', async () => {
    await installTriggers(db);
    await asEditor(async (tx, role) => {
      await tx.query(
        `reset role; grant usage on schema artwork_reconciler, artwork_indexer to ${role}; set local role ${role}`,
      );
      const call = tx.query(`select artwork_reconciler.trigger_queue_index('release', array[]::uuid[], '{}')`);
      await expect(call).rejects.toThrow(/permission denied for function/);
    });
  });

  test('an editor’s own function under a built-in’s name is not called with the owner’s rights', async () => {
    await installTriggers(db);
    await addRelease(db);
    await asEditor(async (tx, role) => {
      await tx.query(
        `create function ${role}.unnest(uuid[]) returns setof uuid language plpgsql as $$ begin raise 'called'; end $$`,
      );
      await expect(tx.query(`select unnest(array[gen_random_uuid()])`)).rejects.toThrow('called');
    });
    await asEditor(async (tx, role) => {
      await tx.query(
        `create function ${role}.unnest(uuid[]) returns setof uuid language plpgsql as $$ begin raise 'called'; end $$`,
      );
      await tx.query(`update cover_art_archive.cover_art set comment = 'x'`);
    });
  });

  test('who may not do what the triggers do is told so, before any edit fails', async () => {
    await asEditor(async (tx, role) => {
      await tx.query(`reset role; grant usage on schema artwork_indexer to ${role};
        grant select on artwork_indexer.event_queue to ${role}; set local role ${role}`);
      expect((await findUnmetNeeds(tx, await queueNeeds(tx))).map(unmetInWords)).toEqual([
        `${role} lacks DELETE on artwork_indexer.event_queue`,
        `${role} lacks INSERT on artwork_indexer.event_queue`,
        `${role} lacks UPDATE on artwork_indexer.event_queue`,
        `${role} lacks USAGE on artwork_indexer.event_queue_id_seq`,
      ]);
    });
  });
});
