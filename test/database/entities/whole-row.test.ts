import { beforeEach, expect, test } from 'vitest';
import { addEntities } from '../../../src/database/entities/add-entities.ts';
import { beginAudit } from '../../../src/database/entities/begin-audit.ts';
import { claimPacedBatch, renewShellClaim } from '../../../src/database/entities/claims.ts';
import { reopenReview, resolveReview } from '../../../src/database/entities/close-review.ts';
import { recheckEntities, switchToRepairMode, wakeDueEntities } from '../../../src/database/entities/make-due.ts';
import { noticeEndedEvent } from '../../../src/database/entities/notice-ended-events.ts';
import { releaseEntity } from '../../../src/database/entities/release-entity.ts';
import { settleRepairQueue } from '../../../src/database/entities/settle-repairs.ts';
import type { Decision } from '../../../src/domain/decision/decision.ts';
import type { EntityKey } from '../../../src/domain/entity.ts';
import { createTestDatabase } from '../../support/database.ts';
import { addAuditEntity, clean, decideAs, finding, index, repair, review, settings } from './support.ts';

/*
 * What each step makes of an entity's row, column by column. The row says something in every column before, whatever its
 * status (an operator's SQL may leave it so): what a step sets, clears and leaves alone is seen of each.
 */

const { db } = await createTestDatabase();
beforeEach(() => db.query('truncate artwork_reconciler.audit_entity, artwork_indexer.event_queue cascade'));

/** Moments are in whole hours from now, which no test takes. */
const before = {
  status: 'unchecked',
  priority: 321,
  last_audit_at: -10_000,
  due_at: 7,
  due_cause: 'settling',
  claim_workflow_id: 'former workflow',
  claim_run_id: 'run',
  claimed_at: -8,
  claimed_by: 'former claimant',
  claim_batch: 'former batch',
  claim_expires_at: 9,
  repairs: 2,
  repaired_checks: { 'index.value': 2, 'xml.value': 1 } as object | null,
  repair_audit_id: 4711,
  returns: 1,
  return_reasons: ['a former reason'],
  discards: 2,
  discarded_fingerprint: 'a former fingerprint',
};
const moments = ['last_audit_at', 'due_at', 'claimed_at', 'claim_expires_at'] as const;
type Row = { readonly [Column in keyof typeof before]: (typeof before)[Column] | null };
type Entity = EntityKey & { readonly id: number };

async function insert(columns: Partial<Row>): Promise<Entity> {
  const row: Record<string, unknown> = { ...before, ...columns };
  for (const column of moments) {
    const hours = row[column];
    row[column] = typeof hours === 'number' ? new Date(Date.now() + hours * 3_600_000) : null;
  }
  return addAuditEntity(db, row);
}

async function read({ id }: Entity): Promise<Row> {
  const columns = Object.keys(before).map((column) =>
    (moments as readonly string[]).includes(column)
      ? `round(extract(epoch from ${column} - now()) / 3600)::int as ${column}`
      : column,
  );
  const { rows } = await db.query<Row & Record<string, unknown>>(
    `select ${columns.join(', ')} from artwork_reconciler.audit_entity where id = $1`,
    [id],
  );
  return rows[0]!;
}

/** Of a claim, whoever had it. */
const noClaim = {
  claim_workflow_id: null,
  claim_run_id: null,
  claimed_at: null,
  claimed_by: null,
  claim_batch: null,
  claim_expires_at: null,
} as const;
const dueNow = { due_at: null, due_cause: null } as const;
const noDiscards = { discards: 0, discarded_fingerprint: null } as const;
const noReturns = { returns: 0, return_reasons: null } as const;
const noRepairs = { repairs: 0, repaired_checks: null } as const;
const inProgress = { status: 'audit_in_progress' } as const;
/** Of the audit, or the repairs, that had the entity. */
const outOfHand = { ...noClaim, ...noDiscards, repair_audit_id: null } as const;
const decided = { ...outOfHand, ...dueNow, ...noReturns, last_audit_at: 0 } as const;
const withPerson = { ...outOfHand, ...dueNow, ...noReturns, status: 'manual_review', priority: 100 } as const;
const begun = { ...noDiscards, ...dueNow, claimed_at: 0, claim_expires_at: null, repair_audit_id: null } as const;

