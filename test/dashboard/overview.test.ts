import { beforeEach, describe, expect, test } from 'vitest';
import { ticksTo } from '../../src/dashboard/layout/stacked-bars.tsx';
import { coolDown } from '../../src/database/brakes/budget.ts';
import { setBrake } from '../../src/database/brakes/stored-brakes.ts';
import { countHours } from '../../src/database/figures/activity.ts';
import { recordStanding } from '../../src/database/figures/standing.ts';
import { openDatabase } from '../../src/database/connection.ts';
import { changeMode } from '../../src/database/pace/mode.ts';
import { announceWorker } from '../../src/database/workers.ts';
import { dashboardParts, textOf, visitorOf } from '../support/dashboard.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();
beforeEach(async () => {
  await database.db.query(
    `truncate artwork_reconciler.audit_entity, artwork_indexer.event_queue, artwork_reconciler.activity_hour, artwork_reconciler.standing_day,
       artwork_reconciler.brake, artwork_reconciler.budget cascade`,
  );
});

/** Each visitor is one of a dashboard of their own, which has read nothing yet. */
const overview = (path = '/', settings = {}) => visitorOf(dashboardParts({ ...database, settings })).get(path);

/** The figure of a tile by where it leads. */
const figureOf = (body: string, href: string) =>
  new RegExp(`<a href="${href.replace(/[?.]/g, '\\$&')}"><span class="figure">([^<]+)</span>`).exec(body)?.[1];

async function fill(): Promise<void> {
  const { db } = database;
  await db.query(
    `insert into artwork_reconciler.audit_entity (entity_type, gid, status, last_audit_at)
     select 'release', gen_random_uuid(), 'clean', now() - n * interval '100 days' from generate_series(0, 7) n`,
  );
  await db.query(
    `insert into artwork_reconciler.audit (audit_entity_id, asked_by, decision, requests, findings, started_at, decided_at)
     select id, 'pacer', 'repair_queue', '{"metadata": 2}', '[{"check": "index.url", "policy": "index"}]', now(), now() - interval '30 minutes'
     from artwork_reconciler.audit_entity`,
  );
  await db.query(
    `insert into artwork_reconciler.needs_manual_review (audit_entity_id, review_reason, regressed)
     select id, 'x', n = 1 from artwork_reconciler.audit_entity cross join lateral (select row_number() over () as n) one
     order by id limit 3`,
  );
  await db.query(
    `insert into artwork_indexer.event_queue (entity_type, action, message, state, attempts, created, last_updated)
     select 'release', 'noop', to_jsonb(n), state::artwork_indexer.event_state, 5, now() - interval '3 days', now() - interval '2 days'
     from generate_series(1, 2) n, unnest('{failed, running}'::text[]) state`,
  );
  await db.query(
    `insert into artwork_indexer.event_queue (entity_type, action, message, created, last_updated)
     values ('release', 'noop', '{"due": true}', now() - interval '5 hours', now() - interval '5 hours')`,
  );
}

