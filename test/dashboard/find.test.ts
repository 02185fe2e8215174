import { beforeAll, describe, expect, test } from 'vitest';
import { addImage, addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import type { StoredEntity } from '../../src/simulator/musicbrainz/specs.ts';
import { addEvent, finding } from '../database/entities/support.ts';
import { dashboardParts, textOf, visitorOf } from '../support/dashboard.ts';
import { createTestDatabase } from '../support/database.ts';
import { handOver, openReview } from './open-review.ts';

const database = await createTestDatabase();
let release: StoredEntity;

beforeAll(async () => {
  release = await addRelease(database.db, { name: 'Harbour Songs' });
});

const find = (text: string) =>
  visitorOf(dashboardParts({ db: database.db })).get(`/find?q=${encodeURIComponent(text)}`);

describe('the search field', () => {
  test.each([
    ['an MBID in a sentence', (gid: string) => `what is wrong with ${gid}?`],
    ['the name of a file', (gid: string) => `mbid-${gid}-1234.jpg`],
    ['an address in a sentence', (gid: string) => `see https://musicbrainz.org/release/${gid}, please`],
    ['capitals', (gid: string) => gid.toUpperCase()],
  ])('leads from %s to the entity', async (_what, text) => {
    expect((await find(text(release.gid))).location).toBe(`/entities/release/${release.gid}`);
  });

  test('lists several MBIDs, and names what has no art of its own', async () => {
    const other = await addRelease(database.db);
    const group = `https://musicbrainz.org/release-group/${other.gid}`;
    const { status, body } = await find(`${release.gid} ${other.gid} ${group}`);
    expect(status).toBe(200);
    expect(body).toContain(`href="/entities/release/${release.gid}"`);
    expect(body).toContain(`href="/entities/release/${other.gid}"`);
    expect(textOf(body)).toContain('a release-group');
    expect(textOf(body)).toMatch(new RegExp(`Harbour Songs, by .* release ${release.gid}`));
    expect(body).toContain(`src="https://coverartarchive.org/release/${release.gid}/front-250"`);
    const refused = await find(`look at ${group}`);
    expect(refused.status).toBe(400);
    expect(textOf(refused.body)).toContain('not that of a release-group');
  });

  test('leads to events, reviews and images by their numbers', async () => {
    const event = await addEvent(database.db, { key: release });
    const { reviewId } = await openReview(database.db, [finding('item.dark', 'review')]);
    const image = await addImage(database.db, release);
    expect((await find(`event ${event}`)).location).toBe(`/events/${event}`);
    expect((await find(`Review #${reviewId}`)).location).toBe(`/reviews/${reviewId}`);
    expect((await find(String(image.id))).location).toBe(`/entities/release/${release.gid}`);
    expect((await find('event 987654321')).status).toBe(404);
  });

  test('leads to a review and an event by their numbers, also where lists hide them', async () => {
    const { id, reviewId } = await openReview(database.db, [finding('item.dark', 'review')]);
    await handOver(database.db, id);
    expect((await find(`review ${reviewId}`)).location).toBe(`/reviews/${reviewId}`);
    const event = await addEvent(database.db, { key: release, state: 'failed' });
    await database.db.query(
      `insert into artwork_reconciler.event_dismissal (event, last_updated, actor)
       select id, last_updated, 'ida' from artwork_indexer.event_queue where id = $1`,
      [event],
    );
    expect((await find(`event ${event}`)).location).toBe(`/events/${event}`);
  });

  test('finds titles by their beginning where there is an index of names, and else says that it can’t', async () => {
    const without = await find('harbour s');
    expect(without.status).toBe(404);
    expect(textOf(without.body)).toContain('Titles of releases and events can’t be searched');
    await database.db.query(`
      create collation musicbrainz.by_letter (provider = icu, locale = '');
      create index names on musicbrainz.release (name collate musicbrainz.by_letter);
      create index event_names on musicbrainz.event (name)`);
    for (const text of ['harbour s', 'Harbour', 'Harbour Songs']) {
      const { status, body } = await find(text);
      expect([status, body.includes(`href="/entities/release/${release.gid}"`)]).toEqual([200, true]);
    }
    const none = await find('arbour');
    expect([none.status, textOf(none.body).includes('can’t be searched')]).toEqual([404, false]);
  });
});
