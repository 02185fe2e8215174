import { describe, expect, it } from 'vitest';
import { readExpectedState } from '../../../src/database/musicbrainz/expected-state.ts';
import type { SeededMusicbrainz } from '../../../src/simulator/musicbrainz/seed.ts';
import { seedMusicbrainz } from '../../../src/simulator/musicbrainz/seed.ts';
import { webServiceXml } from '../../../src/simulator/musicbrainz/web-service.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

interface Seeded {
  readonly seeded: SeededMusicbrainz;
  /** All that an audit would expect of every gid. */
  readonly expected: unknown;
}

async function seed(number: number): Promise<Seeded & { database: TestDatabase }> {
  const database = await createTestDatabase();
  const { db } = database;
  const seeded = await seedMusicbrainz(db, {
    seed: number,
    releases: 60,
    events: 40,
    merged: 0.2,
    deleted: 0.1,
    darkened: 0.1,
  });
  const expected: unknown[] = [];
  for (const key of [...seeded.live, ...seeded.merged, ...seeded.deleted]) {
    const answer = await webServiceXml(db, key);
    expected.push(
      await readExpectedState(db, { entityType: key.entityType, gid: key.gid }),
      answer.kind === 'found' ? answer.xml.toString() : answer.kind,
    );
  }
  return { database, seeded, expected };
}

describe('seeded MusicBrainz data', () => {
  it('is the same for the same seed, down to the documents, and another for another', async () => {
    const [first, second, other] = [await seed(5), await seed(5), await seed(6)];
    expect(second.expected).toEqual(first.expected);
    expect(other.expected).not.toEqual(first.expected);
  });

  it('has of everything that an audit meets', async () => {
    const { database, seeded } = await seed(5);
    const { db } = database;
    const states = await Promise.all(
      seeded.live.map(({ entityType, gid }) => readExpectedState(db, { entityType, gid })),
    );
    const images = states.flatMap((state) => state.images);
    expect(seeded.live).toHaveLength(100);
    expect(new Set(states.map(({ identity }) => identity))).toEqual(new Set(['live']));
    expect(new Set(states.map(({ presence }) => presence))).toEqual(new Set(['absent', 'darkened', 'present']));
    expect(new Set(images.map(({ suffix }) => suffix))).toEqual(new Set(['jpg', 'png', 'gif', 'pdf']));
    expect(new Set(images.map(({ approved }) => approved))).toEqual(new Set([true, false]));
    expect(images.every(({ id }) => String(id).length === 11)).toBe(true);
    expect(images.some(({ comment }) => comment.includes('"'))).toBe(true);
    expect(images.some(({ comment }) => /[\u{10000}-\u{10ffff}]/u.test(comment))).toBe(true);
    expect(images.some(({ types }) => types.length > 1)).toBe(true);

    for (const { entityType, gid, into, images: brought } of seeded.merged) {
      expect(await readExpectedState(db, { entityType, gid })).toMatchObject({ identity: 'merged', mergedInto: into });
      const owner = await readExpectedState(db, { entityType, gid: into });
      expect(owner.images.map(({ id }) => id)).toEqual(expect.arrayContaining(brought.map(({ id }) => id)));
    }
    for (const { entityType, gid } of seeded.deleted) {
      expect(await readExpectedState(db, { entityType, gid })).toMatchObject({ identity: 'deleted', images: [] });
    }
    expect(seeded.merged.length).toBeGreaterThan(5);
    expect(seeded.deleted).toHaveLength(10);
    const { rows } = await db.query<{ barcode: string | null }>('select distinct barcode from musicbrainz.release');
    expect(rows.map(({ barcode }) => barcode)).toEqual(expect.arrayContaining([null, '']));
  });
});
