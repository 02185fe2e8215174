import { beforeEach, describe, expect, test } from 'vitest';
import { commonFindings, countHours, readActivity } from '../../../src/database/figures/activity.ts';
import type { Database } from '../../../src/database/connection.ts';
import { createTestDatabase } from '../../support/database.ts';

const database = await createTestDatabase({ musicbrainz: false });
beforeEach(async () => {
  const { db } = database;
  await db.query(
    'truncate artwork_reconciler.audit_entity, artwork_indexer.event_queue, artwork_reconciler.activity_hour cascade',
  );
  await db.query(`update artwork_reconciler.activity_place set counted_to = '-infinity'`);
  await db.query(
    `insert into artwork_reconciler.audit_entity (id, entity_type, gid)
     values (1, 'release', '76df3287-6cda-33eb-8e9a-044b5e15ffdd')`,
  );
  await db.query(
    `insert into artwork_indexer.event_queue (id, entity_type, action, message, state)
     select n, 'release', 'noop', to_jsonb(n), 'completed' from generate_series(1, 50) n`,
  );
});

/** The middle of an hour of UTC, so many hours ago. */
const hoursAgo = (hours: number) =>
  `date_trunc('hour', now() at time zone 'UTC') at time zone 'UTC' - ${hours} * interval '1 hour' + interval '1 second'`;

interface Audit {
  readonly ago: number;
  readonly decision?: string;
  readonly cause?: string;
  readonly requests?: Readonly<Record<string, number>>;
  readonly findings?: readonly string[];
}

async function audit(...audits: readonly Audit[]): Promise<void> {
  for (const { ago, decision = 'clean', cause, requests = { metadata: 1 }, findings = [] } of audits) {
    await database.db.query(
      `insert into artwork_reconciler.audit (audit_entity_id, asked_by, decision, cause, requests, findings, started_at, decided_at)
       values (1, 'pacer', $1, $2, $3, $4, now(), ${hoursAgo(ago)})`,
      [decision, cause ?? null, requests, JSON.stringify(findings.map((check) => ({ check, policy: 'index' })))],
    );
  }
}

let event = 0;
async function attempt(ago: number, outcome: string, status: number | null = null): Promise<void> {
  event = (event % 50) + 1;
  await database.db.query(
    `insert into artwork_reconciler.event_attempt (event, run_id, attempt, started_at, ended_at, outcome, status)
     values ($1, gen_random_uuid()::text, 1, now(), ${hoursAgo(ago)}, $2, $3)`,
    [event, outcome, status],
  );
}

/** The hours in which something was done, by how long they are ago. */
async function activity(hours = 24) {
  const { hours: all } = await readActivity(database.db, hours);
  expect(all).toHaveLength(hours);
  return Object.fromEntries(
    all
      .map(({ hour: _, ...counts }, n) => [hours - 1 - n, counts] as const)
      .filter(([, counts]) => Object.values(counts).some((each) => Object.keys(each).length > 0)),
  );
}

const nothing = { audit: {}, not_now: {}, request: {}, attempt: {}, answer: {} };

describe('what was done hour by hour', () => {
  const do3Days = async (): Promise<void> => {
    await audit(
      { ago: 0 },
      { ago: 0, decision: 'not_now', cause: 'cool_down', requests: {} },
      { ago: 5, decision: 'manual_review', requests: { metadata: 1, download: 2 } },
      { ago: 5, requests: { metadata: 1 } },
      { ago: 70 },
    );
    await attempt(0, 'completed', 200);
    await attempt(5, 'queued', 503);
    await attempt(5, 'failed');
    await attempt(5, 'given_back', 503);
  };
  const expected = {
    0: {
      ...nothing,
      audit: { clean: 1, not_now: 1 },
      not_now: { cool_down: 1 },
      request: { metadata: 1 },
      attempt: { completed: 1 },
    },
    5: {
      ...nothing,
      audit: { clean: 1, manual_review: 1 },
      request: { download: 2, metadata: 2 },
      attempt: { failed: 1, given_back: 1, queued: 1 },
      answer: { '503': 1, none: 1 },
    },
  };

  test('is the same before the hours are counted, while some are, and after', async () => {
    await do3Days();
    expect(await activity()).toEqual(expected);
    while ((await countHours(database.db)) > 0) expect(await activity()).toEqual(expected);
    expect(await activity()).toEqual(expected);
    expect((await activity(168))[70]).toMatchObject({ audit: { clean: 1 } });
  });

  test('stays known when the history is trimmed and events are deleted', async () => {
    await do3Days();
    while ((await countHours(database.db)) > 0);
    await database.db.query('truncate artwork_reconciler.audit, artwork_indexer.event_queue cascade');
    expect(Object.keys(await activity(168))).toEqual(['5', '70']);
  });

  test('is counted once, however many count at a time, and the current hour not before it is over', async () => {
    await do3Days();
    await Promise.all(Array.from({ length: 4 }, () => countHours(database.db)));
    while ((await countHours(database.db)) > 0);
    expect(await countHours(database.db)).toBe(0);
    await audit({ ago: 0 });
    expect((await activity())[0]?.audit).toEqual({ clean: 2, not_now: 1 });
  });
});

