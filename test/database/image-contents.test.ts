import { createHash } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import type { Database } from '../../src/database/connection.ts';
import { judgeContents, memorable, readContents, rememberContents } from '../../src/database/image-contents.ts';
import type { SeenOriginal } from '../../src/domain/documents/image-content.ts';
import { createTestDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';

const database = await createTestDatabase();
beforeEach(() => emptyTables(db(), 'artwork_reconciler.image_content', 'artwork_reconciler.image_other_content'));

const db = (): Database => database.db;

const md5Of = (text: string): string => createHash('md5').update(text).digest('hex');
const seen = (artworkId: number, content: string): SeenOriginal => ({ artworkId, suffix: 'jpg', md5: md5Of(content) });
const remember = (...originals: SeenOriginal[]) => rememberContents(db(), 'release', originals);

/** Makes all that is remembered so many days older. */
async function daysPass(days: number): Promise<void> {
  for (const table of ['image_content', 'image_other_content'])
    await db().query(
      `update artwork_reconciler.${table} set first_seen = first_seen - $1::int, last_seen = last_seen - $1::int`,
      [days],
    );
}

async function daysAgo(days: number): Promise<string> {
  const { rows } = await db().query<{ day: string }>(
    `select ((now() at time zone 'UTC')::date - $1::int)::text as day`,
    [days],
  );
  return rows[0]!.day;
}

test('the first sight of an image is recorded and not judged; the same again moves its last day', async () => {
  expect(await remember(seen(1, 'one'), seen(2, 'two'))).toEqual([]);
  await daysPass(30);
  expect(await remember(seen(1, 'one'))).toEqual([]);
  expect(await readContents(db(), 'release', [1, 2])).toEqual([
    { ...seen(1, 'one'), firstSeen: await daysAgo(30), lastSeen: await daysAgo(0) },
    { ...seen(2, 'two'), firstSeen: await daysAgo(30), lastSeen: await daysAgo(30) },
  ]);
});

test('another content is told with both days, each time, and is remembered beside the first', async () => {
  await remember(seen(1, 'one'));
  await daysPass(30);
  const first = { md5: md5Of('one'), firstSeen: await daysAgo(30), lastSeen: await daysAgo(30) };
  expect(await judgeContents(db(), 'release', [seen(1, 'other')])).toEqual([
    { ...seen(1, 'other'), since: await daysAgo(0), first },
  ]);
  expect(await readContents(db(), 'release', [1])).toHaveLength(1);
  expect(await remember(seen(1, 'other'))).toEqual([{ ...seen(1, 'other'), since: await daysAgo(0), first }]);
  await daysPass(5);
  expect(await remember(seen(1, 'other'), seen(2, 'two'))).toMatchObject([
    { md5: md5Of('other'), since: await daysAgo(5), first: { lastSeen: await daysAgo(35) } },
  ]);
  expect((await readContents(db(), 'release', [1])).map(({ md5 }) => md5)).toEqual([md5Of('one'), md5Of('other')]);
  // The file was put right.
  expect(await remember(seen(1, 'one'))).toEqual([]);
});

test('items that are judged at once are judged by two statements, each by its own images', async () => {
  await remember(seen(1, 'one'), seen(2, 'two'), seen(3, 'three'));
  let asked = 0;
  const counting: Database = { ...db(), query: (...given) => ((asked += 1), db().query(...given)) };
  const items = [
    [seen(1, 'one')],
    [seen(2, 'two'), seen(1, 'other')],
    [seen(1, 'other'), seen(3, 'new')],
    [seen(1, 'new')],
  ];
  const judged = await Promise.all([...items, []].map((item) => judgeContents(counting, 'release', item)));
  expect(judged.map((changed) => changed.map(({ artworkId, md5 }) => [artworkId, md5]))).toEqual([
    [],
    [[1, md5Of('other')]],
    [
      [1, md5Of('other')],
      [3, md5Of('new')],
    ],
    [[1, md5Of('new')]],
    [],
  ]);
  expect(asked).toBe(2);
});

test('artwork ids are those of one archive, and a suffix is another file', async () => {
  await remember(seen(1, 'one'));
  expect(await rememberContents(db(), 'event', [seen(1, 'other')])).toEqual([]);
  expect(await remember({ ...seen(1, 'other'), suffix: 'png' })).toEqual([]);
});

test('of a file without an md5, or without a byte, nothing is remembered', () => {
  const original = { artworkId: 1, suffix: 'jpg', fileName: 'x', md5: md5Of('one'), sha1: null, size: 3 };
  expect(memorable([original, { ...original, md5: null }, { ...original, size: 0 }])).toEqual([seen(1, 'one')]);
  expect(memorable([{ ...original, size: null }])).toEqual([seen(1, 'one')]);
});

// What seeing them again adds is measured by `npm run bench -- scale`: a transaction anywhere on the server, such as
// another test's, keeps PostgreSQL from using the room of what was written again.
test('an image takes at most 120 bytes, its index included', async () => {
  const images = 2400;
  await db().query('truncate artwork_reconciler.image_content');
  // As audits come: in no order of ids.
  const ids = Array.from({ length: images }, (_, n) => 10_000_000_000 + ((n * 7919) % images) * 100);
  await db().query(
    `insert into artwork_reconciler.image_content (artwork_id, md5, first_seen, last_seen, entity_type, suffix)
     select id, md5(id::text)::uuid, current_date, current_date, 'release', 'jpg' from unnest($1::bigint[]) id`,
    [ids],
  );
  const { rows } = await db().query<{ bytes: number }>(
    `select (pg_relation_size('artwork_reconciler.image_content') + pg_indexes_size('artwork_reconciler.image_content'))::float8
       as bytes`,
  );
  expect(rows[0]!.bytes / images).toBeLessThanOrEqual(120);
});
