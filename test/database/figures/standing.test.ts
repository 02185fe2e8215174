import { beforeEach, describe, expect, test } from 'vitest';
import { readConfig } from '../../../src/config/config.ts';
import {
  readAttention,
  readRecentWork,
  readStanding,
  recordStanding,
  shareInStep,
} from '../../../src/database/figures/standing.ts';
import { createTestDatabase } from '../../support/database.ts';

const config = readConfig({ file: '/dev/null', env: {} });
const timeoutSeconds = 120;
const database = await createTestDatabase({ musicbrainz: false });
beforeEach(() =>
  database.db.query(
    'truncate artwork_reconciler.audit_entity, artwork_indexer.event_queue, artwork_reconciler.standing_day cascade',
  ),
);

const none = { unchecked: 7, audit_in_progress: 7, clean: 0, manual_review: 0, repair_queue: 0, legacy: 0 };

test.each([
  [none, null],
  [{ ...none, clean: 3 }, 1],
  [{ ...none, clean: 2, legacy: 2 }, 0.5],
  [{ ...none, clean: 1, manual_review: 1, repair_queue: 2 }, 0.25],
  [{ ...none, repair_queue: 1 }, 0],
])('of what was decided about in %j, in step are %j', (counts, share) => {
  expect(shareInStep(counts)).toBe(share);
});

/** Adds entities of a status. */
async function entities(status: string, count: number): Promise<void> {
  await database.db.query(
    `insert into artwork_reconciler.audit_entity (entity_type, gid, status)
     select 'release', gen_random_uuid(), $1::artwork_reconciler.audit_entity_status from generate_series(1, $2)`,
    [status, count],
  );
}

const today = `(now() at time zone 'UTC')::date`;

describe('how the archive stood', () => {
  test('today is as it was written down last, by the day of UTC', async () => {
    const { db } = database;
    await entities('clean', 1);
    await recordStanding(db);
    await entities('manual_review', 2);
    await recordStanding(db);
    const { rows } = await db.query(
      `select day = ${today} as "isToday", status::text, count from artwork_reconciler.standing_day
       where count > 0 order by status`,
    );
    expect(rows).toEqual([
      { isToday: true, status: 'clean', count: 1 },
      { isToday: true, status: 'manual_review', count: 2 },
    ]);
  });

  test('in each of the last twelve weeks is as it stood on the last day that is known, the current week last', async () => {
    const { db } = database;
    const stood = async (day: string, clean: number, inReview: number): Promise<string> => {
      const { rows } = await db.query<{ day: string }>(
        `insert into artwork_reconciler.standing_day (day, status, count)
         values (${day}, 'clean', $1), (${day}, 'manual_review', $2) returning day::text as day`,
        [clean, inReview],
      );
      return rows[0]!.day;
    };
    const monday = `date_trunc('week', ${today})::date`;
    await stood(`${today} - 91`, 9, 1);
    const first = await stood(`${today} - 83`, 1, 4);
    await stood(`${monday} - 7`, 1, 1);
    const sunday = await stood(`${monday} - 1`, 3, 1);
    const now = await stood(today, 1, 0);
    expect((await readStanding(db, config, timeoutSeconds)).weeks).toEqual([
      { day: first, share: 0.2 },
      { day: sunday, share: 0.75 },
      { day: now, share: 1 },
    ]);
  });
});

test('requests are counted of so many audits at most, and then there may be more', async () => {
  const { db } = database;
  await entities('clean', 1);
  const audits = (count: number) =>
    db.query(
      `insert into artwork_reconciler.audit (audit_entity_id, asked_by, decision, requests, started_at)
       select id, 'pacer', 'clean', '{"metadata": 1, "ws": 1}', now()
       from artwork_reconciler.audit_entity, generate_series(1, $1)`,
      [count],
    );
  await audits(4_999);
  expect((await readRecentWork(db, 60)).requests).toEqual({ count: 9_998, exact: true });
  await audits(2);
  expect((await readRecentWork(db, 60)).requests).toEqual({ count: 10_000, exact: false });
});

test('failed events wait for a person until one dismisses them', async () => {
  const { db } = database;
  await db.query(
    `insert into artwork_indexer.event_queue (entity_type, action, message, state)
     select 'release', 'noop', to_jsonb(n), 'failed' from generate_series(1, 3) n`,
  );
  await db.query(
    `insert into artwork_reconciler.event_dismissal (event, last_updated, actor)
     select id, last_updated, 'ida' from artwork_indexer.event_queue limit 1`,
  );
  const { failedEvents, openReviews } = await readAttention(db, config, timeoutSeconds);
  expect([failedEvents, openReviews]).toEqual([
    { count: 2, exact: true },
    { count: 0, exact: true },
  ]);
});
