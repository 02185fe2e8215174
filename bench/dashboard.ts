import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { readConfig } from '../src/config/config.ts';
import { serveDashboard } from '../src/dashboard/app.tsx';
import { type Database, openDatabase } from '../src/database/connection.ts';
import { countHours } from '../src/database/figures/activity.ts';
import { migrateUp } from '../src/database/schema/migrate.ts';
import { startEmbeddedPostgres } from '../src/embedded/postgres.ts';
import { installMusicbrainzFixture } from '../src/simulator/musicbrainz/seed.ts';
import { TemporalUnreachableError } from '../src/temporal/connection.ts';
import type { Bench } from './bench.ts';
import { fillLargeArchive } from './large-archive.ts';
import { percentile, rounded, timed } from './measure.ts';

/** Entities; the rest is in proportion. `BENCH_ROWS` for less. */
const entities = Number(process.env['BENCH_ROWS'] ?? 5_000_000);
/** How often each page is asked for. */
const visits = Number(process.env['BENCH_VISITS'] ?? 40);

/** How long each page takes beside the records of a whole archive, over HTTP, one visitor at a time. */
export const dashboard: Bench = {
  name: 'dashboard',
  async run() {
    const postgres = await startEmbeddedPostgres({
      settings: { fsync: 'off', shared_buffers: '512MB', max_wal_size: '8GB', maintenance_work_mem: '512MB' },
    });
    const db = openDatabase({ connectionString: postgres.url, unlimited: true });
    try {
      await installMusicbrainzFixture(db);
      await migrateUp({ connectionString: postgres.url });
      await fillLargeArchive(db, entities);
      // As a worker's housekeeping has done where a dashboard is open.
      while ((await countHours(db)) > 0);
      const pages = await visitPages(db, measure);
      const table = pages.map(({ path, p50_ms, p95_ms }) => ({ what: path, p50_ms, p95_ms }));
      return { table, json: { entities, pages } };
    } finally {
      await db.close();
      await postgres.stop();
      await rm(postgres.folder, { recursive: true, force: true });
    }
  },
};

interface MeasuredPage {
  readonly path: string;
  readonly p50_ms: number;
  readonly p95_ms: number;
}

/**
 * Serves the dashboard for as long as its pages are visited, one after the other.
 *
 * @param each receives a page as the result names it, and its nth visit
 */
export async function visitPages<Result>(
  db: Database,
  each: (path: string, visit: (n: number) => Promise<void>) => Promise<Result>,
): Promise<Result[]> {
  const config = readConfig({ file: '/dev/null', env: { DASHBOARD_LISTEN: '127.0.0.1:0', ARCHIVE_CONTACT: 'bench' } });
  const silent = () => undefined;
  const served = await serveDashboard({
    db,
    config: () => config,
    // Not there: no page may wait for it.
    temporal: () => Promise.reject(new TemporalUnreachableError({ connectionOptions: {} }, new Error('not there'))),
    temporalUi: null,
    secret: randomBytes(32).toString('base64url'),
    log: { info: silent, warn: silent, error: silent },
  });
  try {
    const results: Result[] = [];
    for (const page of await pagesToVisit(db)) results.push(await each(page.path, (n) => visit(served.url, page, n)));
    return results;
  } finally {
    await served.stop();
  }
}

interface PageToVisit {
  /** As the result names it. */
  readonly path: string;
  /** The address of the nth visit. */
  readonly of: (visit: number) => string;
  /** Whether it is a list that has rows: without any, it would be no page of a large archive that was measured. */
  readonly hasRows: boolean;
}

async function visit(url: string, { of, hasRows }: PageToVisit, n: number): Promise<void> {
  const answer = await fetch(`${url}${of(n)}`);
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${of(n)} answered ${answer.status}: expected 200; nothing was measured`);
  if (hasRows && !text.includes(' data-row="')) throw new Error(`${of(n)} lists nothing; nothing was measured`);
}

async function measure(path: string, visit: (n: number) => Promise<void>): Promise<MeasuredPage> {
  // The first one fills the caches that any running dashboard has.
  await visit(0);
  const times: number[] = [];
  for (let n = 1; n <= visits; n += 1) times.push((await timed(() => visit(n))) * 1000);
  return { path, p50_ms: rounded(percentile(times, 0.5)), p95_ms: rounded(percentile(times, 0.95)) };
}

/** Every page, with the filters that cost most; what stands for many rows is another one at each visit. */
async function pagesToVisit(db: Database): Promise<PageToVisit[]> {
  const gids = await column(
    db,
    `select entity_type || '/' || gid as value from artwork_reconciler.audit_entity where id % 1000 = 1 limit 100`,
  );
  const failed = await column(
    db,
    `select id::text as value from artwork_indexer.event_queue where state = 'failed' order by id limit 100`,
  );
  const reviews = await column(
    db,
    `select id::text as value from artwork_reconciler.needs_manual_review order by id limit 100`,
  );
  const middle = {
    event: await middleOf(db, `select id from artwork_indexer.event_queue where state = 'failed'`),
  };
  const each = (path: string, values: readonly string[]): PageToVisit => ({
    path: `${path}/…`,
    of: (visit) => `${path}/${values[visit % values.length]}`,
    hasRows: false,
  });
  const same = (path: string): PageToVisit => ({ path, of: () => path, hasRows: false });
  const list = (path: string): PageToVisit => ({ path, of: () => path, hasRows: true });
  return [
    ...['/', '/schedule'].map(same),
    ...['/record', '/record?actor=operator+3'].map(list),
    ...['/entities', '/entities?status=clean', '/entities?status=manual_review', '/entities?check=files.image'].map(
      list,
    ),
    each('/entities', gids),
    ...['/events', '/events?state=completed', '/events?state=queued', '/events?action=delete_image'].map(list),
    list('/events?reason=SlowDown'),
    same('/events?reason=nothing+has+this'),
    list('/events/reasons'),
    { path: '/events?after=…', of: () => `/events?after=${middle.event}`, hasRows: true },
    each('/events', failed),
    ...['/reviews', '/reviews?status=resolved', '/reviews?check=item.dark', '/reviews?regressed=1'].map(list),
    each('/reviews', reviews),
    list('/findings'),
  ];
}

async function column(db: Database, sql: string): Promise<string[]> {
  const { rows } = await db.query<{ value: string }>(sql);
  return rows.map(({ value }) => value);
}

async function middleOf(db: Database, rows: string): Promise<number> {
  const { rows: found } = await db.query<{ id: number }>(
    `select id from (${rows}) each order by id offset (select count(*) / 2 from (${rows}) counted) limit 1`,
  );
  return found[0]?.id ?? 0;
}
