import { beforeEach, expect, test } from 'vitest';
import { countHours } from '../../../src/database/figures/activity.ts';
import { readRecentWork } from '../../../src/database/figures/standing.ts';
import { addAnsweredRequests, readWorkSince } from '../../../src/database/figures/work-since.ts';
import { keepRequests } from '../../../src/activities/dependencies.ts';
import { createTestDatabase } from '../../support/database.ts';

const database = await createTestDatabase({ musicbrainz: false });
beforeEach(async () => {
  const { db } = database;
  await db.query(
    'truncate artwork_reconciler.audit_entity, artwork_indexer.event_queue, artwork_reconciler.activity_hour cascade',
  );
  await db.query(`update artwork_reconciler.activity_place set counted_to = '-infinity'`);
});

const hours = (count: number): Date => new Date(Date.now() - count * 3_600_000);

/** One decided audit with its repair, and one answered review, so many hours ago. */
async function work(ago: number, ...checks: string[]): Promise<void> {
  await database.db.query(
    `with entity as (
       insert into artwork_reconciler.audit_entity (entity_type, gid) values ('release', gen_random_uuid()) returning id
     ),
     audit as (
       insert into artwork_reconciler.audit (audit_entity_id, asked_by, decision, findings, started_at, decided_at)
       select id, 'pacer', 'repair_queue', $2, now(), now() - make_interval(hours => $1) from entity returning id
     ),
     repair as (
       insert into artwork_reconciler.audit_repair (audit_id, position, action, message, outcome, ended_at)
       select id, place, 'index', '{}', outcome, now() - make_interval(hours => $1)
       from audit, (values (0, 'completed'), (1, 'failed')) repair (place, outcome)
     )
     insert into artwork_reconciler.needs_manual_review
       (audit_entity_id, review_reason, status, resolution_notes, resolved_at, resolved_by)
     select id, 'x', 'resolved', 'seen to', now() - make_interval(hours => $1), person
     from entity, unnest('{ida, null}'::text[]) person`,
    [
      ago,
      JSON.stringify([
        ...checks.map((check) => ({ check, policy: 'index' })),
        { check: 'item.dark', policy: 'report' },
      ]),
    ],
  );
}

test('repairs count for each check that they were queued for, reviews for whoever answered them', async () => {
  await work(0, 'index.url', 'index.value');
  await work(3, 'index.url');
  for (let times = 0; times < 2; times += 1) await work(50, 'index.url');
  const recent = await readWorkSince(database.db, hours(4));
  expect(recent).toMatchObject({
    audits: [{ decision: 'repair_queue', count: 2 }],
    repairs: [
      { check: 'index.url', count: 2 },
      { check: 'index.value', count: 1 },
    ],
    reviews: [{ person: 'ida', count: 2 }],
    requests: [],
    isPart: false,
  });
  expect(recent.since.toISOString()).toMatch(/:00:00\.000Z$/);

  // What was counted is the same as what was read of the history; and it stays when that is deleted.
  const since = hours(100);
  const before = await readWorkSince(database.db, since);
  while ((await countHours(database.db)) > 0);
  expect(await readWorkSince(database.db, since)).toEqual(before);
  await database.db.query(
    `delete from artwork_reconciler.audit where id = (
       select max(id) from artwork_reconciler.audit where decided_at < now() - interval '40 hours')`,
  );
  await database.db.query(`update artwork_reconciler.activity_place set counted_to = '-infinity'`);
  while ((await countHours(database.db)) > 0);
  expect(await readWorkSince(database.db, since)).toEqual(before);
});

test('the most comes first, whatever it is called', async () => {
  await work(0, 'index.value', 'index.url');
  await work(0, 'index.value', 'files.thumbnail');
  expect((await readWorkSince(database.db, hours(1))).repairs).toEqual([
    { check: 'index.value', count: 2 },
    { check: 'files.thumbnail', count: 1 },
    { check: 'index.url', count: 1 },
  ]);
});

test('the last hours have what was carried out, decided and answered by people, and nothing else', async () => {
  await work(0, 'index.url');
  await work(2, 'index.url');
  await database.db.query(
    `insert into artwork_reconciler.audit (audit_entity_id, asked_by, decision, requests, started_at)
     select max(id), 'pacer', 'not_now', '{"metadata": 2, "download": 1}', now() from artwork_reconciler.audit_entity`,
  );
  const one = { count: 1, exact: true };
  const two = { count: 2, exact: true };
  const requests = { count: 3, exact: true };
  expect(await readRecentWork(database.db, 60)).toEqual({ audited: one, repaired: one, reviewed: one, requests });
  expect(await readRecentWork(database.db, 180)).toEqual({ audited: two, repaired: two, reviewed: two, requests });
});

