import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { isReplica } from '../../../src/database/musicbrainz/art-tables.ts';
import { entityTypes } from '../../../src/domain/entity.ts';
import { addEntity } from '../../../src/simulator/musicbrainz/builders.ts';
import { createTestDatabase } from '../../support/database.ts';
import { makeReplica } from '../../support/replica.ts';

test.each(entityTypes)(
  'art of a %s without any edit is a replica; with one, or without art, it is none',
  async (entityType) => {
    const { db } = await createTestDatabase();
    expect(await isReplica(db)).toBe(false);
    await addEntity(db, { entityType, gid: randomUUID() });
    expect(await isReplica(db)).toBe(false);
    await makeReplica(db);
    expect(await isReplica(db)).toBe(true);
  },
);

test('of a database without MusicBrainz’ tables nothing is known', async () => {
  const { db } = await createTestDatabase({ musicbrainz: false });
  expect(await isReplica(db)).toBe(false);
});