describe('the overview', () => {
  test('after an upgrade that counts the week again it says what is missing, and until when', async () => {
    const { db } = database;
    await db.query(
      `with entity as (
         insert into artwork_reconciler.audit_entity (entity_type, gid, status) values ('release', gen_random_uuid(), 'clean') returning id
       )
       insert into artwork_reconciler.audit (audit_entity_id, asked_by, decision, requests, findings, started_at, decided_at)
       select id, 'pacer', 'clean', '{}', '[]', now(), now() - n * interval '10 seconds' from entity, generate_series(1, 5001) n`,
    );
    // What migration 0037 does.
    await db.query(`update artwork_reconciler.activity_place set counted_to = now() - interval '7 days'`);
    const text = async () => textOf((await overview()).body);
    expect(await text()).toMatch(
      /since 7 days ago are being counted, as after an upgrade.* counts 24 of these 16\d every 150 s: .* ends in about 18 min/,
    );
    while ((await countHours(db)) > 0);
    expect(await text()).not.toContain('being counted');
  });

  test('says of builds what Temporal does, or that it doesn’t, only where workers are versioned', async () => {
    expect((await overview()).body).not.toContain('id="builds"');
    const { body } = await overview('/', { WORKER_DEPLOYMENT: 'artwork-reconciler' });
    expect(body).toContain('Temporal doesn’t say which builds of the workers there are');
  });

  test('of nothing says so', async () => {
    const { status, body } = await overview();
    expect(status).toBe(200);
    expect(body).toContain('No brake is on.');
    expect(body).toContain('no entities yet');
    expect(body).toContain('None of the last 0 audits found anything.');
    expect(body).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('says the mode, and in what the workers differ', async () => {
    const { db } = database;
    await changeMode(db, { mode: 'report' }, { mode: 'repair', by: { actor: 'ida' } });
    const worker = { forSeconds: 60, settings: { '[events] concurrency': '4' } };
    await announceWorker(db, { ...worker, id: '11111111-1111-4111-8111-111111111111', name: '1@one' });
    expect((await overview()).body).not.toContain('differing-workers');
    const settings = { '[events] concurrency': '8' };
    await announceWorker(db, { ...worker, id: '22222222-2222-4222-8222-222222222222', name: '2@two', settings });
    const { body } = await overview();
    expect(body).toMatch(/Mode: repair.*, set by ida, <time [^>]*>\d+ s ago<\/time>/);
    // Once, and no moment that one has to take apart.
    expect(textOf(body)).not.toMatch(/Mode:|\d{4}-\d\d-\d\dT/);
    expect(body).toContain('[events] concurrency: 4 at 1@one; 8 at 2@two');
  });

  test('has each figure lead to the list behind it', async () => {
    await fill();
    const { body } = await overview();
    expect(figureOf(body, '/entities?newer=1h')).toBe('8');
    // In step of what was decided about: all eight are clean.
    expect(figureOf(body, '/entities?status=clean')).toBe('100 %');
    expect(figureOf(body, '/entities?older=365d')).toBe('50 %');
    expect(figureOf(body, '/events?state=failed')).toBe('2');
    expect(figureOf(body, '/events?state=running')).toBe('2');
    expect(figureOf(body, '/events?state=queued')).toBe('5 h');
    expect(figureOf(body, '/reviews')).toBe('3');
    expect(figureOf(body, '#requests')).toBe('16');
    // Reasons that are no finding are for operators.
    expect(figureOf(body, '/reviews?audience=operators')).toBe('3');
    expect(figureOf(body, '/events?state=completed')).toBe('0');
    expect(body).toContain('href="/entities?check=index.url"');
    expect(body).toContain('href="/entities?status=clean"');
  });

  test('says which brakes are on, and why', async () => {
    await setBrake(database.db, { name: 'breaker', reason: 'they all say <so>' });
    await coolDown(database.db, 'archive', { defaultSeconds: 600, reason: 'SlowDown' });
    const { body } = await overview();
    expect(body).toContain('they all say &lt;so&gt;');
    expect(body).toContain('SlowDown');
    expect(body).toContain('cooling down for');
  });

  test('counts the last 60 minutes and 24 hours to the minute, whatever the clock says', async () => {
    await fill();
    const { db } = database;
    await db.query(
      `insert into artwork_reconciler.audit_repair (audit_id, position, action, message, outcome, ended_at)
       select (select max(id) from artwork_reconciler.audit), n, 'index', '{}', outcome, now() - n * interval '25 minutes'
       from generate_series(1, 4) n, unnest('{completed}'::text[]) outcome`,
    );
    await db.query(
      `update artwork_reconciler.needs_manual_review
       set status = 'resolved', resolved_by = 'ida', resolved_at = now() - interval '61 minutes'
       where id = (select min(id) from artwork_reconciler.needs_manual_review)`,
    );
    const { body } = await overview();
    expect(figureOf(body, '/events?state=completed')).toBe('2');
    expect(body).toContain('4 in 24 hours');
    expect(figureOf(body, '/reviews?status=any')).toBe('0');
    expect(body).toContain('1 in 24 hours');
  });

  test('says what was done since a moment that is chosen, and by whom', async () => {
    await fill();
    await database.db.query(
      `insert into artwork_reconciler.activity_hour (hour, what, key, count) values
         (now() - interval '3 days', 'answered', 'archive put 2xx', 1200), (now() - interval '3 days', 'review', 'ida', 4)`,
    );
    await database.db.query(
      `update artwork_reconciler.activity_place set counted_to = date_trunc('hour', now()) - interval '3 hours'`,
    );
    const work = async (query = '') => {
      const { status, body } = await overview(`/${query}`);
      expect(status).toBe(200);
      return /<section id="work".*?<\/section>/s.exec(body)![0];
    };
    expect(await work()).not.toContain('ida');
    const week = await work('?since=7d&period=week');
    expect(week).toMatch(/archive put: 2xx<\/th><td class="number">1,200</);
    expect(week).toMatch(/ida<\/th><td class="number">4</);
    expect(week).toContain('<option value="7d" selected');
    expect(week).toContain('name="period" value="week"');
    expect(await work('?since=2026-01-01')).toContain('since 2026-01-01');
    const { status, body } = await overview('/?since=tomorrow');
    expect(status).toBe(400);
    expect(body).toContain('since takes today, yesterday, a day like');
    await database.db.query(`update artwork_reconciler.activity_place set counted_to = '-infinity'`);
  });

  test('shows over the weeks what share of the archive is in step', async () => {
    await fill();
    const { db } = database;
    await db.query(
      `insert into artwork_reconciler.standing_day (day, status, count)
       select date_trunc('week', now() at time zone 'UTC')::date - days, status::artwork_reconciler.audit_entity_status, 5
       from (values (7, 'manual_review'), (1, 'clean'), (1, 'manual_review'), (1, 'legacy')) last_week (days, status)`,
    );
    await recordStanding(db);
    await recordStanding(db);
    const { body } = await overview();
    expect(body).toMatch(/aria-label="In step, week by week: 33 % by [\d-]+, 100 % by [\d-]+"/);
  });

  test('marks the answers by which the archive asks for fewer requests, and cool-downs', async () => {
    await fill();
    const { db } = database;
    await db.query(
      `insert into artwork_reconciler.event_attempt (event, run_id, attempt, started_at, ended_at, outcome, reason, status)
       select (select min(id) from artwork_indexer.event_queue), status::text, 1, now(), now(), 'queued', 'x', status
       from unnest('{404, 429, 503}'::int[]) status`,
    );
    await coolDown(db, 'archive', { defaultSeconds: 600, reason: 'SlowDown' });
    const { body } = await overview();
    const marked = [...body.matchAll(/>(\d{3})<\/a>( <span class="badge is-slow-down">)?/g)];
    expect(marked.map(([, status, mark]) => [status, mark !== undefined]).sort()).toEqual([
      ['404', false],
      ['429', true],
      ['503', true],
    ]);
    expect(body).toMatch(/archive is asked again in (9|10) min/);
  });

  test('draws charts that can be heard, and read as tables', async () => {
    await fill();
    const { body } = await overview();
    expect(body.match(/<svg[^>]* role="img" aria-labelledby="[^"]+ [^"]+"/g)).toHaveLength(2);
    expect(body).toContain('8 audits in the last 24 hours, hour by hour; the pace is 600 an hour.');
    expect(body.match(/<rect class="series-2" x=/g)).toHaveLength(1);
    expect(body.match(/<details id="[a-z-]+-table">/g)).toHaveLength(2);
    expect(body).not.toMatch(/ style=/);
  });

  test('shows a week as well', async () => {
    const { body } = await overview('/?period=week');
    expect(body.match(/<tr><th scope="row">\d{4}-\d\d-\d\d \d\d:00/g)).toHaveLength(2 * 168);
  });

  test('its counts of answers, and of audits that were released, lead to what they count', async () => {
    await fill();
    await database.db.query(
      `insert into artwork_reconciler.event_attempt (event, run_id, attempt, started_at, ended_at, outcome, reason, status)
       select id, n::text, n, now(), now() - interval '10 minutes', 'queued', 'HTTP 503 SlowDown: x (PUT y)',
              case when n > 1 then 503 end
       from (select min(id) as id from artwork_indexer.event_queue where state = 'failed') event,
            generate_series(1, 3) n`,
    );
    await database.db.query(
      `insert into artwork_indexer.event_failure_reason (event, failure_reason)
       select event, reason from artwork_reconciler.event_attempt limit 1`,
    );
    await database.db.query(
      `insert into artwork_reconciler.audit (audit_entity_id, asked_by, decision, reason, cause, requests, findings, started_at, decided_at)
       select id, 'pacer', 'not_now', 'x', cause, '{}', '[]', now(), now() - interval '10 minutes'
       from (select min(id) as id from artwork_reconciler.audit_entity) entity, unnest('{settling, odd}'::text[]) cause`,
    );
    const { body } = await overview();
    const tables = /id="requests">(.*?)<\/section>/s.exec(body)?.[1] ?? body;
    const links = [...tables.matchAll(/<a href="([^"]*)">(503|settling)</g)].map(([, href]) => href);
    expect(links).toEqual([
      '/events?state=any&amp;dismissed=shown&amp;reason=HTTP%20503',
      '/entities?status=unchecked&amp;cause=settling',
    ]);
    // Nothing lists those without an answer, nor those of no cause that is known.
    expect(tables).toContain('<th scope="row">no answer</th>');
    expect(tables).toContain('<th scope="row">odd</th>');
    expect((await overview(links[0]!.replaceAll('&amp;', '&'))).body).toContain('HTTP 503 SlowDown');
    expect((await overview(links[1]!.replaceAll('&amp;', '&'))).status).toBe(200);
  });

  test('is kept live', async () => {
    expect((await overview('/', { DASHBOARD_LIVE_SECONDS: '7' })).body).toContain('data-live="7"');
  });

  test.each(['period=year', 'period=day&period=week'])('says what is wrong with %s', async (query) => {
    expect((await overview(`/?${query}`)).status).toBe(400);
  });

  test('is 503 while the database is away', async () => {
    const away = openDatabase({ host: '127.0.0.1', port: 1 });
    const { status, body } = await visitorOf(dashboardParts({ db: away })).get('/');
    expect([status, body]).toEqual([503, expect.stringContaining('The database can’t be reached') as string]);
    await away.close();
  });
});

test.each([
  [0, [0, 1]],
  [3, [0, 1, 2, 3]],
  [7, [0, 2, 4, 6, 8]],
  [600, [0, 200, 400, 600]],
  [36_001, [0, 10_000, 20_000, 30_000, 40_000]],
])('a chart up to %d has lines at %j', (most, ticks) => {
  expect(ticksTo(most)).toEqual(ticks);
});
