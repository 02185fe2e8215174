import { rm } from 'node:fs/promises';
import { backfillMusicbrainzBatch } from '../src/database/musicbrainz/backfill-batch.ts';
import { openDatabase, type Database } from '../src/database/connection.ts';
import { claimPacedBatch } from '../src/database/entity-states/index.ts';
import { migrateUp } from '../src/database/migrate.ts';
import { startEmbeddedPostgres } from '../src/embedded/postgres.ts';
import { installMusicbrainzFixture } from '../src/simulator/musicbrainz/fixture.ts';
import { batchRows } from '../src/activities/backfill.ts';
import type { Bench } from './bench.ts';
import { median, rounded } from './measure.ts';

/** About as many releases and events as have, or had, art. `BENCH_ROWS` for less. */
const rows = Number(process.env['BENCH_ROWS'] ?? 5_000_000);
const claimed = 100;
const claims = 50;

/** What the tables of a whole archive cost: feeding it, claiming from it, its sizes. */
export const scale: Bench = {
  name: 'scale',
  async run() {
    const postgres = await startEmbeddedPostgres({
      settings: { fsync: 'off', shared_buffers: '512MB', max_wal_size: '8GB', maintenance_work_mem: '512MB' },
    });
    const db = openDatabase({ connectionString: postgres.url, query_timeout: 0 });
    try {
      await installMusicbrainzFixture(db);
      await migrateUp({ connectionString: postgres.url });
      await seedReleases(db);
      const bare = await bareInsert(db);
      const backfill = await wholeBackfill(db);
      await db.query('vacuum analyze artwork_reconciler.audit_entity');
      const claim = await claimMilliseconds(db);
      const measured = {
        rows,
        claim_ms_median: rounded(claim),
        claim_plan: await claimPlan(db),
        backfill_ratio: rounded(backfill / bare),
        bare_insert_seconds: rounded(bare),
        backfill_seconds: rounded(backfill),
      };
      const sizesMb = await sizes(db);
      const table = [measured, ...Object.entries(sizesMb).map(([relation, mb]) => ({ rows: relation, mb }))];
      return { table, json: { ...measured, sizes_mb: sizesMb } };
    } finally {
      await db.close();
      await postgres.stop();
      await rm(postgres.folder, { recursive: true, force: true });
    }
  },
};

/** Releases with art as the flag tells; without the rows that neither side of the comparison reads. */
async function seedReleases(db: Database): Promise<void> {
  await db.transaction(async (tx) => {
    // No triggers and no foreign keys: they would take most of the time, and are not what is measured.
    await tx.query(`set local session_replication_role = 'replica'`);
    await tx.query(
      `insert into musicbrainz.release (id, gid, name, artist_credit, release_group)
       select id, gen_random_uuid(), 'Release ' || id, 1, 1 from generate_series(1, $1::int) id`,
      [rows],
    );
    await tx.query(
      `insert into musicbrainz.release_meta (id, cover_art_presence) select id, 'present' from musicbrainz.release`,
    );
  });
  await db.query('vacuum analyze musicbrainz.release, musicbrainz.release_meta');
}

/** Seconds of one INSERT … SELECT of the same rows into the same, empty table. */
async function bareInsert(db: Database): Promise<number> {
  const seconds = await timed(() =>
    db.query(
      `insert into artwork_reconciler.audit_entity (entity_type, gid, priority)
       select 'release', gid, 100 from musicbrainz.release order by id`,
    ),
  );
  await db.query('truncate artwork_reconciler.audit_entity cascade');
  return seconds;
}

async function wholeBackfill(db: Database): Promise<number> {
  return timed(async () => {
    const batch = { entityType: 'release', limit: batchRows, recentDays: 30, dryRun: false } as const;
    for (let afterId: number | null = 0; afterId !== null;) {
      afterId = (await backfillMusicbrainzBatch(db, { ...batch, afterId })).nextAfterId;
    }
  });
}

async function claimMilliseconds(db: Database): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < claims; run += 1) {
    const work = () => db.transaction((tx) => claimPacedBatch(tx, { count: claimed, batch: `bench-${run}` }));
    times.push((await timed(work)) * 1000);
  }
  return median(times);
}

/** The index by which the order of the claim is read. */
async function claimPlan(db: Database): Promise<string> {
  const { rows: plan } = await db.query<{ 'QUERY PLAN': string }>(
    `explain select id from artwork_reconciler.audit_entity where status = 'unchecked' and due_at is null
     order by priority desc, last_audit_at nulls first, id limit ${claimed} for update skip locked`,
  );
  const text = plan.map((line) => line['QUERY PLAN']).join(' ');
  return /Index(?: Only)? Scan using (\w+)/.exec(text)?.[1] ?? text;
}

async function sizes(db: Database): Promise<Record<string, number>> {
  const { rows: found } = await db.query<{ name: string; bytes: number }>(
    `select relname as name, pg_relation_size(oid) as bytes from pg_class
     where oid = 'artwork_reconciler.audit_entity'::regclass
        or oid in (select indexrelid from pg_index where indrelid = 'artwork_reconciler.audit_entity'::regclass)
     order by relkind desc, relname`,
  );
  return Object.fromEntries(found.map(({ name, bytes }) => [name, Math.round(bytes / 1024 / 1024)]));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - began) / 1e9;
}
