import { trimHistory } from '../src/database/audits/trim-history.ts';
import type { Database } from '../src/database/connection.ts';
import { claimPacedBatch } from '../src/database/entities/claims.ts';
import { estimateRows } from '../src/database/lists/walk.ts';
import { blocksOf, config } from './growth.ts';
import { rounded, timed } from './measure.ts';
import { finding } from './scale-audits.ts';
import type { TableRow } from './table.ts';

/** Entities, of which a tenth is audited. `BENCH_CHURNED` for less. */
const churned = Number(process.env['BENCH_CHURNED'] ?? 500_000);
/** Entities, of which each is audited once a year. `BENCH_KEPT` for less. */
const kept = Number(process.env['BENCH_KEPT'] ?? 50_000);
const years = 5;
/** Parts of that tenth, and of a year; after each it is seen whether autovacuum would have come. */
const parts = 100;

/**
 * What the migrations' settings for autovacuum change: the same work with PostgreSQL's own settings and with ours.
 * Autovacuum is off here, as what it gets to depends on how busy the machine is; its rule is applied instead.
 */
export async function measureVacuum(db: Database): Promise<readonly TableRow[]> {
  return [
    ...(await withAndWithout(db, 'artwork_reconciler.audit_entity', churn)),
    ...(await withAndWithout(db, 'artwork_reconciler.audit', keepHistory)),
  ];
}

type Work = (db: Database, vacuum: Vacuum, settings: string) => Promise<readonly TableRow[]>;

async function withAndWithout(db: Database, table: string, work: Work): Promise<readonly TableRow[]> {
  const { rows } = await db.query<{ ours: string }>(
    `select array_to_string(reloptions, ', ') as ours from pg_class where oid = $1::regclass`,
    [table],
  );
  const ours = rows[0]?.ours ?? '';
  await db.query(`alter table ${table} reset (${ours.replace(/=[^,]*/g, '')})`);
  const without = await work(db, vacuumOf(db, table), 'with PostgreSQL’s settings');
  await db.query(`alter table ${table} set (${ours})`);
  return [...without, ...(await work(db, vacuumOf(db, table), 'with ours'))];
}

interface Vacuum {
  readonly counts: { vacuums: number; vacuum_seconds: number };
  /** Does what autovacuum would do now. */
  whereDue(): Promise<void>;
}

/** @param counted the table whose vacuums are counted */
function vacuumOf(db: Database, counted: string): Vacuum {
  const counts = { vacuums: 0, vacuum_seconds: 0 };
  const factor = (of: string, otherwise: number): string =>
    `50 + reltuples * coalesce((select option_value::float8 from pg_options_to_table(reloptions)
       where option_name = 'autovacuum_${of}_scale_factor'), ${otherwise})`;
  return {
    counts,
    async whereDue() {
      await db.query('select pg_stat_force_next_flush()');
      const { rows } = await db.query<{ table: string; vacuum: boolean; analyze: boolean }>(
        `select relid::regclass::text as table, n_dead_tup > ${factor('vacuum', 0.2)} as vacuum,
           n_mod_since_analyze > ${factor('analyze', 0.1)} as analyze
         from pg_stat_user_tables join pg_class on oid = relid where schemaname = 'artwork_reconciler'`,
      );
      for (const { table, vacuum, analyze } of rows) {
        const seconds = vacuum ? await timed(() => db.query(`vacuum ${table}`)) : 0;
        if (vacuum && table === counted) {
          counts.vacuums += 1;
          counts.vacuum_seconds = rounded(counts.vacuum_seconds + seconds);
        }
        if (analyze) await db.query(`analyze ${table}`);
      }
    },
  };
}

