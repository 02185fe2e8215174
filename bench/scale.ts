import { rm } from 'node:fs/promises';
import { batchRows } from '../src/activities/backfill.ts';
import { readReportedFindings } from '../src/database/audits/findings.ts';
import { type Database, openDatabase } from '../src/database/connection.ts';
import { type FindingFilter, findingList } from '../src/database/entities/list-findings.ts';
import { readList } from '../src/database/lists/list.ts';
import { backfillMusicbrainzBatch } from '../src/database/ingest/backfill-batch.ts';
import { migrateUp } from '../src/database/schema/migrate.ts';
import { startEmbeddedPostgres } from '../src/embedded/postgres.ts';
import { installMusicbrainzFixture } from '../src/simulator/musicbrainz/seed.ts';
import type { Bench } from './bench.ts';
import { measureGrowth } from './growth.ts';
import { contentsCost } from './image-contents.ts';
import { median, rounded, timed, usageOf } from './measure.ts';
import { seedAudits, seedWaitingRepairs } from './scale-audits.ts';
import { measureVacuum } from './vacuum.ts';

/** About as many releases and events as have, or had, art. `BENCH_ROWS` for less. */
const rows = Number(process.env['BENCH_ROWS'] ?? 5_000_000);
const pages = 25;

/** Backfill and bare inserts take turns, so that a machine that is busy now and then is so for both. */
const turns = 10;

/** What the tables of a whole archive cost: as they grow, as they are vacuumed, to fill, and to list what was found. */
export const scale: Bench = {
  name: 'scale',
  async run() {
    const postgres = await startEmbeddedPostgres({
      settings: {
        fsync: 'off',
        // Each part vacuums where it says so.
        autovacuum: 'off',
        shared_buffers: '512MB',
        max_wal_size: '8GB',
        maintenance_work_mem: '512MB',
      },
    });
    const db = openDatabase({ connectionString: postgres.url, unlimited: true, max: 1 });
    try {
      await installMusicbrainzFixture(db);
      await migrateUp({ connectionString: postgres.url });
      const growth = await measureGrowth(db);
      await startAgain(db);
      const vacuum = await measureVacuum(db);
      await startAgain(db);
      await seedReleases(db);
      const { bare, backfill, cpuRatio } = await feed(db);
      await db.query('vacuum analyze artwork_reconciler.audit_entity');
      await seedAudits(db);
      const lists = {
        list_rare_check_ms: await listMilliseconds(db, { checks: ['item.dark'] }),
        list_common_check_ms: await listMilliseconds(db, { checks: ['files.thumbnail'] }),
        list_decision_ms: await listMilliseconds(db, { decisions: ['manual_review'] }),
        list_all_ms: await listMilliseconds(db, {}),
      };
      const measured = {
        rows,
        backfill_ratio: rounded(backfill / bare),
        // Of the server's own time, which others on the machine don't add to; 0 where it can't be told.
        backfill_cpu_ratio: rounded(cpuRatio),
        bare_insert_seconds: rounded(bare),
        backfill_seconds: rounded(backfill),
        ...lists,
        ...(await contentsCost(db, images)),
      };
      const table = [...growth, ...vacuum, { what: 'a whole archive', ...measured, ...(await planSeconds(db)) }];
      return { table, json: table };
    } finally {
      await db.close();
      await postgres.stop();
      await rm(postgres.folder, { recursive: true, force: true });
    }
  },
};

/** What a part left is not in the way of the next one. */
async function startAgain(db: Database): Promise<void> {
  await db.query(
    'truncate artwork_reconciler.audit_entity, artwork_reconciler.image_content, artwork_indexer.event_queue cascade',
  );
}

/** Images in `image_content`; as many as the archives have, where nothing else was asked for. */
const images = Math.ceil(rows * 1.2);

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

/**
 * Seconds of the backfill, and of an INSERT … SELECT of the same rows into an empty table with the same columns,
 * defaults and indexes. Both grow slice by slice, in turns.
 */
async function feed(db: Database): Promise<{ bare: number; backfill: number; cpuRatio: number }> {
  await db.query('create table public.bare_audit_entity (like artwork_reconciler.audit_entity including all)');
  const slice = Math.ceil(rows / turns / batchRows) * batchRows;
  const { rows: backend } = await db.query<{ pid: number }>('select pg_backend_pid() as pid');
  const cpuSeconds = (): number => usageOf(backend[0]?.pid ?? 0).cpuSeconds;
  let bare = 0;
  let backfill = 0;
  let bareCpu = 0;
  let backfillCpu = 0;
  for (let from = 0; from < rows; from += slice) {
    const upTo = Math.min(from + slice, rows);
    const began = cpuSeconds();
    bare += await timed(() => bareInsert(db, from, upTo));
    const between = cpuSeconds();
    backfill += await timed(() => backfillSlice(db, from, upTo));
    bareCpu += between - began;
    backfillCpu += cpuSeconds() - between;
  }
  const { rows: counts } = await db.query<{ bare: number; backfilled: number }>(
    `select (select count(*) from public.bare_audit_entity) as bare,
            (select count(*) from artwork_reconciler.audit_entity) as backfilled`,
  );
  if (counts[0]?.bare !== rows || counts[0].backfilled !== rows)
    throw new Error(JSON.stringify({ rows, ...counts[0] }));
  await db.query('drop table public.bare_audit_entity');
  return { bare, backfill, cpuRatio: bareCpu === 0 ? 0 : backfillCpu / bareCpu };
}

async function bareInsert(db: Database, from: number, upTo: number): Promise<void> {
  await db.query(
    `insert into public.bare_audit_entity (entity_type, gid, priority)
     select 'release', gid, 100 from musicbrainz.release where id > $1 and id <= $2 order by id`,
    [from, upTo],
  );
}

async function backfillSlice(db: Database, from: number, upTo: number): Promise<void> {
  const batch = { entityType: 'release', recentDays: 30, dryRun: false } as const;
  for (let afterId = from; afterId < upTo; afterId += batchRows) {
    const limit = Math.min(batchRows, upTo - afterId);
    await db.transaction((tx) => backfillMusicbrainzBatch(tx, { ...batch, afterId, limit }));
  }
}

/** Of `plan`, which reads all that waits for repair mode, a fifth of the entities; and of the dashboard's page of it. */
async function planSeconds(db: Database): Promise<Readonly<Record<string, number>>> {
  await seedWaitingRepairs(db);
  const page = await timed(() => readReportedFindings(db, 10_000));
  return {
    plan_page_ms: rounded(page * 1000),
    plan_seconds: rounded(await timed(() => readReportedFindings(db, null))),
  };
}

/** Of a page of a list, from places all over it. */
async function listMilliseconds(db: Database, filter: FindingFilter): Promise<number> {
  const { rows: last } = await db.query<{ id: number }>('select max(id) as id from artwork_reconciler.audit_entity');
  const times: number[] = [];
  for (let page = 0; page < pages; page += 1) {
    const after = String(Math.floor(((last[0]?.id ?? 0) * page) / pages));
    times.push((await timed(() => readList(db, findingList, filter, { limit: 1_000, look: 1_000, after }))) * 1000);
  }
  return rounded(median(times));
}