const decide =
  (decision: Decision, mode: 'repair' | 'report' = 'repair') =>
  async ({ id }: Entity): Promise<void> => {
    expect(await decideAs(db, { entityId: id, runId: 'run' }, decision, { mode })).toMatchObject({ kind: 'decided' });
  };
const release =
  (cause: 'settling' | 'stopped', maxReturns: number = settings.maxReturns) =>
  async ({ id }: Entity): Promise<void> => {
    const back = { entityId: id, runId: 'run', cause, reason: 'a new reason' };
    expect(await releaseEntity(db, back, { ...settings, maxReturns })).toMatchObject({ kind: 'given_back' });
  };
const begin =
  (how: 'operator' | 'paced', workflowId: string | null, runId: string) =>
  async (key: Entity): Promise<void> => {
    expect(await beginAudit(db, { key, workflowId, runId, how, askedBy: 'ida' })).toMatchObject({ kind: 'begun' });
  };
const eventCompletes = ({ entityType, gid }: Entity): Promise<void> =>
  db.transaction((tx) => noticeEndedEvent(tx, { eventId: 1, entityType, gids: [gid], outcome: 'completed' }, settings));

async function onReview(
  { id }: Entity,
  status: 'open' | 'resolved',
  act: typeof resolveReview | typeof reopenReview,
): Promise<void> {
  const { rows } = await db.query<{ id: number }>(
    `insert into artwork_reconciler.needs_manual_review (audit_entity_id, review_reason, status, resolved_by)
     values ($1, 'dark', $2, $3) returning id`,
    [id, status, status === 'open' ? null : 'bob'],
  );
  expect(await act(db, { reviewId: rows[0]!.id, actor: 'ida', note: 'asked' })).toMatchObject({ kind: 'done' });
}
const resolve = (entity: Entity): Promise<void> => onReview(entity, 'open', resolveReview);

/** What it is before, what is done, and what that changes. */
type Case = readonly [
  name: string,
  given: Partial<Row>,
  step: (entity: Entity) => Promise<unknown>,
  then: Partial<Row>,
];

