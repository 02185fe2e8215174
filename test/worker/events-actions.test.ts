import { beforeAll, describe, expect, test } from 'vitest';
import { addEntity } from '../../src/simulator/musicbrainz/builders.ts';
import type { StoredEntity } from '../../src/simulator/musicbrainz/specs.ts';
import { webServiceXml } from '../../src/simulator/musicbrainz/web-service.ts';
import { eventsInRows } from './events-in-rows.ts';

const events = eventsInRows();

/** The bytes of a file of an item once everything is applied. */
function bytesOf(gid: string, name: string): Buffer | null {
  const { archive } = events.deployment.simulator;
  archive.settle();
  const file = archive.item(`mbid-${gid}`)?.files.find((each) => each.name === name);
  return file === undefined ? null : Buffer.from(file.content);
}

describe.each([
  ['release', 'coverartarchive', 'artists'],
  ['event', 'eventartarchive', 'artist-rels+place-rels'],
] as const)('of the %s kind,', (entityType, collection, inc) => {
  let entity: StoredEntity;
  let edit: number;
  beforeAll(async () => {
    const { db } = events.deployment;
    const images = [{ id: 32_409_815_672, suffix: 'png' as const, comment: 'Zoë’s "𝄞"\u007f', types: ['Poster'] }];
    entity = await addEntity(
      db,
      { entityType, gid: `a${entityType === 'release' ? '0' : '1'}b6ad2f-5c1e-4d8a-9e37-2f4c6a8b0d1e` },
      { images: images.map((image) => (entityType === 'event' ? { ...image, id: image.id + 1 } : image)) },
    );
    const art = entityType === 'release' ? 'cover_art_archive.cover_art' : 'event_art_archive.event_art';
    const { rows } = await db.query<{ edit: number }>(`select edit from ${art} where id = $1`, [entity.images[0]!.id]);
    edit = rows[0]!.edit;
  });

  test('index uploads the index as Python writes it, then the web service’s XML as it came', async () => {
    const { gid } = entity;
    const id = await events.queue({ entityType, action: 'index', message: { gid } });
    await events.until(id, 'completed');
    expect(events.requests(gid)).toEqual([
      `PUT /mbid-${gid}/index.json 200`,
      `GET /ws/2/${entityType}/${gid}?inc=${inc} 200`,
      `PUT /mbid-${gid}/mbid-${gid}_mb_metadata.xml 200`,
    ]);
    const image = entity.images[0]!.id;
    const at = `https://${collection}.org/${entityType}/${gid}/${image}`;
    const back = entityType === 'release' ? '"back": false, ' : '';
    expect(bytesOf(gid, 'index.json')?.toString('latin1')).toBe(
      `{"${entityType === 'release' ? 'images' : 'event'}": ` +
        (entityType === 'release' ? '' : `"https://musicbrainz.org/event/${gid}", "images": `) +
        `[{"approved": true, ${back}"comment": "Zo\\u00eb\\u2019s \\"\\ud834\\udd1e\\"\\u007f", "edit": ${edit}, ` +
        `"front": ${entityType === 'event'}, "id": ${image}, "image": "${at}.png", "thumbnails": ` +
        `{"1200": "${at}-1200.jpg", "250": "${at}-250.jpg", "500": "${at}-500.jpg", ` +
        `"large": "${at}-500.jpg", "small": "${at}-250.jpg"}, "types": ["Poster"]}]` +
        (entityType === 'release' ? `, "release": "https://musicbrainz.org/release/${gid}"}` : '}'),
    );
    const xml = await webServiceXml(events.deployment.db, entity);
    expect(bytesOf(gid, `mbid-${gid}_mb_metadata.xml`)).toEqual(xml.kind === 'found' ? xml.xml : null);
    expect(await events.attempts(id)).toMatchObject([{ attempt: 1, outcome: 'completed', reason: null }]);
  });

  test('copy_image, delete_image and deindex send one request each', async () => {
    const [gid, to] = ['c', 'd'].map((letter) => entity.gid.replace(/^./, letter)) as [string, string];
    events.deployment.simulator.archive.seedItem({
      identifier: `mbid-${gid}`,
      metadata: { collection, mediatype: 'image', noindex: 'true' },
      files: [
        { name: `mbid-${gid}-40123456789.jpg`, content: Buffer.from(entityType) },
        { name: 'index.json', content: Buffer.from('{}') },
      ],
    });
    const about = { artwork_id: 40_123_456_789, suffix: 'jpg' };
    const copy = { entityType, action: 'copy_image', message: { ...about, old_gid: gid, new_gid: to } };
    const copied = await events.queue(copy);
    const deletion = { entityType, action: 'delete_image', message: { ...about, gid }, dependsOn: [copied] };
    const deleted = await events.queue(deletion);
    const deindexed = await events.queue({ entityType, action: 'deindex', message: { gid }, dependsOn: [deleted] });
    await events.until(deindexed, 'completed');
    expect(events.requests(gid, to)).toEqual([
      `PUT /mbid-${to}/mbid-${to}-40123456789.jpg 200`,
      `DELETE /mbid-${gid}/mbid-${gid}-40123456789.jpg 204`,
      `DELETE /mbid-${gid}/index.json 204`,
    ]);
    expect(events.log(to)[0]!.headers['x-amz-copy-source']).toBe(`/mbid-${gid}/mbid-${gid}-40123456789.jpg`);
    expect(bytesOf(to, `mbid-${to}-40123456789.jpg`)?.toString()).toBe(entityType);
    expect(bytesOf(gid, `mbid-${gid}-40123456789.jpg`)).toBeNull();
    expect(bytesOf(gid, 'index.json')).toBeNull();
  });

  test('noop asks nobody anything, for as long as it is told', async () => {
    const before = events.deployment.simulator.requestLog().length;
    const empty = await events.queue({ entityType, action: 'noop', message: {} });
    const told = await events.queue({ entityType, action: 'noop', message: { fail: false, sleep: 0.2 } });
    await events.until(empty, 'completed');
    await events.until(told, 'completed');
    expect(events.deployment.simulator.requestLog()).toHaveLength(before);
  });
});

test('all of that is what a good guest does', () => {
  expect(events.deployment.simulator.violations()).toEqual([]);
});