test('where more was repaired than is read of hours that are not counted yet, it is said to be a part', async () => {
  await work(0, 'index.url');
  const isPart = async () => (await readWorkSince(database.db, hours(1))).isPart;
  const repair = (from: number, to: number) =>
    database.db.query(
      `insert into artwork_reconciler.audit_repair (audit_id, position, action, message, outcome, ended_at)
       select id, n, 'index', '{}', 'completed', now() from artwork_reconciler.audit, generate_series($1::int, $2::int) n`,
      [from, to],
    );
  await repair(2, 4_999);
  expect(await isPart()).toBe(false);
  await repair(5_000, 5_000);
  expect(await isPart()).toBe(true);
  // All of an hour that is counted is known.
  await database.db.query(`update artwork_reconciler.audit_repair set ended_at = ended_at - interval '3 hours'`);
  while ((await countHours(database.db)) > 0);
  expect(await readWorkSince(database.db, hours(5))).toMatchObject({ repairs: [{ count: 5000 }], isPart: false });
});

test('requests of several workers add up, whatever hour is counted meanwhile', async () => {
  const { db } = database;
  const failures: unknown[] = [];
  const [one, other] = [0, 1].map(() => keepRequests(db, (error) => failures.push(error)));
  for (let n = 0; n < 3; n += 1) one!.meter({ kind: 'put', answer: '2xx', seconds: 1 });
  other!.meter({ kind: 'put', answer: '2xx', seconds: 1 });
  other!.meter({ kind: 'ws', answer: '503', seconds: 1 });
  await Promise.all([one!.close(), other!.close()]);
  await countHours(db);
  const { requests } = await readWorkSince(db, hours(1));
  expect(requests).toEqual([
    { service: 'archive', kind: 'put', answer: '2xx', count: 4 },
    { service: 'musicbrainz', kind: 'ws', answer: '503', count: 1 },
  ]);
  expect(failures).toEqual([]);
});

test('requests that the database did not take are added with the next ones', async () => {
  const { db } = database;
  let isAway = true;
  const failures: unknown[] = [];
  const query: typeof db.query = (...args) => (isAway ? Promise.reject(new Error('away')) : db.query(...args));
  const requests = keepRequests({ ...db, query }, (error) => failures.push(error));
  requests.meter({ kind: 'metadata', answer: '2xx', seconds: 1 });
  await requests.close();
  expect(failures).toHaveLength(1);
  isAway = false;
  requests.meter({ kind: 'metadata', answer: '2xx', seconds: 1 });
  await requests.close();
  expect((await readWorkSince(db, hours(1))).requests).toMatchObject([{ kind: 'metadata', count: 2 }]);
});

test('a day of it reads no more than that day, and nobody reads more than 400 days', async () => {
  const { db } = database;
  await db.query(
    `insert into artwork_reconciler.activity_hour (hour, what, key, count)
     select now() - n * interval '1 hour', 'answered', 'archive metadata 2xx', 1 from generate_series(0, 20000) n`,
  );
  await db.query(`update artwork_reconciler.activity_place set counted_to = now()`);
  await db.query('analyze artwork_reconciler.activity_hour');
  const undo = new Error('undo');
  const read = async (since: Date): Promise<{ count: number; rows: number }> => {
    let found = { count: 0, rows: 0 };
    await db
      .transaction(async (tx) => {
        const { requests } = await readWorkSince(tx, since);
        const { rows } = await tx.query<{ rows: number }>(
          `select (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as rows from pg_stat_xact_user_tables
           where relid = 'artwork_reconciler.activity_hour'::regclass`,
        );
        found = { count: requests[0]!.count, rows: rows[0]!.rows };
        throw undo;
      })
      .catch((error: unknown) => {
        if (error !== undo) throw error;
      });
    return found;
  };
  const day = await read(hours(24));
  expect(day.count).toBeGreaterThanOrEqual(24);
  expect(day.rows).toBeLessThan(100);
  expect((await read(new Date(0))).count).toBeLessThanOrEqual(400 * 24 + 1);
});

test('adding nothing is no statement that fails', async () => {
  await addAnsweredRequests(database.db, new Map());
  expect((await readWorkSince(database.db, hours(1))).requests).toEqual([]);
});
