import {
  findBrokenLifeCycles,
  requestsPerCleanAudit,
  summarizeOutcomes,
  unsettledEntities,
} from '../database/audit-queries/index.ts';
import type { Queryable } from '../database/connection.ts';
import { type DriftCase, statusOf } from '../simulator/drift/drift-kind.ts';
import type { Simulator } from '../simulator/simulator.ts';

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

export async function readOutcome(db: Queryable, simulator: Simulator, seconds: number): Promise<DemoOutcome> {
  const { manualReview, ...counts } = await summarizeOutcomes(db);
  const { rows } = await db.query<{ completed: number; failed: number }>(
    `select count(*) filter (where state = 'completed') as completed, count(*) filter (where state = 'failed') as failed
     from artwork_indexer.event_queue`,
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
  const { rows } = await db.query<{ entity_type: string; gid: string; status: string; reason: string | null }>(
    `select entity_type::text, gid::text, status::text,
            (select review_reason from artwork_reconciler.needs_manual_review
             where audit_entity_id = entity.id and status = 'open') as reason
     from artwork_reconciler.audit_entity entity`,
  );
  const statuses = new Map(rows.map((row) => [`${row.entity_type} ${row.gid}`, row]));
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
