import { setTimeout as wait } from 'node:timers/promises';
import { progressLine } from '../src/demo/settle.ts';
import { readUnsettled } from '../src/demo/outcome.ts';
import { readConfig } from '../src/config/config.ts';
import { addEntities } from '../src/database/entities/add-entities.ts';
import { countByStatus } from '../src/database/entities/count-by-status.ts';
import type { Queryable } from '../src/database/connection.ts';
import { readFullPass } from '../src/database/pace/rate.ts';
import { byAudience, readReviewGroups } from '../src/database/reviews/review-groups.ts';
import { priorities } from '../src/domain/priorities.ts';
import type { Bench } from './bench.ts';
import { type BenchDeployment, startBenchDeployment } from './deployment.ts';
import { rounded, timed } from './measure.ts';
import { seedAudited } from './pass-entities.ts';
import type { TableRow } from './table.ts';

/** `--entities`. */
const entities = Number(process.env['BENCH_PASS_ENTITIES'] ?? 20_000);
/** Items of the archive: releases with a front cover, at least (scale page). */
const archive = 3_800_000;
/** Seconds without any change after which nothing will change any more. */
const patience = 180;
/** Rows of a statement. */
const batch = 1_000;

/**
 * What an operator gets: the product in repair mode on an archive as the audit of 2021 found it, until nothing moves. All
 * counts are of it; how long a pass over the whole archive takes follows from them and the default rates.
 */
export const pass: Bench = {
  name: 'pass',
  async run() {
    const bench = await startBenchDeployment({ latencyMs: 0 });
    try {
      const cases = await seedAudited(bench, entities);
      await bench.startWorker({
        AUDIT_MODE: 'repair',
        AUDIT_PER_HOUR: '1000000',
        AUDIT_TICK_SECONDS: '1',
        AUDIT_MAX_IN_PROGRESS: '300',
        AUDIT_MAX_WAITING_REPAIRS: '1000000',
        AUDIT_BREAKER_SHARE: '1',
      });
      bench.simulator.resetRequests();
      for (let from = 0; from < cases.length; from += batch) {
        const some = cases.slice(from, from + batch);
        await addEntities(
          bench.db,
          some.map(({ entityType, gid }) => ({ entityType, gid, priority: priorities.usual })),
        );
      }
      const seconds = await timed(() => settled(bench));
      const rows = await figures(bench, seconds);
      return { table: rows, json: { rows } };
    } finally {
      await bench.stop();
    }
  },
};

/** Waits until nothing is left to do. @throws {Error} where nothing moves and something is */
async function settled({ db }: BenchDeployment): Promise<void> {
  let line = '';
  for (let changed = performance.now(); ;) {
    const now = await progressLine(db);
    if (now !== line) changed = performance.now();
    line = now;
    // The lists of what is unsettled are read rarely: they go through all rows.
    if (/ 0 in progress, 0 under repair, 0 waiting; events: 0 open/.test(line)) return;
    if (performance.now() - changed > patience * 1000) {
      throw new Error(`nothing moves any more: ${line}\n${(await readUnsettled(db)).join('\n')}`);
    }
    await wait(500);
  }
}

async function figures({ db, simulator }: BenchDeployment, seconds: number): Promise<readonly TableRow[]> {
  const { released, audits, first, repairs, events } = await counted(db);
  const status = await countByStatus(db);
  const all = Object.values(status).reduce((sum, count) => sum + count, 0);
  const defaults = readConfig({ file: '/dev/null', env: {} });
  const requests = simulator.requests();
  const { ws, ...toArchive } = requests;
  const archiveRequests = Object.values(toArchive).reduce((sum, count) => sum + count, 0);
  const perHour = defaults.audit.perHour ?? Number.NaN;
  const days = {
    of_audits: (audits / all) * (archive / perHour / 24),
    of_requests: (archiveRequests / all) * (archive / defaults.archive.requestsPerSecond / 86_400),
    of_web_service: (ws / all) * (archive / defaults.musicbrainz.requestsPerSecond / 86_400),
  };
  const fullPass = await readFullPass(db, perHour);
  const reviews = byAudience(await readReviewGroups(db, 'open'));
  return [
    {
      what: `a pass over ${all} entities`,
      in_step_before: rounded(first.inStep / all),
      in_step_after: rounded((status.clean + status.legacy) / all),
      audits_each: rounded(audits / all),
      released_each: rounded(released / all),
      repaired_entities: repairs,
      events_each: rounded(events.queued / all),
      events_failed: events.failed,
      images_missing: first.imagesMissing,
      images_that_lie_elsewhere: first.imagesElsewhere,
      originals_lost: simulator.archive.lostOriginals().length,
      seconds: rounded(seconds),
    },
    {
      what: 'requests an entity',
      ...Object.fromEntries(
        Object.entries(requests)
          .filter(([, count]) => count > 0)
          .map(([kind, count]) => [`request_${kind}`, rounded(count / all)]),
      ),
      requests_archive: rounded(archiveRequests / all),
    },
    {
      what: 'reviews that wait, per 1,000 entities',
      reviews: rounded((status.manual_review / all) * 1000),
      ...Object.fromEntries(reviews.map(({ audience, count }) => [`for_${audience}`, rounded((count / all) * 1000)])),
    },
    {
      what: `the same over ${archive.toLocaleString('en')} at the default rates`,
      pass_days: rounded(Math.max(days.of_audits, days.of_requests, days.of_web_service)),
      ...Object.fromEntries(Object.entries(days).map(([name, value]) => [`days_${name}`, rounded(value)])),
      estimate_ratio: rounded(fullPass.hours / (audits / perHour)),
      reviews_left: Math.round((status.manual_review / all) * archive),
      events: Math.round((events.queued / all) * archive),
    },
  ];
}

/** What the tables have of it afterwards. */
async function counted(db: Queryable) {
  const { rows: audits } = await db.query<{ decided: number; released: number }>(
    `select count(*) filter (where decision <> 'not_now') as decided, count(*) filter (where decision = 'not_now') as released
     from artwork_reconciler.audit`,
  );
  const { rows: first } = await db.query<{ inStep: number; imagesMissing: number; imagesElsewhere: number }>(
    `with first as (
       select distinct on (audit_entity_id) decision, findings from artwork_reconciler.audit
       where decision <> 'not_now' order by audit_entity_id, id
     )
     select count(*) filter (where decision in ('clean', 'legacy')) as "inStep",
            coalesce(sum((select sum((finding->>'count')::int) from jsonb_array_elements(findings) finding
                          where finding->>'check' = 'files.image')), 0)::int as "imagesMissing",
            coalesce(sum((select sum((finding->>'count')::int) from jsonb_array_elements(findings) finding
                          where finding->>'check' = 'files.extra_image')), 0)::int as "imagesElsewhere"
     from first`,
  );
  const { rows: repaired } = await db.query<{ count: number }>(
    `select count(distinct audit_entity_id) from artwork_reconciler.audit where decision = 'repair_queue'`,
  );
  const { rows: events } = await db.query<{ queued: number; failed: number }>(
    `select count(*) as queued, count(*) filter (where state = 'failed') as failed from artwork_indexer.event_queue`,
  );
  return {
    released: audits[0]?.released ?? 0,
    audits: audits[0]?.decided ?? 0,
    first: first[0] ?? { inStep: 0, imagesMissing: 0, imagesElsewhere: 0 },
    repairs: repaired[0]?.count ?? 0,
    events: events[0] ?? { queued: 0, failed: 0 },
  };
}