/** As the audits of a first pass write their entities: claim, begin, decision. */
async function churn(db: Database, vacuum: Vacuum, settings: string): Promise<readonly TableRow[]> {
  const table = 'artwork_reconciler.audit_entity';
  await db.query(`truncate ${table} cascade`);
  await db.query(
    `insert into ${table} (entity_type, gid) select 'release', gen_random_uuid() from generate_series(1, $1::int)`,
    [churned],
  );
  await db.query(`vacuum analyze ${table}`);
  const before = await megabytes(db, table);
  const each = Math.ceil(churned / 10 / parts);
  let mostBlocks = 0;
  let furthestOff = 0;
  for (let part = 1; part <= parts; part += 1) {
    const batch = `bench-${part}`;
    await db.transaction((tx) => claimPacedBatch(tx, { shares: [{ count: each, entityTypes: null }], batch }));
    const write = (set: string) =>
      db.query(`update ${table} set ${set} where status = 'audit_in_progress' and claim_batch = $1`, [batch]);
    await write('claim_run_id = gen_random_uuid()::text, claimed_at = clock_timestamp()');
    await write(`status = 'clean', last_audit_at = clock_timestamp(), claim_workflow_id = null, claim_run_id = null,
      claimed_at = null, claimed_by = null, claim_batch = null`);
    // What the next claim reads before it writes.
    const next = await blocksOf(db, () =>
      db.query(
        `select id from ${table} where status = 'unchecked' and due_at is null
         order by priority desc, last_audit_at nulls first, id limit 100`,
      ),
    );
    mostBlocks = Math.max(mostBlocks, next);
    const clean = await estimateRows(db, `from ${table} where status = 'clean'`);
    furthestOff = Math.max(furthestOff, Math.abs(clean - part * each) / churned);
    await vacuum.whereDue();
  }
  return [
    {
      what: `audits of a tenth of the entities, ${settings}`,
      blocks_next_claim: mostBlocks,
      estimate_off: rounded(furthestOff),
      mb_before: before,
      mb: await megabytes(db, table),
      ...vacuum.counts,
    },
  ];
}

/**
 * Years of audits, of each entity one a year, with a history that is trimmed as housekeeping does. It is always now, so what
 * is kept at an earlier moment is that much older.
 */
async function keepHistory(db: Database, vacuum: Vacuum, settings: string): Promise<readonly TableRow[]> {
  await db.query('truncate artwork_reconciler.audit_entity, artwork_reconciler.image_content cascade');
  await db.query('update artwork_reconciler.history_place set decided_at = default, audit_id = default');
  const { rows: added } = await db.query<{ id: number }>(
    `insert into artwork_reconciler.audit_entity (entity_type, gid)
     select 'release', gen_random_uuid() from generate_series(1, $1::int) returning id`,
    [kept],
  );
  const rows: TableRow[] = [];
  for (let year = 1; year <= years; year += 1) {
    let mostBlocks = 0;
    for (let part = 1; part <= parts; part += 1) {
      const daysAgo = (years - year + 1 - part / parts) * 365;
      const [from = 0, upTo = 0] = [part - 1, part].map((end) => Math.ceil((kept * end) / parts));
      await auditAll(db, { ids: added.slice(from, upTo).map(({ id }) => id), daysAgo, isFirst: year === 1 });
      const keepAuditDays = config.housekeeping.keepAuditDays + daysAgo;
      const trim = () => trimHistory(db, { ...config, housekeeping: { ...config.housekeeping, keepAuditDays } });
      await trim();
      // The one before was at its end, so this one begins at the oldest again.
      mostBlocks = Math.max(mostBlocks, await blocksOf(db, trim));
      await vacuum.whereDue();
    }
    const { rows: counted } = await db.query<{ audits: number; all: number }>(
      `select (select count(*)::int from artwork_reconciler.audit) as audits,
         (select sum(pg_total_relation_size(('artwork_reconciler.' || name)::regclass))::float8
          from unnest(array['audit_entity', 'audit', 'audit_repair', 'judged_document', 'standing_finding', 'image_content'])
            name) as all`,
    );
    const bytes = async (table: string): Promise<number> => rounded(((await megabytes(db, table)) * 2 ** 20) / kept);
    rows.push({
      what: `history after ${year} years, ${settings}`,
      audits_each: rounded((counted[0]?.audits ?? 0) / kept),
      bytes_each: rounded((counted[0]?.all ?? 0) / kept),
      bytes_each_audit_entity: await bytes('artwork_reconciler.audit_entity'),
      bytes_each_audit: await bytes('artwork_reconciler.audit'),
      blocks_trim_most: mostBlocks,
      ...vacuum.counts,
    });
  }
  return rows;
}

