import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { openDependencies } from '../src/activities/dependencies.ts';
import { createHousekeeper } from '../src/activities/housekeeping.ts';
import { readConfig } from '../src/config/config.ts';
import { trimHistory } from '../src/database/audits/trim-history.ts';
import type { Database, Transaction } from '../src/database/connection.ts';
import { claimPacedBatch } from '../src/database/entities/claims.ts';
import { recheckEntities } from '../src/database/entities/make-due.ts';
import { readStanding } from '../src/database/figures/standing.ts';
import { paceTick } from '../src/database/pace/pace-tick.ts';
import { findDueEvents } from '../src/database/queue/due-events.ts';
import type { EntityType } from '../src/domain/entity.ts';
import { visitPages } from './dashboard.ts';
import { fillLargeArchive } from './large-archive.ts';
import { median, rounded, timed } from './measure.ts';
import type { TableRow } from './table.ts';

/** Entities; the database grows from each to the next. `BENCH_SIZES` for others. */
const sizes = (process.env['BENCH_SIZES'] ?? '1000000,2000000,5000000').split(',').map(Number);
/** What the figures are extended to: five times as many entities as there are. */
const extendedTo = 20_000_000;
const runs = 15;
export const config = readConfig({ file: '/dev/null', env: { ARCHIVE_CONTACT: 'bench' } });

/** What a step takes: milliseconds, and the blocks of 8 KB that it reads, of which a busy machine makes no more. */
interface Cost {
  readonly ms: number;
  readonly blocks: number;
}

/**
 * What grows with the number of entities, and what doesn't: medians at each size, the last one divided by the first, and
 * where a straight line through all of them (least squares) would be at 20,000,000.
 *
 * @param db with a single connection, whose work is counted
 */
export async function measureGrowth(db: Database): Promise<readonly TableRow[]> {
  const measured = new Map<string, Cost[]>();
  for (const [n, size] of sizes.entries()) {
    await fillLargeArchive(db, size, sizes[n - 1] ?? 0);
    for (const [what, cost] of await measureAt(db)) measured.set(what, [...(measured.get(what) ?? []), cost]);
    process.stderr.write(`scale: measured at ${size} entities\n`);
  }
  return [...measured].map(([what, costs]) => ({
    what,
    ...grown(
      'ms',
      costs.map(({ ms }) => ms),
    ),
    ...grown(
      'blocks',
      costs.map(({ blocks }) => blocks),
    ),
  }));
}

function grown(unit: string, at: readonly number[]): TableRow {
  return {
    ...Object.fromEntries(sizes.map((size, n) => [`${unit}_at_${size}`, rounded(at[n] ?? 0)])),
    [`${unit}_growth`]: rounded((at.at(-1) ?? 0) / (at[0] || 1)),
    [`${unit}_at_${extendedTo}`]: rounded(lineThrough(sizes, at)(extendedTo)),
  };
}

async function measureAt(db: Database): Promise<readonly (readonly [what: string, cost: Cost])[]> {
  const round = housekeepingRound(db);
  // What was never counted, noticed or settled before takes its time once.
  while ((await round()) > 0);
  let tick = Date.now();
  const claim = (entityTypes: readonly EntityType[] | null): Promise<void> =>
    undone(db, (tx) => claimPacedBatch(tx, { shares: [{ count: 100, entityTypes }], batch: 'bench' }));
  const steps: Readonly<Record<string, () => Promise<unknown>>> = {
    'claim of 100': () => claim(null),
    'claim of 100 of one entity type': () => claim(['event']),
    'tick of the pacer': () => paceTick(db, { now: new Date((tick += 60_000)) }, config),
    'recheck of 1,000': () => undone(db, (tx) => recheckEntities(tx, { recheckDays: 1 })),
    'poll of the dispatcher': () => findDueEvents(db, 4 * config.events.concurrency, config),
    'round of housekeeping': round,
    // Its page keeps them for a while.
    'figures of the overview': () => readStanding(db, config, 10),
    // None goes: each is the newest of its entity.
    'look at 20,000 old audits': () =>
      trimHistory(db, { ...config, housekeeping: { ...config.housekeeping, keepAuditDays: 0 } }),
  };
  const measured: (readonly [string, Cost])[] = [];
  for (const [what, step] of Object.entries(steps)) measured.push([what, await costOf(db, step)]);
  const pages = visitPages(db, async (path, visit) => [`page ${path}`, await costOf(db, visit)] as const);
  return [...measured, ...(await pages)];
}

/** The first time reads from the disk what any running deployment has read, and isn't counted. */
async function costOf(db: Database, step: (n: number) => Promise<unknown>): Promise<Cost> {
  await step(0);
  const times: number[] = [];
  const blocks = await blocksOf(db, async () => {
    for (let run = 1; run <= runs; run += 1) times.push((await timed(() => step(run))) * 1000);
  });
  return { ms: median(times), blocks: blocks / runs };
}

/** Blocks that some work reads by this connection, from the cache or not. */
export async function blocksOf(db: Database, work: () => Promise<unknown>): Promise<number> {
  const before = await blocksRead(db);
  await work();
  return (await blocksRead(db)) - before;
}

async function blocksRead(db: Database): Promise<number> {
  await db.query('select pg_stat_force_next_flush()');
  const { rows } = await db.query<{ blocks: number }>(
    `select sum(hits + read_bytes / 8192)::float8 as blocks from pg_stat_get_backend_io(pg_backend_pid())`,
  );
  return rows[0]?.blocks ?? 0;
}

/** What housekeeping does in the database. @returns how much it found to do */
function housekeepingRound(db: Database): () => Promise<number> {
  const dependencies = openDependencies({
    db,
    config: () => config,
    run: () => ({ workflowId: null, runId: 'bench' }),
  });
  // No workflow has claimed anything, so Temporal is asked nothing.
  const { giveBackEvents, giveBackAudits, moveOnAndDelete } = createHousekeeper({
    ...dependencies,
    temporal: {} as Client,
  });
  const environment = new MockActivityEnvironment();
  return async () => {
    const counts: number[] = [];
    for (const step of [giveBackEvents, giveBackAudits, moveOnAndDelete]) {
      await environment.run(async () => counts.push(...Object.values(await step())));
    }
    return counts.reduce((sum, count) => sum + count, 0);
  };
}

class Undone extends Error {}

async function undone(db: Database, work: (tx: Transaction) => Promise<unknown>): Promise<void> {
  const done = db.transaction(async (tx) => {
    await work(tx);
    throw new Undone();
  });
  await done.catch((error: unknown) => {
    if (!(error instanceof Undone)) throw error;
  });
}

/** The straight line with the least squares. */
function lineThrough(xs: readonly number[], ys: readonly number[]): (x: number) => number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(xs), mean(ys)];
  const spread = mean(xs.map((x) => (x - meanX) ** 2));
  const slope = spread === 0 ? 0 : mean(xs.map((x, n) => (x - meanX) * ((ys[n] ?? 0) - meanY))) / spread;
  return (x) => Math.max(0, meanY + slope * (x - meanX));
}
