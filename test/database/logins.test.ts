import { beforeEach, expect, test } from 'vitest';
import { countLogin } from '../../src/database/logins.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase({ musicbrainz: false });
beforeEach(() => database.db.query('truncate artwork_reconciler.login'));

const start = (address: string, limits = { perAddress: 2, overall: 100 }) =>
  countLogin(database.db, 'start', address, limits);
const waits = expect.toSatisfy((seconds: number) => seconds >= 1 && seconds <= 60) as number;
const pass = (seconds: number) =>
  database.db.query(`update artwork_reconciler.login set at = at - $1::float8 * interval '1 second'`, [seconds]);

test('the wait is what is left of the minute of the login that has to pass', async () => {
  expect([await start('192.0.2.1'), await start('192.0.2.1')]).toEqual([null, null]);
  await pass(50);
  expect(await start('192.0.2.1')).toBeLessThanOrEqual(10);
  await pass(10);
  expect(await start('192.0.2.1')).toBeNull();
});

test('the wait is for the last limit that has room again', async () => {
  await start('192.0.2.1');
  await pass(40);
  await start('198.51.100.1');
  const wait = await start('192.0.2.1', { perAddress: 1, overall: 1 });
  // Its own minute is over 40 s before that of all together.
  const { rows } = await database.db.query<{ left: number }>(
    `select 60 - extract(epoch from clock_timestamp() - at)::float8 as left
     from artwork_reconciler.login order by at desc limit 1`,
  );
  expect(wait).toBeGreaterThanOrEqual(rows[0]!.left);
});

test('what is more than a minute ago is forgotten', async () => {
  await start('192.0.2.1');
  await pass(61);
  await start('198.51.100.1');
  const { rows } = await database.db.query('select network::text from artwork_reconciler.login');
  expect(rows).toEqual([{ network: '198.51.100.1/32' }]);
});

test('what was refused does not count, and the steps of a login count by themselves', async () => {
  for (let i = 0; i < 10; i++) await start('192.0.2.1', { perAddress: 2, overall: 4 });
  expect(await start('198.51.100.1', { perAddress: 2, overall: 4 })).toBeNull();
  expect(await countLogin(database.db, 'return', '192.0.2.1', { perAddress: 2, overall: 4 })).toBeNull();
});

test('the addresses of one /64 are one visitor, those of another are not', async () => {
  expect([await start('2001:db8::1'), await start('2001:db8::ffff:2')]).toEqual([null, null]);
  expect(await start('2001:db8:0:0:1::3')).toEqual(waits);
  expect(await start('2001:db8:0:1::3')).toBeNull();
});

test.each([
  ['a /48', (i: number) => `2001:db8:7:${i}::1`, '2001:db8:8::1'],
  ['a /24', (i: number) => `192.0.2.${i}`, '198.51.100.1'],
])('%s uses up half of what there is, and others still come in', async (_what, address, other) => {
  const limits = { perAddress: 100, overall: 10 };
  const answers = [];
  for (let i = 0; i < 7; i++) answers.push(await start(address(i), limits));
  expect(answers).toEqual([null, null, null, null, null, waits, waits]);
  expect(await start(other, limits)).toBeNull();
});

test('so many at once as at any other time: dashboards share the count', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => start('192.0.2.1')));
  expect(answers.filter((wait) => wait === null)).toHaveLength(2);
});

test('an address that is none counts as one', async () => {
  expect([await start(''), await start('nonsense'), await start('')]).toEqual([null, null, waits]);
});
