import { createHash } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { readAuditHistory } from '../../src/database/audits/entity-history.ts';
import { anyAuditDecidedLately } from '../../src/database/audits/past-audits.ts';
import { trimHistory } from '../../src/database/audits/trim-history.ts';
import { updateBreaker } from '../../src/database/brakes/breaker.ts';
import { listBulkActions, unfinishedBulkActions } from '../../src/database/bulk-actions/bulk-action.ts';
import { readStandIns } from '../../src/database/operators/by-list.ts';
import { stepBulkAction } from '../../src/database/bulk-actions/step.ts';
import { readCanarySummary } from '../../src/database/pace/canary.ts';
import type { Database, Transaction } from '../../src/database/connection.ts';
import { claimPacedBatch } from '../../src/database/entities/claims.ts';
import { reopenReview } from '../../src/database/entities/close-review.ts';
import type { EntityFilter } from '../../src/database/entities/entity-fields.ts';
import { entityList } from '../../src/database/entities/list-entities.ts';
import { endHandOvers } from '../../src/database/entities/hand-over.ts';
import { findingList } from '../../src/database/entities/list-findings.ts';
import { auditsInProgress } from '../../src/database/entities/lost-audits.ts';
import { recheckEntities } from '../../src/database/entities/make-due.ts';
import { noticeEndedEvent, noticeEventsEndedElsewhere } from '../../src/database/entities/notice-ended-events.ts';
import { settleRepairQueue } from '../../src/database/entities/settle-repairs.ts';
import { readActivity } from '../../src/database/figures/activity.ts';
import { readRecentWork } from '../../src/database/figures/standing.ts';
import { readList } from '../../src/database/lists/list.ts';
import { operatorActionList, readActionsOn } from '../../src/database/bulk-actions/operator-actions.ts';
import { requeueInBulk } from '../../src/database/queue/bulk-requeue.ts';
import { findDueEvents } from '../../src/database/queue/due-events.ts';
import { readEventsNaming } from '../../src/database/queue/events-naming.ts';
import { eventList } from '../../src/database/queue/list-events.ts';
import { readEventActions, readEventTree } from '../../src/database/queue/show-event.ts';
import { reviewList } from '../../src/database/reviews/list-reviews.ts';
import type { ReviewFilter } from '../../src/database/reviews/review-fields.ts';
import { createTestDatabase } from '../support/database.ts';
import { settings } from './queue/queue.ts';

/** Rows of a table that make it a large one: reading all of them, or most, is what an index is for. */
const many = 5_000;
/** Rows that are read at most where there is an index; some lists look at as many before they end a page. */
const few = 500;

const gid = (what: string): string => `md5('${what}' || n)::uuid`;
const ago = (amount: string): string => `now() - ${amount}`;
const oldest = "interval '700 days'";

