import { findBrokenLifeCycles, unsettledEntities } from '../database/audits/broken-life-cycles.ts';
import { requestsPerCleanAudit, summarizeOutcomes } from '../database/audits/past-audits.ts';
import type { Queryable } from '../database/connection.ts';
import { type DriftCase, statusOf } from '../simulator/drift/drift-kind.ts';
import type { Simulator } from '../simulator/simulator.ts';
import type { Demo } from './demo.ts';

/** What came of a demo; with `--json` its last line of output. */
export interface DemoOutcome {
  /** Entities. */
  readonly audited: number;
  readonly clean: number;
  /** Of the clean ones: mended first, and then seen to be mended. */
  readonly repaired: number;
  readonly manual_review: number;
  readonly legacy: number;
  readonly events_completed: number;
  readonly events_failed: number;
  /** By kind. */
  readonly archive_requests: Readonly<Record<string, number>>;
  /** To the web service. */
  readonly musicbrainz_requests: number;
  /** Mean requests of the audits that found an entity clean. */
  readonly requests_per_clean_audit: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** @param past what happened before counts as nothing of the demo's */
export async function readOutcome(
  { db, simulator, past }: Pick<Demo, 'db' | 'past' | 'simulator'>,
  seconds: number,
): Promise<DemoOutcome> {
  const { manualReview, ...counts } = await summarizeOutcomes(db);
  const { rows } = await db.query<{ completed: number; failed: number }>(
    `select count(*) filter (where state = 'completed') as completed, count(*) filter (where state = 'failed') as failed
     from artwork_indexer.event_queue where id > $1`,
    [past.lastEvent],
  );
  const { ws, ...archiveRequests } = simulator.requests();
  return {
    audited: counts.audited,
    clean: counts.clean,
    repaired: counts.repaired,
    manual_review: manualReview,
    legacy: counts.legacy,
    events_completed: rows[0]?.completed ?? 0,
    events_failed: rows[0]?.failed ?? 0,
    archive_requests: archiveRequests,
    musicbrainz_requests: ws,
    requests_per_clean_audit: await requestsPerCleanAudit(db),
    seconds: Math.round(seconds * 10) / 10,
  };
}

/** What is not settled yet, a line each: empty when every entity has a final status and nothing is queued. */
export async function readUnsettled(db: Queryable): Promise<readonly string[]> {
  const entities = await unsettledEntities(db, { limit: 20 });
  const { rows: events } = await db.query<{ id: number; action: string; state: string; reason: string | null }>(
    `select id, action::text, state::text,
            (select failure_reason from artwork_indexer.event_failure_reason where event = event_queue.id
             order by created desc limit 1) as reason
     from artwork_indexer.event_queue where state in ('queued', 'running') order by id limit 20`,
  );
  return [
    ...entities.map(
      ({ entityType, gid, status, lastReason }) => `${entityType} ${gid} is ${status}${because(lastReason)}`,
    ),
    ...events.map(({ id, action, state, reason }) => `${action} event ${id} is ${state}${because(reason)}`),
  ];
}

function because(reason: string | null): string {
  return reason === null ? '' : `: ${reason}`;
}

/** The entities whose final status is not what their drift should lead to, a line each. */
export async function readSurprises(db: Queryable, cases: readonly DriftCase[]): Promise<readonly string[]> {
  const { rows } = await db.query<{ entityType: string; gid: string; status: string; reason: string | null }>(
    `select entity_type::text as "entityType", gid::text, status::text,
            (select review_reason from artwork_reconciler.needs_manual_review
             where audit_entity_id = entity.id and status = 'open') as reason
     from artwork_reconciler.audit_entity entity`,
  );
  const statuses = new Map(rows.map((row) => [`${row.entityType} ${row.gid}`, row]));
  return cases.flatMap(({ entityType, gid, kind, outcome }) => {
    const found = statuses.get(`${entityType} ${gid}`);
    if (found?.status === statusOf(outcome)) return [];
    return [
      `${entityType} ${gid} (${kind}) is ${found?.status ?? 'unknown'}, expected ${outcome}${because(found?.reason ?? null)}`,
    ];
  });
}

/** What must never be, whatever went wrong meanwhile: a lost image, a row that nothing moves on, a rude request. */
export async function readBrokenPromises(db: Queryable, simulator: Simulator): Promise<readonly string[]> {
  return [
    ...(await findBrokenLifeCycles(db)).map(({ subject, problem }) => `${subject} ${problem}`),
    ...simulator.archive
      .lostOriginals()
      .map(({ name, identifier }) => `the last copy of ${name} of ${identifier} is gone`),
    ...simulator.violations().map((violation) => `bad guest: ${JSON.stringify(violation)}`),
  ];
}

/** The demo's end, for people. */
export function outcomeTable(outcome: DemoOutcome): string {
  const rows: [string, string][] = [
    ['audited', `${outcome.audited} entities`],
    ['clean', `${outcome.clean}, of which ${outcome.repaired} were repaired and seen to be`],
    ['in review', String(outcome.manual_review)],
    ['legacy', `${outcome.legacy} orphans of which nothing is left in public`],
    ['indexer events', `${outcome.events_completed} completed, ${outcome.events_failed} failed`],
    ['requests', `${list(outcome.archive_requests)}; to the web service ${outcome.musicbrainz_requests}`],
    ['each clean audit', list(outcome.requests_per_clean_audit)],
    ['took', `${outcome.seconds} s`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
}

function list(counts: Readonly<Record<string, number>>): string {
  const named = Object.entries(counts).filter(([, count]) => count > 0);
  return named.length === 0
    ? 'none'
    : named.map(([kind, count]) => `${kind} ${Math.round(count * 100) / 100}`).join(', ');
}
