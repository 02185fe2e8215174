import { beforeAll, beforeEach, expect, test } from 'vitest';
import { auditAndApply, auditHere } from '../../src/activities/audit-here.ts';
import { guardDelete } from '../../src/activities/delete-guard.ts';
import type { Dependencies } from '../../src/activities/dependencies.ts';
import { readContents } from '../../src/database/image-contents.ts';
import type { ObservedItem } from '../../src/domain/documents/observed-item.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { moveImage } from '../../src/simulator/musicbrainz/changes.ts';
import type { StoredEntity } from '../../src/simulator/musicbrainz/specs.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { insertEvent } from '../database/queue/queue.ts';
import { seedItem } from '../support/audits.ts';
import { createTestDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { dependenciesAt, withoutWaits } from './dependencies-at.ts';

/* Fixity: an original has the content that an earlier audit saw, on whichever item. */

const database = await createTestDatabase();
let simulator: Simulator;
let dependencies: Dependencies;
beforeAll(async () => {
  simulator = await startSimulator({ seed: 1, musicbrainz: database.db });
  dependencies = dependenciesAt(database, simulator, withoutWaits);
});
beforeEach(() =>
  emptyTables(database.db, 'artwork_reconciler.image_content', 'artwork_reconciler.image_other_content'),
);

const apply = (entity: StoredEntity, given = dependencies) =>
  auditAndApply(given, entity, { actor: 'aurelia', stopped: new AbortController().signal });

async function inStep(images = 1): Promise<StoredEntity> {
  const entity = await addRelease(database.db, { images });
  await seedItem({ db: database.db, simulator }, entity);
  return entity;
}

const nameOf = ({ gid, images }: StoredEntity): string => `mbid-${gid}-${images[0]!.id}.${images[0]!.suffix}`;

/** Somebody replaces the content of the entity's first image at the archive. */
function replace(entity: StoredEntity, content: string): void {
  const file = { name: nameOf(entity), content: Buffer.from(content) };
  simulator.archive.uploadAsEditor(`mbid-${entity.gid}`, file, {});
}

/** The archive lists no md5 of these files. */
function unknown(...names: readonly string[]): Dependencies {
  const hide = (item: ObservedItem): ObservedItem =>
    item.kind !== 'present'
      ? item
      : {
          ...item,
          files: item.files.map((file) => (names.includes(file.name) ? { ...file, md5: null, sha1: null } : file)),
        };
  const clients: Dependencies['clients'] = (options) => {
    const opened = dependencies.clients(options);
    return { ...opened, reader: { ...opened.reader, observe: async (gid) => hide(await opened.reader.observe(gid)) } };
  };
  return { ...dependencies, clients };
}

test('a replaced original is for a person, who is told both contents and their days; what is put right is clean', async () => {
  const { db } = database;
  const entity = await inStep();
  expect(await apply(entity)).toMatchObject({ audit: { decision: 'clean' } });
  const [first] = await readContents(db, 'release', [entity.images[0]!.id]);
  await db.query(`update artwork_reconciler.image_content set first_seen = '2026-01-02', last_seen = '2026-03-04'`);
  const original = simulator.archive.item(`mbid-${entity.gid}`)!.files.find(({ name }) => name === nameOf(entity))!;
  replace(entity, 'another picture');
  const answer = await apply(entity);
  expect(answer).toMatchObject({ audit: { decision: 'manual_review' } });
  const [, second] = await readContents(db, 'release', [entity.images[0]!.id]);
  const found = `found md5 ${second!.md5} since ${second!.firstSeen}; the other was seen from 2026-01-02 to 2026-03-04`;
  const { rows } = await db.query<{ reason: string }>(
    `select review_reason as reason from artwork_reconciler.needs_manual_review
     where status = 'open' and review_reason like 'files.image_content%'`,
  );
  expect(rows).toEqual([{ reason: `files.image_content: ${nameOf(entity)}: expected md5 ${first!.md5}, ${found}` }]);
  simulator.archive.uploadAsEditor(`mbid-${entity.gid}`, { name: nameOf(entity), content: original.content }, {});
  expect(await apply(entity)).toMatchObject({ audit: { decision: 'clean' } });
});

test('an audit that changes nothing judges, and remembers nothing', async () => {
  const { db } = database;
  const entity = await inStep();
  expect(await auditHere(dependencies, entity)).toMatchObject({ decision: 'clean' });
  const { rowCount } = await db.query('select from artwork_reconciler.image_content');
  expect(rowCount).toBe(0);
  await apply(entity);
  replace(entity, 'another picture');
  expect(await auditHere(dependencies, entity)).toMatchObject({ decision: 'manual_review' });
  const other = await db.query('select from artwork_reconciler.image_other_content');
  expect(other.rowCount).toBe(0);
});

test('an original without a listed md5 is not judged, and not remembered', async () => {
  const entity = await inStep();
  await apply(entity);
  replace(entity, 'another picture');
  expect(await apply(entity, unknown(nameOf(entity)))).toMatchObject({ audit: { decision: 'clean' } });
  expect(await readContents(database.db, 'release', [entity.images[0]!.id])).toHaveLength(1);
});

test('for a file to be deleted what was seen stands in for its md5, for the owner’s it never does', async () => {
  const { db } = database;
  const [here, owner] = [await inStep(), await inStep()];
  const [{ id, suffix }] = [here.images[0]!];
  await apply(here);
  await moveImage(db, 'release', id, owner.gid);
  const content = simulator.archive.item(`mbid-${here.gid}`)!.files.find(({ name }) => name === nameOf(here))!.content;
  const copy = `mbid-${owner.gid}-${id}.${suffix}`;
  simulator.archive.uploadAsEditor(`mbid-${owner.gid}`, { name: copy, content }, {});
  const message = { artwork_id: id, gid: here.gid, suffix };
  const eventId = await insertEvent(db, { action: 'delete_image', message });
  const order = { eventId, entityType: 'release', message, origin: 'audit' } as const;
  const guarded = (given: Dependencies) => {
    const clients = given.clients();
    const limits = { ...clients.limits, outstandingTasks: async () => 0 };
    return guardDelete({ db, clients: { ...clients, limits }, settleMinutes: 0 }, order);
  };
  expect(await guarded(unknown(nameOf(here)))).toBe('send');
  await expect(guarded(unknown(copy))).rejects.toThrow(/unknown_content/);
  // Once it was replaced, it may have either content.
  await db.query(
    `insert into artwork_reconciler.image_other_content (entity_type, artwork_id, suffix, md5, first_seen, last_seen)
     values ('release', $1, $2, gen_random_uuid(), now(), now())`,
    [id, suffix],
  );
  await expect(guarded(unknown(nameOf(here)))).rejects.toThrow(/unknown_content/);
  await db.query('delete from artwork_reconciler.image_other_content');
  await db.query('delete from artwork_reconciler.image_content');
  await expect(guarded(unknown(nameOf(here)))).rejects.toThrow(/unknown_content/);
});