/** Of each table more than `many` that are of no interest to the reader of any of its indexes, and a few that are. */
const fill = [
  `insert into artwork_reconciler.audit_entity
     (entity_type, gid, status, priority, last_audit_at, due_at, due_cause, claim_workflow_id, claimed_at)
   select 'release', ${gid('e')}, status::artwork_reconciler.audit_entity_status, case when n % ${2 * many} = 7 then 200 else 100 end,
     case when status <> 'unchecked' then ${ago(`case when n % ${many} < 5 then ${oldest} else n * interval '1 second' end`)} end,
     case when n between ${many} + 1 and 2 * ${many} + 500
       then now() + case when n % ${many} < 5 then -1 else 1 end * n * interval '1 second' end,
     case when n between ${many} + 1 and 2 * ${many} + 500
       then case when n % ${many} = 9 then 'settling' else 'verification' end end,
     case when status = 'audit_in_progress' then 'audit-' || n end, ${ago("interval '1 hour'")}
   from generate_series(1, ${4 * many}) n, lateral (select case
     when n <= 2 * ${many} + 500 then 'unchecked' when n % ${many} = 11 then 'legacy' when n % ${many} = 12 then 'audit_in_progress'
     when n % ${many} = 13 then 'repair_queue' when n % ${many} = 14 then 'manual_review' else 'clean' end as status) of`,
  `insert into artwork_reconciler.audit_entity (entity_type, gid) select 'event', ${gid('m')} from generate_series(1, 3) n`,
  `insert into artwork_reconciler.audit_entity (entity_type, gid, status, last_audit_at)
   select 'event', ${gid('v')}, 'clean', ${ago("n * interval '1 second'")} from generate_series(1, ${many} / 5) n`,
  `insert into artwork_reconciler.audit (audit_entity_id, asked_by, identity, decision, findings, started_at, decided_at)
   select (n - 1) % ${many} + 1, 'pacer', case when n < 50 then 'live' else 'deleted' end,
     (case when n % ${many} = 3 then 'manual_review' else 'clean' end)::artwork_reconciler.audit_decision,
     '[{"check": "index.value", "policy": "index"}]', now(), ${ago(`(2 * ${many} - n) * interval '1 minute' - interval '3 hours'`)}
   from generate_series(1, 2 * ${many}) n`,
  `insert into artwork_reconciler.audit_repair (audit_id, position, event_id, action, message)
   select n, 0, n, 'index', '{}' from generate_series(1, 2 * ${many}) n`,
  `insert into artwork_reconciler.needs_manual_review
     (audit_entity_id, review_reason, status, resolved_by, reasons, regressed, audit_id, created_at)
   select n, 'r', 'resolved', case n when 17 then 'ida' end, jsonb_build_array(jsonb_build_object(
       'reason', case when n % ${many} = 3 then 'rare' else 'usual' end,
       'check', case when n % ${many} = 4 then 'item.dark' else 'index.value' end)),
     n % ${many} = 5, n, ${ago("n * interval '1 minute'")}
   from generate_series(1, 2 * ${many}) n`,
  `insert into artwork_reconciler.wont_fix_evidence (audit_entity_id, evidence, review_id)
   select n, 'x', n from generate_series(1, 2 * ${many}) n`,
  `insert into artwork_reconciler.standing_finding (audit_entity_id, check_name)
   select n, case when n % ${many} = 3 then 'item.dark' else 'index.value' end from generate_series(1, 2 * ${many}) n`,
  `insert into artwork_reconciler.hand_over (audit_entity_id, handed_over_to, handed_over_by, handed_over_until, checks)
   select n, 'archive_staff', 'ida', now() + case when n % ${many} = 3 then -1 else 1 end * interval '1 day', '{item.dark}'
   from generate_series(1, 2 * ${many}) n`,
  `insert into artwork_reconciler.canary (entities, remaining, started_by, ended_at)
   select 3, 0, 'ida', now() from generate_series(1, ${many})`,
  `insert into artwork_reconciler.canary_audit (audit, canary)
   select n, 1 + n % ${many} from generate_series(1, 2 * ${many}) n`,
  `insert into artwork_reconciler.noticed_event (event_id, noticed_at)
   select n, ${ago(`case when n % ${many} = 3 then interval '9 days' else interval '1 hour' end`)}
   from generate_series(1, 2 * ${many}) n`,
  `insert into artwork_reconciler.operator_action (at, actor, action, target, after)
   select ${ago(`(2 * ${many} - n) * interval '1 hour'`)}, 'ida', 'requeue events', 'event ' || n,
     jsonb_build_object('requeued', jsonb_build_array(n))
   from generate_series(1, 2 * ${many}) n`,
  `insert into artwork_reconciler.operator_action (at, actor, action, target, after)
   select ${ago("interval '100 days'")}, 'ida', 'index entity', 'release ' || n, jsonb_build_object('event', n)
   from generate_series(1, 2 * ${many}) n`,
  `insert into artwork_reconciler.bulk_action (id, kind, filter, state, planned_by, created_at, confirmed_at)
   select ${gid('b')}, 'requeue_events', '{}', case n when 1 then 'planning' when 2 then 'running' else 'done' end, 'ida',
     ${ago("n * interval '1 minute'")}, now()
   from generate_series(1, 2 * ${many}) n`,
  `insert into artwork_reconciler.bulk_action_row (bulk_action, target, place, same_as, planned, outcome)
   select md5('b' || action)::uuid, action * 100000 + n, now(), 'work ' || n,
     case when action = 2 or n < ${many} then 'done' end, case when action = 2 and n < ${many} then 'done' end
   from generate_series(1, ${many} + 5) n, generate_series(1, 2) action`,
  `insert into artwork_reconciler.bulk_action_row (bulk_action, target, place, planned, outcome)
   select ${gid('b')}, n, now(), 'done', 'done' from generate_series(3, 2 * ${many}) n`,
  `insert into artwork_reconciler.bulk_action_line (bulk_action, line, input, target)
   select md5('b1')::uuid, n, 'x', -n from generate_series(1, 2 * ${many}) n`,
  `insert into artwork_indexer.event_queue (state, entity_type, action, message, attempts, depends_on, created, last_updated)
   select state::artwork_indexer.event_state, 'release',
     (case when n % 2 = 0 then 'copy_image' else 'index' end)::artwork_indexer.event_queue_action,
     jsonb_build_object('gid', ${gid('q')}, 'old_gid', ${gid('o')}, 'new_gid', ${gid('q')}),
     case when state = 'queued' and n % ${many} > 5 then 1 else 0 end, case when n % 3 = 0 then array[n - 1] end,
     ${ago(`(3 * ${many} - n) * interval '1 minute'`)},
     ${ago("case when state = 'queued' then interval '0' else interval '10 days' end")}
   from generate_series(1, 3 * ${many}) n,
     lateral (select case when n <= 2 * ${many} then 'failed' else 'queued' end as state) of`,
  `insert into artwork_indexer.event_failure_reason (event, failure_reason)
   select n, 'HTTP 503' from generate_series(1, 2 * ${many}) n`,
  `insert into artwork_reconciler.event_attempt (event, run_id, attempt, started_at, ended_at, outcome)
   select n, 'run', 1, now(), ${ago(`case when n % ${many} = 3 then interval '0' else interval '30 days' end`)}, 'completed'
   from generate_series(1, 2 * ${many}) n`,
];