/**
 * Audits with all that a worker writes of each. A fifth finds something; in the first year half queues a repair, and of each
 * one document is judged. There are 1.6 images an entity, as in MusicBrainz.
 */
async function auditAll(
  db: Database,
  audited: { readonly ids: readonly number[]; readonly daysAgo: number; readonly isFirst: boolean },
): Promise<void> {
  const { ids, daysAgo, isFirst } = audited;
  const claimed = (set: string, values: readonly unknown[] = []) =>
    db.query(`update artwork_reconciler.audit_entity set ${set} where id = any ($1::bigint[])`, [ids, ...values]);
  await claimed(`status = 'audit_in_progress', claimed_at = now(), claimed_by = 'pacer', claim_batch = 'bench',
    claim_workflow_id = 'audit-release-' || gid`);
  await claimed('claimed_at = clock_timestamp(), claim_run_id = gen_random_uuid()::text');
  await claimed(
    `status = 'clean', last_audit_at = now() - make_interval(secs => $2::float8 * 86400), claimed_at = null,
     claimed_by = null, claim_batch = null, claim_workflow_id = null, claim_run_id = null`,
    [daysAgo],
  );
  await db.query(
    `with audited as (
       insert into artwork_reconciler.audit (audit_entity_id, asked_by, workflow_id, run_id, identity, decision, mode,
         fingerprint, findings, requests, started_at, decided_at, checks_version)
       select id, 'pacer', 'audit-release-' || gid, gen_random_uuid()::text, 'live',
         case when $2 and id % 2 = 0 then 'repair_queue' else 'clean' end::artwork_reconciler.audit_decision, 'repair',
         encode(sha256(gid::text::bytea), 'hex'), case when id % 5 = 0 then $3::jsonb else '[]' end,
         '{"ws": 1, "metadata": 1}', last_audit_at, last_audit_at, '0.1.0'
       from artwork_reconciler.audit_entity where id = any ($1::bigint[])
       returning id, audit_entity_id
     )
     insert into artwork_reconciler.audit_repair (audit_id, position, event_id, action, message, outcome, ended_at)
     select id, 0, id, 'index', jsonb_build_object('gid', gen_random_uuid()), 'completed', now()
     from audited where $2 and audit_entity_id % 2 = 0`,
    [ids, isFirst, finding('files.thumbnail', 'report')],
  );
  if (!isFirst) return;
  await db.query(
    `with judged as (
       insert into artwork_reconciler.judged_document (audit_entity_id, file_name, md5, expectation, differences)
       select id, 'index.json', md5(id::text), encode(sha256(id::text::bytea), 'hex'), '[]' from unnest($1::bigint[]) id
     ), standing as (
       insert into artwork_reconciler.standing_finding (audit_entity_id, check_name)
       select id, 'files.thumbnail' from unnest($1::bigint[]) id where id % 5 = 0
     )
     insert into artwork_reconciler.image_content (artwork_id, md5, first_seen, last_seen, entity_type, suffix)
     select hashint8extended(id * 2 + image, 0) & (2 ^ 40)::bigint - 1, md5(id::text)::uuid, current_date, current_date,
       'release', 'jpg'
     from unnest($1::bigint[]) id, generate_series(0, case when id % 5 < 3 then 1 else 0 end) image
     on conflict do nothing`,
    [ids],
  );
}

async function megabytes(db: Database, table: string): Promise<number> {
  const { rows } = await db.query<{ mb: number }>(
    `select pg_total_relation_size($1::regclass)::float8 / 1024 / 1024 as mb`,
    [table],
  );
  return rounded(rows[0]?.mb ?? 0);
}
