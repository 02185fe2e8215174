import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { type BackfillBatch, backfillMusicbrainzBatch } from '../../../src/database/ingest/backfill-batch.ts';
import type { BackfillResult } from '../../../src/database/ingest/backfill-orphans.ts';
import { type EntityKey, entityTypes } from '../../../src/domain/entity.ts';
import { addEntity } from '../../../src/simulator/musicbrainz/builders.ts';
import { deleteImage, mergeEntity, setPresence } from '../../../src/simulator/musicbrainz/changes.ts';
import { createTestDatabase } from '../../support/database.ts';
import { someoneWaits } from '../entities/support.ts';

const { db } = await createTestDatabase();

describe.each(entityTypes)('the backfill of %ss', (entityType) => {
  const newKey = (): EntityKey => ({ entityType, gid: randomUUID() });
  const priorities = async (): Promise<Record<string, number>> => {
    const { rows } = await db.query<{ gid: string; priority: number }>(
      `select gid::text, priority from artwork_reconciler.audit_entity where entity_type = $1`,
      [entityType],
    );
    return Object.fromEntries(rows.map(({ gid, priority }) => [gid, priority]));
  };

  /** From the beginning to the end, in batches. */
  async function backfill(given: Partial<BackfillBatch> = {}): Promise<Omit<BackfillResult, 'nextAfterId'>> {
    const total = { seen: 0, added: 0, known: 0 };
    for (let afterId: number | null = 0; afterId !== null;) {
      const batch: BackfillBatch = { entityType, afterId, limit: 2, recentDays: 30, dryRun: false, ...given };
      const { nextAfterId, seen, added, known } = await db.transaction<BackfillResult>((tx) =>
        backfillMusicbrainzBatch(tx, batch),
      );
      total.seen += seen;
      total.added += added;
      total.known += known;
      afterId = nextAfterId;
    }
    return total;
  }

  beforeEach(async () => {
    await db.query('truncate artwork_reconciler.audit_entity cascade');
    await db.query('truncate artwork_indexer.event_queue cascade');
    await db.query(`truncate musicbrainz.${entityType}, musicbrainz.edit cascade`);
  });

  test('adds what has art, is flagged as having it, or had it, and nothing else', async () => {
    const keys = Array.from({ length: 7 }, newKey);
    const [withArt, flagged, darkened, emptied, never, moved, named] = keys as [
      EntityKey,
      EntityKey,
      EntityKey,
      EntityKey,
      EntityKey,
      EntityKey,
      EntityKey,
    ];
    await addEntity(db, withArt);
    await addEntity(db, flagged, { images: 0 });
    await setPresence(db, flagged, 'present');
    await addEntity(db, darkened, { images: 0, darkened: true });
    const { images } = await addEntity(db, emptied);
    await deleteImage(db, entityType, images[0]!.id);
    await addEntity(db, never, { images: 0 });
    // Its image came with a merge, and was removed then.
    await addEntity(db, moved, { images: 0 });
    const source = newKey();
    const came = await addEntity(db, source);
    await mergeEntity(db, source, moved);
    await deleteImage(db, entityType, came.images[0]!.id);
    await addEntity(db, named, { images: 0 });
    await db.query(
      `insert into artwork_indexer.event_queue (entity_type, action, message, state)
       values ($1, 'index', jsonb_build_object('gid', $2::text), 'completed')`,
      [entityType, named.gid],
    );

    const { seen, added, known } = await backfill();

    expect({ seen, added, known }).toEqual({ seen: 6, added: 6, known: 0 });
    expect(Object.keys(await priorities()).sort()).toEqual(
      [withArt, flagged, darkened, emptied, moved, named].map(({ gid }) => gid).sort(),
    );
  });

  test('gives the low priority to what had art added lately', async () => {
    const [old, recent, both] = [newKey(), newKey(), newKey()];
    await addEntity(db, old, { images: [{ ageDays: 31 }] });
    await addEntity(db, recent, { images: [{ ageDays: 29 }] });
    await addEntity(db, both, { images: [{ ageDays: 400 }, { ageDays: 1 }] });
    await backfill();
    expect(await priorities()).toEqual({ [old.gid]: 100, [recent.gid]: 10, [both.gid]: 10 });
  });

  test('takes no other edit for one that added art', async () => {
    const [edited, withArt] = [newKey(), newKey()];
    const { images } = await addEntity(db, edited, { images: [{ ageDays: 1 }] });
    await deleteImage(db, entityType, images[0]!.id);
    await addEntity(db, withArt, { images: [{ ageDays: 1 }] });
    // Edits of the entities themselves.
    await db.query('update musicbrainz.edit set type = 32');
    await backfill();
    expect(await priorities()).toEqual({ [withArt.gid]: 100 });
  });

  test('leaves known entities alone, and adds nothing twice', async () => {
    const [known, other] = [newKey(), newKey()];
    await addEntity(db, known);
    await addEntity(db, other);
    await db.query(
      `insert into artwork_reconciler.audit_entity (entity_type, gid, status, priority, last_audit_at)
       values ($1, $2, 'clean', 200, now())`,
      [entityType, known.gid],
    );
    expect(await backfill()).toEqual({ seen: 2, added: 1, known: 1 });
    expect(await backfill()).toEqual({ seen: 2, added: 0, known: 2 });
    expect(await priorities()).toEqual({ [known.gid]: 200, [other.gid]: 100 });
  });

  test('only counts where it is asked to', async () => {
    for (const key of [newKey(), newKey(), newKey()]) await addEntity(db, key);
    expect(await backfill({ dryRun: true })).toEqual({ seen: 3, added: 3, known: 0 });
    expect(await priorities()).toEqual({});
    await backfill();
    expect(await backfill({ dryRun: true })).toEqual({ seen: 3, added: 0, known: 3 });
  });

  test('finds known what somebody else adds at the same moment, and adds the rest', async () => {
    const keys = Array.from({ length: 4 }, newKey);
    for (const key of keys) await addEntity(db, key);
    const batch: BackfillBatch = { entityType, afterId: 0, limit: 10, recentDays: 30, dryRun: false };
    let backfilled: Promise<BackfillResult> | undefined;
    await db.transaction(async (tx) => {
      await tx.query('insert into artwork_reconciler.audit_entity (entity_type, gid) values ($1, $2)', [
        entityType,
        keys[2]!.gid,
      ]);
      backfilled = db.transaction((other) => backfillMusicbrainzBatch(other, batch));
      await someoneWaits(db);
    });
    expect(await backfilled).toMatchObject({ seen: 4, added: 3, known: 1 });
  });

  test('continues where it was stopped', async () => {
    for (const key of Array.from({ length: 5 }, newKey)) await addEntity(db, key);
    const goOn = (afterId: number, limit: number) =>
      db.transaction((tx) =>
        backfillMusicbrainzBatch(tx, { entityType, afterId, limit, recentDays: 30, dryRun: false }),
      );
    const first = await goOn(0, 2);
    expect(first).toMatchObject({ seen: 2, added: 2 });
    expect(await goOn(first.nextAfterId!, 100)).toEqual({ nextAfterId: null, seen: 3, added: 3, known: 0 });
  });

  test('of an empty table is at its end at once', async () => {
    const batch = { entityType, afterId: 0, limit: 10, recentDays: 30, dryRun: false };
    expect(await db.transaction((tx) => backfillMusicbrainzBatch(tx, batch))).toEqual({
      nextAfterId: null,
      seen: 0,
      added: 0,
      known: 0,
    });
  });
});