const database = await createTestDatabase();
beforeAll(async () => {
  const { rows: tables } = await database.db.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname like 'artwork\\_%'`,
  );
  // A vacuum would let some statements read an index alone, which is counted nowhere.
  for (const { name } of tables) await database.db.query(`alter table ${name} set (autovacuum_enabled = off)`);
  for (const statement of fill) await database.db.query(statement);
  await database.db.query('analyze');
});

/** What reads by an index, in a transaction that is rolled back. `db` is for those that make transactions themselves. */
type Reader = (tx: Transaction, db: Database) => Promise<unknown>;

const entities =
  (filter: EntityFilter): Reader =>
  (tx) =>
    readList(tx, entityList, filter, { limit: 50, look: 200 });
const reviews =
  (filter: ReviewFilter): Reader =>
  (tx) =>
    readList(tx, reviewList, { status: 'resolved', ...filter }, { limit: 50, look: 200 });
const audit = {
  breakerWindow: 20,
  breakerExcept: [],
  breakerShare: 0.5,
  mode: 'report' as const,
  probeMinutes: null,
  recheckDays: 365,
  ...settings.audit,
};
const gidOf = (what: string, n: number): string => {
  const hex = createHash('md5').update(`${what}${n}`).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
};
const step =
  (action: number): Reader =>
  (_, db) =>
    stepBulkAction(db, { requeue_events: doNothing }, { id: gidOf('b', action), rows: 2 });
const doNothing = {
  choose: () => Promise.resolve({ rows: [], next: null }),
  carryOut: () => Promise.resolve([]),
};
const naming =
  (n: number): Reader =>
  (tx) =>
    readEventsNaming(tx, 'release', n % 2 === 0 ? gidOf('o', n) : gidOf('q', n));

/** Every index that is no constraint, the table whose rows it saves reading, and a reader that would read most of them without. */
const readers: Readonly<Record<string, Reader>> = {
  audit_decided_at: (tx) => anyAuditDecidedLately(tx, 60),
  audit_decision: async (tx) => {
    // It has the decision, too, and would be read whole, which no row tells.
    await tx.query('drop index artwork_reconciler.audit_decided_at');
    return readList(tx, findingList, { decisions: ['clean', 'manual_review'] }, { limit: 50, look: 50 });
  },
  audit_entity_claim: (tx) => claimPacedBatch(tx, { shares: [{ count: 10, entityTypes: null }] }),
  audit_entity_claim_of_type: (tx) => claimPacedBatch(tx, { shares: [{ count: 10, entityTypes: ['event'] }] }),
  audit_entity_due: entities({ due: 'later' }),
  audit_entity_due_cause: entities({ cause: 'settling' }),
  audit_entity_in_progress: (tx) => auditsInProgress(tx, { youngClaimSeconds: 60 }),
  audit_entity_last_audit: entities({ auditedOlderThan: 600 * 86_400 }),
  audit_entity_legacy: entities({ status: 'legacy' }),
  audit_entity_manual_review: entities({ status: 'manual_review' }),
  audit_entity_priority: entities({ priority: 200 }),
  audit_entity_recheck: (tx) => recheckEntities(tx, audit),
  audit_entity_repair_queue: (_, db) => settleRepairQueue(db, audit),
  audit_live_decided: (tx) => updateBreaker(tx, null, audit),
  audit_of_entity: (tx) => readAuditHistory(tx, 17, { limit: 10 }),
  audit_repair_ended: (tx) => readRecentWork(tx, 60),
  audit_repair_event: (tx) =>
    noticeEndedEvent(tx, { eventId: 17, entityType: 'release', gids: [], outcome: 'completed' }, audit),
  bulk_action_created: (tx) => listBulkActions(tx, 20),
  bulk_action_line_target: (tx) => readStandIns(tx, gidOf('b', 1), [-17]),
  bulk_action_row_same: (tx) =>
    requeueInBulk.carryOut(tx, {
      actionId: gidOf('b', 2),
      filter: {},
      rows: [{ target: 1, version: null, planned: null }],
      dryRun: true,
      by: { actor: 'ida' },
    }),
  bulk_action_row_target: (tx) => readEventActions(tx, 17, 20),
  bulk_action_row_to_do: step(2),
  bulk_action_row_to_plan: step(1),
  bulk_action_unfinished: (tx) => unfinishedBulkActions(tx, 100),
  canary_audit_canary: (tx) => readCanarySummary(tx),
  event_attempt_ended: (tx) => readActivity(tx, 24),
  hand_over_until: (_, db) => endHandOvers(db),
  needs_manual_review_audit: (_, db) => trimHistory(db, { audit, housekeeping: { keepAuditDays: 6.8 } }),
  needs_manual_review_checks: reviews({ check: 'item.dark' }),
  needs_manual_review_entity: reviews({ gid: gidOf('e', 17) }),
  needs_manual_review_group: reviews({ group: 'rare' }),
  needs_manual_review_regressed: reviews({ regressed: true }),
  needs_manual_review_resolved: (tx) => readRecentWork(tx, 60),
  needs_manual_review_status: reviews({}),
  noticed_event_at: (_, db) => noticeEventsEndedElsewhere(db, audit),
  operator_action_at: (tx) => readList(tx, operatorActionList, { newerThan: 7200 }, { limit: 20, look: 10_000 }),
  operator_action_events: (tx) => readEventActions(tx, 17, 20),
  operator_action_index_event: (tx) => readEventActions(tx, 17, 20),
  operator_action_target: (tx) => readActionsOn(tx, ['event 17'], 20),
  reconciler_event_dependents: (tx) => readEventTree(tx, 2 * many + 1, 20),
  reconciler_event_due: (tx) => findDueEvents(tx, 8, settings),
  reconciler_event_ended: (_, db) => noticeEventsEndedElsewhere(db, audit),
  reconciler_event_ended_item: naming(21),
  reconciler_event_ended_target: naming(22),
  reconciler_event_failed: (tx) => readList(tx, eventList, { states: ['failed'] }, { limit: 10, look: 200 }),
  reconciler_event_failure_reason: (tx) => readList(tx, eventList, { states: ['failed'] }, { limit: 10, look: 200 }),
  reconciler_event_open_item: naming(3 * many - 1),
  reconciler_event_open_target: naming(3 * many),
  reconciler_event_retry: (tx) => findDueEvents(tx, 8, settings),
  standing_finding_check: entities({ check: 'item.dark' }),
  wont_fix_evidence_review: (_, db) => reopenReview(db, { reviewId: 17, actor: 'ida', note: 'again' }),
};

/** The rows of an index's table that the reader reads, with the index or without. Nothing of it stays. */
async function rowsRead(index: string, reader: Reader, without = false): Promise<number> {
  let read = NaN;
  const undo = new Error('rolled back');
  const reading = database.db.transaction(async (tx) => {
    const { rows } = await tx.query<{ name: string; of: number }>(
      `select indexrelid::regclass::text as name, indrelid::bigint as of from pg_index
       where indexrelid in (to_regclass('artwork_reconciler.' || $1), to_regclass('artwork_indexer.' || $1))`,
      [index],
    );
    const [found] = rows;
    if (found === undefined) throw new Error(`there is no index ${index}`);
    const count = async (): Promise<number> => {
      const counted = await tx.query<{ count: number }>(
        `select seq_tup_read + coalesce(idx_tup_fetch, 0) as count from pg_stat_xact_user_tables where relid = $1`,
        [found.of],
      );
      return counted.rows[0]!.count;
    };
    if (without) await tx.query(`drop index ${found.name}`);
    const before = await count();
    await reader(tx, {
      ...database.db,
      query: (sql, values) => tx.query(sql, values),
      transaction: (work) => work(tx),
    });
    read = (await count()) - before;
    throw undo;
  });
  await reading.catch((error: unknown) => {
    if (error !== undo) throw error;
  });
  return read;
}

test.each(Object.entries(readers))(
  '%s: its reader reads a few rows, and without it most of the table',
  async (index, reader) => {
    expect(await rowsRead(index, reader)).toBeLessThan(few);
    expect(await rowsRead(index, reader, true)).toBeGreaterThanOrEqual(many);
  },
);

test('every index of ours has a reader', async () => {
  const { rows } = await database.db.query<{ name: string }>(
    `select relname as name from pg_index join pg_class on pg_class.oid = indexrelid
     where not indisunique and relnamespace = 'artwork_reconciler'::regnamespace or relname like 'reconciler\\_%'
     order by relname collate "C"`,
  );
  expect(rows.map(({ name }) => name)).toEqual(Object.keys(readers).toSorted());
});