test('an audit that was released without a known cause is counted as one of another cause', async () => {
  await audit({ ago: 5, decision: 'not_now' }, { ago: 5, decision: 'not_now', cause: 'window' });
  expect((await activity())[5]?.not_now).toEqual({ other: 1, window: 1 });
  while ((await countHours(database.db)) > 0);
  expect((await activity())[5]?.not_now).toEqual({ other: 1, window: 1 });
});

/** The same database at another moment, as far as statements ask for `now()`, or in another time zone. */
function databaseAt({ now, zone = 'UTC' }: { readonly now: string; readonly zone?: string }): Database {
  const { db } = database;
  return {
    ...db,
    transaction: (work) =>
      db.transaction(async (tx) => {
        await tx.query(`select set_config('timezone', '${zone}', true)`);
        const query = ((statement: string, values?: unknown[]) =>
          tx.query(statement.replaceAll('now()', `timestamptz '${now}'`), values)) as typeof tx.query;
        return work({ ...tx, query });
      }),
  };
}

test('an hour is counted ten minutes after its end: until then what was done in it may not be committed', async () => {
  const { db } = database;
  const countedTo = async () =>
    (await db.query<{ at: Date }>('select counted_to as at from artwork_reconciler.activity_place')).rows[0]!.at;
  const countAllAt = async (now: string, zone?: string) => {
    while ((await countHours(databaseAt({ now, ...(zone !== undefined && { zone }) }))) > 0);
    return (await countedTo()).toISOString();
  };
  expect(await countAllAt('2026-03-01T12:09:59Z')).toBe('2026-03-01T11:00:00.000Z');
  expect(await countAllAt('2026-03-01T12:10:00Z')).toBe('2026-03-01T12:00:00.000Z');
  // Whatever the session's time zone is, hours are those of UTC.
  expect(await countAllAt('2026-03-01T13:30:00Z', 'Asia/Kolkata')).toBe('2026-03-01T13:00:00.000Z');
});

test('where more was audited than is read of hours that are not counted yet, it is said to be a part', async () => {
  const { db } = database;
  const audits = (count: number) =>
    db.query(
      `insert into artwork_reconciler.audit (audit_entity_id, asked_by, decision, started_at)
       select 1, 'pacer', 'clean', now() from generate_series(1, $1)`,
      [count],
    );
  await audits(5_000);
  expect((await readActivity(db, 2)).isPart).toBe(false);
  await audits(1);
  expect((await readActivity(db, 2)).isPart).toBe(true);
});

test('a week without anybody who counts is caught up with', async () => {
  await audit({ ago: 100 });
  let counted = 0;
  for (let hours = await countHours(database.db); hours > 0; hours = await countHours(database.db)) {
    expect(hours).toBeLessThanOrEqual(24);
    counted += hours;
  }
  expect(counted).toBeGreaterThanOrEqual(7 * 24 - 1);
  expect((await activity(168))[100]?.audit).toEqual({ clean: 1 });
});

test('the most common findings are those of the most audits, not those with the most examples', async () => {
  await audit(
    { ago: 0, findings: ['index.url', 'files.thumbnail'] },
    { ago: 0, findings: ['index.url'] },
    { ago: 0, findings: ['meta.noindex', 'meta.noindex', 'meta.noindex'] },
    { ago: 0, decision: 'not_now', findings: ['item.dark'] },
    { ago: 0 },
  );
  expect(await commonFindings(database.db)).toEqual({
    findings: [
      { check: 'index.url', count: 2 },
      { check: 'files.thumbnail', count: 1 },
      { check: 'meta.noindex', count: 1 },
    ],
    of: 4,
  });
});

test('the most common findings are those of the newest audits', async () => {
  const { db } = database;
  await audit({ ago: 2, findings: ['item.dark'] });
  await db.query(
    `insert into artwork_reconciler.audit (audit_entity_id, asked_by, decision, findings, started_at)
     select 1, 'pacer', 'clean', '[{"check": "index.url", "policy": "index"}]', now() from generate_series(1, 500)`,
  );
  expect(await commonFindings(db)).toEqual({ findings: [{ check: 'index.url', count: 500 }], of: 500 });
});

test('where audits found nothing, it is known how many did', async () => {
  await audit({ ago: 0 }, { ago: 1 });
  expect(await commonFindings(database.db)).toEqual({ findings: [], of: 2 });
});
