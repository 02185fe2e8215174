import { randomUUID } from 'node:crypto';
import { type AuditEntity, readAuditEntity } from '../../../src/database/audits/entity-history.ts';
import type { Database, Queryable } from '../../../src/database/connection.ts';
import type { DecideAnswer } from '../../../src/database/entities/apply-decision.ts';
import { beginAudit, type BegunAudit } from '../../../src/database/entities/begin-audit.ts';
import type { AuditStatus } from '../../../src/database/entities/count-by-status.ts';
import { decideAudit } from '../../../src/database/audits/decide-audit.ts';
import { noticeEndedEvent } from '../../../src/database/entities/notice-ended-events.ts';
import type { Finding, Policy } from '../../../src/domain/checks/finding.ts';
import type { Decision, Repair } from '../../../src/domain/decision/decision.ts';
import { partAsReason } from '../../../src/domain/decision/review-reason.ts';
import type { EntityKey } from '../../../src/domain/entity.ts';
import type { EventAction } from '../../../src/domain/queue/indexer-event.ts';

/** What an operator would set; short enough to be told apart, long enough never to pass during a test. */
export const settings = {
  settleMinutes: 60,
  recheckDays: 365,
  recentDays: 30,
  discardDelayMinutes: 90,
  maxReturns: 3,
  youngClaimSeconds: 120,
} as const;

/** Adds a row with the given columns; its status comes about by hand, as an operator's SQL would set it. */
export async function addAuditEntity(
  q: Queryable,
  given: Readonly<Record<string, unknown>> & { readonly key?: EntityKey } = {},
): Promise<EntityKey & { readonly id: number }> {
  const { key = { entityType: 'release', gid: randomUUID() }, ...columns } = given;
  const names = ['entity_type', 'gid', ...Object.keys(columns)];
  const { rows } = await q.query<{ id: number }>(
    `insert into artwork_reconciler.audit_entity (${names.join(', ')})
     values (${names.map((_, n) => `$${n + 1}`).join(', ')}) returning id`,
    [key.entityType, key.gid, ...Object.values(columns)],
  );
  return { ...key, id: rows[0]!.id };
}

export async function entityNow(q: Queryable, key: EntityKey): Promise<AuditEntity> {
  const entity = await readAuditEntity(q, key);
  if (!entity) throw new Error(`${key.entityType} ${key.gid} is no audit entity: expected one`);
  return entity;
}

export async function statusOf(q: Queryable, key: EntityKey): Promise<AuditStatus> {
  return (await entityNow(q, key)).status;
}

/** Minutes from the database's now until a moment, rounded. */
async function minutesUntil(q: Queryable, moment: Date | null): Promise<number | null> {
  if (moment === null) return null;
  const { rows } = await q.query<{ minutes: number }>(
    `select round(extract(epoch from $1::timestamptz - now()) / 60)::int as minutes`,
    [moment],
  );
  return rows[0]!.minutes;
}

export async function dueInMinutes(q: Queryable, key: EntityKey): Promise<number | null> {
  return minutesUntil(q, (await entityNow(q, key)).dueAt);
}

export function finding(check: string, policy: Policy, evidence = `evidence of ${check}`): Finding {
  return {
    check,
    policy,
    count: 1,
    examples: [{ subject: 'index.json', expected: 'there', found: 'nothing', policy }],
    parts: [{ policy, count: 1, evidence }],
  };
}

export const clean: Decision = { decision: 'clean', reason: null, findings: [], repairs: [], reviewReasons: [] };

export function review(...findings: Finding[]): Decision {
  const reviewReasons = findings
    .filter(({ policy }) => policy === 'review' || policy === 'review_last')
    .map((each) => partAsReason(each, each.parts[0]));
  return { ...clean, decision: 'manual_review', findings, reviewReasons };
}

export function index({ entityType, gid }: EntityKey, ...dependsOn: number[]): Repair {
  return { entityType, action: 'index', message: { gid }, dependsOn };
}

export function repair(repairs: readonly Repair[], ...findings: Finding[]): Decision {
  return {
    ...clean,
    decision: 'repair_queue',
    repairs,
    findings: findings.length > 0 ? findings : [finding('index.value', 'index')],
  };
}