const cases: readonly Case[] = [
  ...(['clean', 'legacy'] as const).map((decision): Case => [
    `a decision of ${decision}`,
    inProgress,
    decide({ ...clean, decision }),
    { ...decided, ...noRepairs, status: decision, priority: 100 },
  ]),
  [
    'a decision for review keeps the count of repairs',
    inProgress,
    decide(review(finding('item.dark', 'review'))),
    { ...decided, status: 'manual_review', priority: 100 },
  ],
  [
    'a decision to repair counts one more, of the checks that have a finding to be repaired',
    inProgress,
    decide(repair([index({ entityType: 'release', gid: 'c0ffee00-0000-4000-8000-000000000000' })])),
    { ...decided, status: 'repair_queue', repairs: 3, repaired_checks: { 'index.value': 3 } },
  ],
  [
    'a decision to repair in report mode waits for the re-audit, and counts nothing',
    inProgress,
    decide(repair([index({ entityType: 'release', gid: 'c0ffee00-0000-4000-8000-000000000000' })]), 'report'),
    { ...decided, status: 'unchecked', due_at: settings.recheckDays * 24, due_cause: 'report_mode' },
  ],
  [
    'an audit released counts the return and waits',
    inProgress,
    release('settling'),
    {
      ...outOfHand,
      status: 'unchecked',
      due_at: 1,
      returns: 2,
      return_reasons: ['a former reason', 'a new reason'],
    },
  ],
  [
    'an audit released for no fault of the entity’s is due now, and counts nothing',
    inProgress,
    release('stopped'),
    { ...outOfHand, ...dueNow, status: 'unchecked' },
  ],
  ['the last return allowed goes to a person', inProgress, release('settling', 2), withPerson],
  [
    'the pacer’s claim',
    { due_at: null },
    () =>
      db.transaction((tx) => claimPacedBatch(tx, { shares: [{ count: 1, entityTypes: null }], batch: 'this tick' })),
    {
      ...begun,
      ...inProgress,
      claim_workflow_id: 'audit-release-[gid]',
      claim_run_id: null,
      claimed_by: 'pacer',
      claim_batch: 'this tick',
    },
  ],
  [
    'an operator’s audit that begins, whatever the entity waits for',
    {},
    begin('operator', 'this workflow', 'this run'),
    { ...begun, ...inProgress, claim_workflow_id: 'this workflow', claim_run_id: 'this run', claimed_by: 'ida' },
  ],
  [
    'a paced audit that takes the pacer’s claim over',
    { ...inProgress, claim_workflow_id: 'this workflow', claim_run_id: null },
    begin('paced', 'this workflow', 'this run'),
    { ...begun, claim_run_id: 'this run', claimed_by: 'pacer' },
  ],
  [
    'an audit that begins again as the same run keeps its claim and its discards',
    inProgress,
    begin('paced', 'this workflow', 'run'),
    { ...dueNow, claim_workflow_id: 'this workflow', claim_expires_at: null, repair_audit_id: null },
  ],
  [
    'a shell that renews its claim',
    { ...inProgress, claim_workflow_id: null },
    ({ id }) => renewShellClaim(db, { entityId: id, runId: 'run' }),
    { claim_expires_at: 0 },
  ],
  [
    'a review resolved makes the entity due now, and ends the consecutive repairs',
    { status: 'manual_review' },
    resolve,
    { ...outOfHand, ...dueNow, ...noRepairs, status: 'unchecked' },
  ],
  ['a review resolved while repairs are in the queue', { status: 'repair_queue' }, resolve, {}],
  ['a review resolved while an audit is in progress', inProgress, resolve, {}],
  [
    'a review reopened takes the entity out of every hand',
    inProgress,
    (entity) => onReview(entity, 'resolved', reopenReview),
    withPerson,
  ],
  [
    'an event that completes while a person is waited for',
    { status: 'manual_review' },
    eventCompletes,
    { ...outOfHand, status: 'unchecked', due_at: 1, due_cause: 'event_ended' },
  ],
  [
    'repairs that have ended',
    { status: 'repair_queue' },
    () => settleRepairQueue(db, settings),
    { ...outOfHand, status: 'unchecked', priority: 1000, due_at: 1, due_cause: 'verification' },
  ],
  ...['clean', 'legacy'].map((status): Case => [
    `a ${status} entity that comes round again`,
    { status },
    () => recheckEntities(db, settings),
    { ...dueNow, status: 'unchecked', repair_audit_id: null },
  ]),
  ['a due time that has come', { due_at: -1 }, () => wakeDueEntities(db), dueNow],
  ['the switch to repair mode', { due_cause: 'report_mode' }, () => switchToRepairMode(db), dueNow],
  [
    'an import that names it',
    {},
    ({ entityType, gid }) => addEntities(db, [{ entityType, gid, priority: 500 }]),
    { priority: 500 },
  ],
];

test('no column of the row is left out here', async () => {
  const { rows } = await db.query<{ name: string }>(
    `select attname as name from pg_attribute
     where attrelid = 'artwork_reconciler.audit_entity'::regclass and attnum > 0 and not attisdropped`,
  );
  const neverChanged = ['id', 'entity_type', 'gid'];
  expect(rows.map(({ name }) => name).sort()).toEqual([...neverChanged, ...Object.keys(before)].sort());
});

test.each(cases)('%s', async (_name, given, step, then) => {
  const entity = await insert(given);
  // No step takes it for one of those that it is about, but for one that forgets to ask.
  const bystander = await insert({ ...given, status: 'manual_review' });
  const beside = await read(bystander);
  await step(entity);
  const after = await read(entity);
  const repairAuditId =
    after.status === 'repair_queue' && then.repair_audit_id === null ? await lastAudit() : undefined;
  expect(after).toEqual({
    ...before,
    ...given,
    ...then,
    ...(then.claim_workflow_id && { claim_workflow_id: then.claim_workflow_id.replace('[gid]', entity.gid) }),
    ...(repairAuditId !== undefined && { repair_audit_id: repairAuditId }),
  });
  expect(await read(bystander)).toEqual(beside);
});

async function lastAudit(): Promise<number> {
  const { rows } = await db.query<{ id: number }>('select max(id) as id from artwork_reconciler.audit');
  return rows[0]!.id;
}
