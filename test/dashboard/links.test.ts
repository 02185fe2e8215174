import { expect, test } from 'vitest';
import type { EntityKey } from '../../src/domain/entity.ts';
import { addEvent as addMusicbrainzEvent, addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { dashboardParts, visitorOf } from '../support/dashboard.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();

test('an entity’s links lead where the configuration says, as in a trial with made-up MBIDs', async () => {
  const settings = {
    MUSICBRAINZ_URL: 'http://127.0.0.1:8090/mb',
    ARCHIVE_URL: 'http://127.0.0.1:8090',
    ARCHIVE_CAA_URL: 'http://127.0.0.1:8090/caa/',
    ARCHIVE_EAA_URL: 'http://127.0.0.1:8090/eaa',
  };
  const visitor = visitorOf(dashboardParts({ db: database.db, settings }));
  const elsewhere = async (entity: EntityKey) =>
    [
      ...(await visitor.get(`/entities/${entity.entityType}/${entity.gid}`)).body.matchAll(/href="(https?:[^"]*)"/g),
    ].map(([, href]) => href);
  const [release, event] = [await addRelease(database.db), await addMusicbrainzEvent(database.db)];
  const root = 'http://127.0.0.1:8090';
  expect(await elsewhere(release)).toEqual([
    `${root}/mb/release/${release.gid}`,
    `${root}/details/mbid-${release.gid}`,
    `${root}/caa/release/${release.gid}`,
  ]);
  expect(await elsewhere(event)).toEqual([
    `${root}/mb/event/${event.gid}`,
    `${root}/details/mbid-${event.gid}`,
    `${root}/eaa/event/${event.gid}`,
  ]);
});