/** Begins an audit as an operator would, under a workflow of its own. */
export async function begin(db: Database, key: EntityKey): Promise<BegunAudit & { readonly runId: string }> {
  const runId = randomUUID();
  const begun = await beginAudit(db, { key, workflowId: `audit-${key.entityType}-${key.gid}`, runId, how: 'operator' });
  if (begun.kind === 'refused') throw new Error(`the audit was refused: ${begun.reason}`);
  return { ...begun, runId };
}

/** Decides with an unchanged fingerprint, in repair mode. */
export async function decideAs(
  db: Database,
  held: { readonly entityId: number; readonly runId: string },
  decision: Decision,
  given: {
    readonly mode?: 'repair' | 'report';
    readonly fingerprint?: string;
    readonly wontFixEvidence?: readonly string[];
    readonly evenInReportMode?: boolean;
  } = {},
): Promise<DecideAnswer> {
  return decideAudit(
    db,
    {
      entityId: held.entityId,
      runId: held.runId,
      identity: 'live',
      fingerprint: given.fingerprint ?? 'as it is',
      judge: async () => ({ fingerprint: 'as it is', decision }),
      ...(given.wontFixEvidence && { wontFixEvidence: given.wontFixEvidence }),
      startedAt: new Date(),
      requests: { metadata: 1, ws: 1 },
      mode: given.mode ?? 'repair',
      ...(given.evenInReportMode && { evenInReportMode: true }),
    },
    settings,
  );
}

/** An audit from begin to decision. */
export async function audit(
  db: Database,
  key: EntityKey,
  decision: Decision,
  mode: 'repair' | 'report' = 'repair',
): Promise<Extract<DecideAnswer, { kind: 'decided' }>> {
  const answer = await decideAs(db, await begin(db, key), decision, { mode });
  if (answer.kind !== 'decided') throw new Error(`the audit was ${answer.kind}: expected a decision`);
  return answer;
}

/** A row of the queue as any writer would insert it. */
export async function addEvent(
  q: Queryable,
  event: { readonly key: EntityKey; readonly state?: string; readonly action?: EventAction; readonly message?: object },
): Promise<number> {
  const { rows } = await q.query<{ id: number }>(
    `insert into artwork_indexer.event_queue (state, entity_type, action, message)
     values ($1, $2, $3, $4) returning id`,
    [event.state ?? 'queued', event.key.entityType, event.action ?? 'index', event.message ?? { gid: event.key.gid }],
  );
  return rows[0]!.id;
}

/** The events that name an entity, in the order they were queued in. */
export async function eventsOf(q: Queryable, { gid }: { readonly gid: string }) {
  const { rows } = await q.query<{ id: number; state: string; action: string; depends_on: number[] | null }>(
    `select id, state::text, action::text, depends_on from artwork_indexer.event_queue
     where message->>'gid' = $1 order by id`,
    [gid],
  );
  return rows;
}

/** Sets an event's state as the other daemon does. */
export async function setEventState(q: Queryable, eventId: number, state: string): Promise<void> {
  await q.query(`update artwork_indexer.event_queue set state = $2::artwork_indexer.event_state where id = $1`, [
    eventId,
    state,
  ]);
}

/** Returns once a statement in this database waits for another transaction's lock; gives up when none ever does. */
export async function someoneWaits(db: Database): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const { rows } = await db.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (rows.length > 0) return;
  }
  throw new Error('no statement waits for a lock: one was expected to');
}

/** Ends an event and has its end noticed, in one transaction, as the modules of events do. */
export async function endEvent(
  db: Database,
  event: { readonly eventId: number; readonly entityType: EntityKey['entityType']; readonly gids: readonly string[] },
  outcome: 'completed' | 'failed' | 'superseded',
): Promise<void> {
  await db.transaction(async (tx) => {
    await setEventState(tx, event.eventId, outcome === 'completed' ? 'completed' : 'failed');
    await noticeEndedEvent(tx, { ...event, outcome }, settings);
  });
}
