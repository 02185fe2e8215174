import { describe, expect, test } from 'vitest';
import { addRelease, makeArtist } from '../../../src/simulator/musicbrainz/builders.ts';
import { musicbrainzWithTriggers } from './musicbrainz-with-triggers.ts';

const musicbrainz = musicbrainzWithTriggers();
const { make, queue } = musicbrainz;
const query = (sql: string, values: unknown[] = []) => musicbrainz.db.query(sql, values);

let next = 3000;
const image = (): number => (next += 1);

describe('what is said of a release', () => {
  test.each([
    ['its name', `update musicbrainz.release set name = 'Another' where gid = $1`],
    [
      'its artist credit',
      `with other as (
         insert into musicbrainz.artist_credit (gid, name, artist_count)
         values (gen_random_uuid(), 'Somebody', 0) returning id
       ) update musicbrainz.release set artist_credit = other.id from other where gid = $1`,
    ],
    ['its language', `update musicbrainz.release set language = null where gid = $1`],
    ['its barcode, which is said to be none', `update musicbrainz.release set barcode = '' where gid = $1`],
    [
      'its ASIN',
      `update musicbrainz.release_meta set amazon_asin = 'B000002UAL'
       where id = (select id from musicbrainz.release where gid = $1)`,
    ],
    [
      'its first release date, that goes',
      `delete from musicbrainz.release_first_release_date
       where release = (select id from musicbrainz.release where gid = $1)`,
    ],
    [
      'its first release date, as MusicBrainz changes it: deleted and inserted',
      `update musicbrainz.release_country set date_year = 1950
       where release = (select id from musicbrainz.release where gid = $1)`,
    ],
  ])('a change of %s: index, if it has art', async (_what, statement) => {
    const { A, B } = await make('release', { A: [image()], B: [] });
    await query(statement, [B!.gid]);
    expect(await queue()).toEqual([]);
    await query(statement, [A!.gid]);
    expect(await queue()).toEqual(['1: index A']);
  });

  test.each([
    [`update musicbrainz.release set name = name, comment = 'live', edits_pending = 1 where gid = $1`],
    [
      `update musicbrainz.release_meta set info_url = 'x' where id = (select id from musicbrainz.release where gid = $1)`,
    ],
  ])('anything else: nothing (%s)', async (statement) => {
    const { A } = await make('release', { A: [image()] });
    await query(statement, [A!.gid]);
    expect(await queue()).toEqual([]);
  });
});

describe('what is said of an event', () => {
  test('a change of its name: index, if it has art; anything else: nothing', async () => {
    const { A, B } = await make('event', { A: [image()], B: [] });
    await query(`update musicbrainz.event set setlist = 'x', edits_pending = 1 where gid = $1`, [A!.gid]);
    expect(await queue()).toEqual([]);
    await query(`update musicbrainz.event set name = 'Another' where gid = any ($1::uuid[])`, [[A!.gid, B!.gid]]);
    expect(await queue()).toEqual(['1: index A']);
  });
});

describe('an artist’s new name', () => {
  const rename = `update musicbrainz.artist set name = name || '!' where gid = $1`;

  test.each([['name'], ['sort_name']])('queues every release of theirs that has art, once (%s)', async (column) => {
    const artist = makeArtist({ name: 'Prince' });
    const by = { artist, creditedAs: null, joinPhrase: ' & ' };
    const shown = [
      await addRelease(musicbrainz.db, { credits: [by], images: 2 }),
      // Credited twice on one release, and under another name.
      await addRelease(musicbrainz.db, { credits: [by, { ...by, creditedAs: 'Camille' }] }),
    ];
    await addRelease(musicbrainz.db, { credits: [by], images: 0 });
    await addRelease(musicbrainz.db, { credits: [{ ...by, artist: makeArtist({ name: 'Somebody else' }) }] });
    await query('delete from artwork_indexer.event_queue');
    await query(`update musicbrainz.artist set comment = 'x' where gid = $1`, [artist.gid]);
    expect(await queue()).toEqual([]);
    await query(`update musicbrainz.artist set ${column} = 'The Artist' where gid = $1`, [artist.gid]);
    const { rows } = await query(
      'select action::text, message, depends_on from artwork_indexer.event_queue order by message',
    );
    const gids = shown.map(({ gid }) => gid).sort();
    expect(rows).toEqual(gids.map((gid) => ({ action: 'index', message: { gid }, depends_on: null })));
  });

  test('queues 3,000 releases in one call of one trigger, and leaves those alone that are queued', async () => {
    const artist = makeArtist({ name: 'Various' });
    const { gid } = await addRelease(musicbrainz.db, { credits: [{ artist, creditedAs: null, joinPhrase: '' }] });
    const art = 'cover_art_archive.cover_art';
    await query(
      `with release as (
         insert into musicbrainz.release (gid, name, artist_credit, release_group)
         select gen_random_uuid(), 'One of many', artist_credit, release_group
         from musicbrainz.release, generate_series(1, 2999) where gid = $1
         returning id
       )
       insert into ${art} (id, release, edit, ordering, mime_type)
       select 5000000 + release.id, release.id, (select min(id) from musicbrainz.edit), 1, 'image/jpeg' from release`,
      [gid],
    );
    await query(`delete from artwork_indexer.event_queue where message->>'gid' < '8'`);
    const { rows: before } = await query('select id, xmin from artwork_indexer.event_queue');
    expect(before.length).toBeGreaterThan(0);

    const { rows } = await query(`explain (analyze, format json) ${rename.replace('$1', `'${artist.gid}'`)}`);
    const [plan] = rows[0]!['QUERY PLAN'] as [{ Triggers: { 'Trigger Name': string; Calls: number }[] }];
    expect(plan.Triggers.filter(({ 'Trigger Name': name }) => name.startsWith('artwork_reconciler'))).toMatchObject([
      { Calls: 1 },
    ]);
    const { rows: after } = await query('select id, xmin from artwork_indexer.event_queue');
    expect(after).toHaveLength(3000);
    expect(after).toEqual(expect.arrayContaining([before[0], before.at(-1)]));
  });
});
