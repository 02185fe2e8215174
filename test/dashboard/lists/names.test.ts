import { expect, test } from 'vitest';
import { addRelease, makeArtist } from '../../../src/simulator/musicbrainz/builders.ts';
import { mergeEntity } from '../../../src/simulator/musicbrainz/changes.ts';
import { readEntityNames } from '../../../src/database/musicbrainz/entity-kinds.ts';
import { addEvent, finding } from '../../database/entities/support.ts';
import { dashboardParts, textOf, visitorOf } from '../../support/dashboard.ts';
import { createTestDatabase } from '../../support/database.ts';
import { openReview } from '../open-review.ts';

const database = await createTestDatabase();

test('lists, reviews and files call entities by their names, and merged ones by where they went', async () => {
  const { db } = database;
  const credits = [{ artist: makeArtist({ name: 'The Swells' }), creditedAs: null, joinPhrase: '' }];
  const into = await addRelease(db, { name: 'Harbour Songs', credits });
  const merged = await addRelease(db, { name: 'Harbor Songs' });
  await mergeEntity(db, merged, into);
  const { reviewId } = await openReview(db, [finding('files.image', 'review')], {
    entityType: 'release',
    gid: into.gid,
  });
  await openReview(db, [finding('orphan.xml', 'review')], { entityType: 'release', gid: merged.gid });
  await addEvent(db, { key: into });
  const visitor = visitorOf(dashboardParts({ db }));
  const page = async (path: string) => textOf((await visitor.get(path)).body);

  const title = 'Harbour Songs, by The Swells — image missing';
  expect(await page('/reviews')).toContain(title);
  expect(await page('/reviews')).toContain('merged into Harbour Songs, by The Swells — only the XML left');
  expect(await page(`/reviews/${reviewId}`)).toContain(title);
  expect(await page('/entities')).toContain('Harbour Songs, by The Swells');
  expect(await page('/events?state=any')).toContain('Harbour Songs, by The Swells');
  for (const list of ['reviews', 'entities', 'events']) {
    const [first] = (
      await visitor.get(`/${list}.json?mbid=${into.gid}${list === 'events' ? '&state=any' : ''}`)
    ).body.split('\n');
    expect(JSON.parse(first!)).toMatchObject({ name: 'Harbour Songs', artist: 'The Swells' });
  }
});

test('the names of a page cost one statement', async () => {
  const { db } = database;
  const releases = [await addRelease(db), await addRelease(db), await addRelease(db)];
  const asked: string[] = [];
  const q = { query: (text: string, values?: readonly unknown[]) => (asked.push(text), db.query(text, values)) };
  const names = await readEntityNames(
    q as typeof db,
    releases.map(({ gid }) => ({ entityType: 'release', gid })),
  );
  expect([names.size, asked.length]).toEqual([3, 1]);
});
