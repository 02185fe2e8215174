import { describe, expect, test } from 'vitest';
import type { Transaction } from '../../src/database/connection.ts';
import { createTestDatabase } from '../support/database.ts';

/** A row in every table; its id is beyond those that a sequence gives here. */
const rows = [
  `insert into artwork_indexer.event_queue (id, entity_type, action, message) values (1000, 'release', 'noop', '{}')`,
  `insert into audit_entity (id, entity_type, gid) values (1000, 'release', '11111111-1111-4111-8111-111111111111')`,
  `insert into audit (id, audit_entity_id, asked_by, decision, started_at) values (1000, 1000, 'pacer', 'clean', now())`,
  `insert into audit_repair (audit_id, position, action, message) values (1000, 0, 'index', '{}')`,
  `insert into needs_manual_review (id, audit_entity_id, review_reason, audit_id) values (1000, 1000, 'r', 1000)`,
  `insert into wont_fix_evidence (audit_entity_id, evidence, review_id) values (1000, 'e', 1000)`,
  `insert into standing_finding (audit_entity_id, check_name) values (1000, 'index.value')`,
  `insert into judged_document (audit_entity_id, file_name, md5, expectation, differences) values (1000, 'f', 'm', 'e', '[]')`,
  `insert into event_claim (event, workflow_id, run_id, attempt, attempts_before, last_updated_before)
   values (1000, 'w', 'r', 1, 0, now())`,
  `insert into event_attempt (event, run_id, attempt, started_at, outcome) values (1000, 'r', 1, now(), 'completed')`,
  `insert into event_not_before (event, until, reason) values (1000, now(), 'r')`,
  `insert into event_dismissal (event, last_updated, actor) values (1000, now(), 'ida')`,
  `insert into event_origin (event, origin) values (1000, 'audit')`,
  `insert into event_probe (brake, at) values ('keys_refused_caa', now())`,
  `insert into event_failures_alike (project, answer, items) values ('caa', 'server error', '{a}')`,
  `insert into noticed_event (event_id) values (1000)`,
  `insert into operator_action (id, actor, action, target) values (1000, 'ida', 'a', 't')`,
  `insert into bulk_action (id, kind, filter, planned_by, operator_action)
   values ('22222222-2222-4222-8222-222222222222', 'k', '{}', 'ida', 1000)`,
  `insert into bulk_action_row (bulk_action, target, place) select id, 1, now() from bulk_action`,
  `insert into bulk_action_line (bulk_action, line, input) select id, 1, 'x' from bulk_action`,
  `insert into hand_over (audit_entity_id, handed_over_to, handed_over_by, handed_over_until, checks)
   values (1000, 'archive_staff', 'ida', now(), '{item.dark}')`,
  `insert into canary (id, entities, remaining, started_by) values (1000, 5, 5, 'ida')`,
  `insert into canary_audit (audit, canary) values (1000, 1000)`,
  `insert into exclusion (audit_entity_id, excluded_by, note) values (1000, 'ida', 'n')`,
  `insert into budget (service) values ('archive')`,
  `insert into brake (name, reason) values ('breaker', 'r')`,
  `insert into slow_down (bucket, times, at) values ('b', 1, now())`,
  `insert into archive_scan (collection, dry_run, state) values ('c', false, '{}')`,
  `insert into feeding_step (step, counts) values ('s', '{}')`,
  `insert into activity_hour (hour, what, key, count) values (now(), 'audit', 'clean', 1)`,
  `insert into pause_window (stops, daily, begins, ends, reason, actor)
   values ('all', false, now(), now() + interval '1 hour', 'r', 'ida')`,
  `insert into own_pace (entity_type, set_per_hour, set_by) values ('event', 1, 'ida')`,
  `insert into standing_day (day, status, count) values (current_date, 'clean', 1)`,
  `insert into dashboard_session (id, account) values ('1000', 'ida')`,
  `insert into image_content (artwork_id, md5, first_seen, last_seen, entity_type, suffix)
   values (1000, '22222222-2222-4222-8222-222222222222', now(), now(), 'release', 'jpg')`,
  `insert into image_other_content (artwork_id, md5, first_seen, last_seen, entity_type, suffix)
   values (1000, '22222222-2222-4222-8222-222222222222', now(), now(), 'release', 'jpg')`,
  `insert into login (step, network) values ('start', '192.0.2.1')`,
  `insert into worker (id, name, lapses_at, settings) values ('22222222-2222-4222-8222-222222222222', 'w', now(), '{}')`,
  `insert into web_service_disagreement (run_id, entity_type, gid)
   values ('r', 'release', '11111111-1111-4111-8111-111111111111')`,
];

/** What no row may say, by the constraint that forbids it. */
const rules = {
  activity_hour_what_check: `update activity_hour set what = 'weather'`,
  activity_place_only_row_check: `insert into activity_place (only_row) values (false)`,
  audit_entity_priority_check: `update audit_entity set priority = -1`,
  bulk_action_row_outcome_check: `update bulk_action_row set outcome = 'maybe'`,
  bulk_action_row_planned_check: `update bulk_action_row set planned = 'maybe'`,
  bulk_action_state_check: `update bulk_action set state = 'maybe'`,
  canary_check: `update canary set remaining = 6`,
  canary_entities_check: `update canary set entities = 0, remaining = 0`,
  deployment_only_row_check: `insert into deployment (only_row, identity, database_oid) select false, identity, 1 from deployment`,
  deployment_unscanned_check: 'update deployment set restored_as_of = now()',
  event_attempt_outcome_check: `update event_attempt set outcome = 'running'`,
  event_failures_alike_project_check: `update event_failures_alike set project = 'xaa'`,
  event_origin_origin_check: `update event_origin set origin = 'trigger'`,
  hand_over_handed_over_to_check: `update hand_over set handed_over_to = 'nobody'`,
  history_place_only_row_check: `insert into history_place (only_row) values (false)`,
  login_step_check: `update login set step = 'middle'`,
  pace_check: `update pace set set_per_hour = 1, set_per_day = 1`,
  pace_mode_check: `update pace set mode = 'maybe'`,
  pace_only_row_check: `insert into pace (only_row) values (false)`,
  pace_owed_check: `update pace set owed = -0.1`,
  own_pace_check: `update own_pace set set_per_day = 1`,
  own_pace_set_per_day_check: `update own_pace set set_per_hour = null, set_per_day = 0`,
  own_pace_set_per_hour_check: `update own_pace set set_per_hour = 0`,
  pace_set_per_day_check: `update pace set set_per_day = 0`,
  pace_set_per_hour_check: `update pace set set_per_hour = 0`,
  pause_window_check: `update pause_window set ends = begins`,
  pause_window_check1: `update pause_window set daily = true, ends = begins + interval '25 hours'`,
  pause_window_stops_check: `update pause_window set stops = 'nothing'`,
} as const;

/** What there is once only: the columns that tell rows apart, by the constraint or the index that says so. */
const keys: Readonly<Record<string, { readonly of: string; readonly key: readonly string[] }>> = {
  activity_hour_pkey: { of: 'activity_hour', key: ['hour', 'what', 'key'] },
  activity_place_pkey: { of: 'activity_place', key: ['only_row'] },
  archive_scan_pkey: { of: 'archive_scan', key: ['collection', 'dry_run'] },
  audit_entity_entity_type_gid_key: { of: 'audit_entity', key: ['entity_type', 'gid'] },
  audit_entity_pkey: { of: 'audit_entity', key: ['id'] },
  audit_pkey: { of: 'audit', key: ['id'] },
  audit_repair_pkey: { of: 'audit_repair', key: ['audit_id', 'position'] },
  brake_pkey: { of: 'brake', key: ['name'] },
  budget_pkey: { of: 'budget', key: ['service'] },
  bulk_action_pkey: { of: 'bulk_action', key: ['id'] },
  bulk_action_line_pkey: { of: 'bulk_action_line', key: ['bulk_action', 'line'] },
  bulk_action_row_pkey: { of: 'bulk_action_row', key: ['bulk_action', 'target'] },
  canary_audit_pkey: { of: 'canary_audit', key: ['audit'] },
  canary_open: { of: 'canary', key: [] },
  canary_pkey: { of: 'canary', key: ['id'] },
  dashboard_session_pkey: { of: 'dashboard_session', key: ['id'] },
  deployment_pkey: { of: 'deployment', key: ['only_row'] },
  hand_over_pkey: { of: 'hand_over', key: ['audit_entity_id'] },
  exclusion_pkey: { of: 'exclusion', key: ['audit_entity_id'] },
  event_attempt_pkey: { of: 'event_attempt', key: ['event', 'run_id'] },
  event_claim_pkey: { of: 'event_claim', key: ['event'] },
  event_dismissal_pkey: { of: 'event_dismissal', key: ['event'] },
  event_failures_alike_pkey: { of: 'event_failures_alike', key: ['project'] },
  event_probe_pkey: { of: 'event_probe', key: ['brake'] },
  event_not_before_pkey: { of: 'event_not_before', key: ['event'] },
  event_origin_pkey: { of: 'event_origin', key: ['event'] },
  feeding_step_pkey: { of: 'feeding_step', key: ['step'] },
  history_place_pkey: { of: 'history_place', key: ['only_row'] },
  image_content_pkey: { of: 'image_content', key: ['artwork_id', 'suffix', 'entity_type'] },
  image_other_content_pkey: { of: 'image_other_content', key: ['artwork_id', 'suffix', 'entity_type', 'md5'] },
  judged_document_pkey: { of: 'judged_document', key: ['audit_entity_id', 'file_name'] },
  needs_manual_review_one_open: { of: 'needs_manual_review', key: ['audit_entity_id'] },
  needs_manual_review_pkey: { of: 'needs_manual_review', key: ['id'] },
  noticed_event_pkey: { of: 'noticed_event', key: ['event_id'] },
  operator_action_pkey: { of: 'operator_action', key: ['id'] },
  pace_pkey: { of: 'pace', key: ['only_row'] },
  own_pace_pkey: { of: 'own_pace', key: ['entity_type'] },
  pause_window_pkey: { of: 'pause_window', key: ['id'] },
  slow_down_pkey: { of: 'slow_down', key: ['bucket'] },
  standing_finding_pkey: { of: 'standing_finding', key: ['audit_entity_id', 'check_name'] },
  web_service_disagreement_pkey: { of: 'web_service_disagreement', key: ['run_id'] },
  worker_pkey: { of: 'worker', key: ['id'] },
  wont_fix_evidence_pkey: { of: 'wont_fix_evidence', key: ['audit_entity_id', 'evidence'] },
  standing_day_pkey: { of: 'standing_day', key: ['day', 'status'] },
};

const event = 'artwork_indexer.event_queue';

/** What becomes of a row where the one that its column names is deleted: it goes along, or only forgets it. */
const references: Readonly<
  Record<string, readonly [from: string, column: string, to: string, then: 'forgets' | 'goes']>
> = {
  audit_audit_entity_id_fkey: ['audit', 'audit_entity_id', 'audit_entity', 'goes'],
  audit_repair_audit_id_fkey: ['audit_repair', 'audit_id', 'audit', 'goes'],
  bulk_action_operator_action_fkey: ['bulk_action', 'operator_action', 'operator_action', 'forgets'],
  bulk_action_line_bulk_action_fkey: ['bulk_action_line', 'bulk_action', 'bulk_action', 'goes'],
  bulk_action_row_bulk_action_fkey: ['bulk_action_row', 'bulk_action', 'bulk_action', 'goes'],
  canary_audit_audit_fkey: ['canary_audit', 'audit', 'audit', 'goes'],
  canary_audit_canary_fkey: ['canary_audit', 'canary', 'canary', 'goes'],
  hand_over_audit_entity_id_fkey: ['hand_over', 'audit_entity_id', 'audit_entity', 'goes'],
  exclusion_audit_entity_id_fkey: ['exclusion', 'audit_entity_id', 'audit_entity', 'goes'],
  event_attempt_event_fkey: ['event_attempt', 'event', event, 'goes'],
  event_claim_event_fkey: ['event_claim', 'event', event, 'goes'],
  event_dismissal_event_fkey: ['event_dismissal', 'event', event, 'goes'],
  event_not_before_event_fkey: ['event_not_before', 'event', event, 'goes'],
  event_origin_event_fkey: ['event_origin', 'event', event, 'goes'],
  judged_document_audit_entity_id_fkey: ['judged_document', 'audit_entity_id', 'audit_entity', 'goes'],
  needs_manual_review_audit_entity_id_fkey: ['needs_manual_review', 'audit_entity_id', 'audit_entity', 'goes'],
  needs_manual_review_audit_id_fkey: ['needs_manual_review', 'audit_id', 'audit', 'forgets'],
  standing_finding_audit_entity_id_fkey: ['standing_finding', 'audit_entity_id', 'audit_entity', 'goes'],
  wont_fix_evidence_audit_entity_id_fkey: ['wont_fix_evidence', 'audit_entity_id', 'audit_entity', 'goes'],
  wont_fix_evidence_review_id_fkey: ['wont_fix_evidence', 'review_id', 'needs_manual_review', 'goes'],
};

/** What may be missing in a row, by table: every other column always has a value. */
const optional: Readonly<Record<string, string>> = {
  audit: 'cause checks_version counted fingerprint identity mode reason run_id workflow_id',
  audit_entity:
    'claim_batch claim_expires_at claim_run_id claim_workflow_id claimed_at claimed_by discarded_fingerprint due_at due_cause last_audit_at repair_audit_id repaired_checks return_reasons',
  audit_repair: 'ended_at event_id outcome',
  budget: 'cool_down_reason cool_down_since cool_down_until',
  bulk_action: 'actor confirmed_at cursor ended_at fault note operator_action stopped_by',
  bulk_action_line: 'entity_type gid reason target',
  bulk_action_row: 'before outcome planned planned_reason reason same_as version',
  canary: 'ended_at note',
  deployment: 'restored_as_of system_identifier',
  event_attempt: 'body_excerpt reason request_id sql_state status',
  event_claim: 'request_ids',
  event_dismissal: 'note',
  event_not_before: 'brake',
  event_probe: 'event',
  hand_over: 'note ticket',
  needs_manual_review: 'audit_id checks reason_group resolution_notes resolved_at resolved_by',
  operator_action: 'after before note',
  own_pace: 'set_per_day set_per_hour',
  pace: 'last_batch last_probe_at last_tick_at mode mode_set_at mode_set_by set_at set_by set_per_day set_per_hour',
  pause_window: 'ended_at entity_type',
  slow_down: 'others_first_until',
  wont_fix_evidence: 'check_name',
};

const database = await createTestDatabase({ musicbrainz: false });

/** Works on a row in every table, and leaves nothing behind. */
async function trying<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
  let result: Result | undefined;
  const undo = new Error('rolled back');
  await database.db
    .transaction(async (tx) => {
      await tx.query('set local search_path to artwork_reconciler');
      for (const row of rows) await tx.query(row);
      result = await work(tx);
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error;
    });
  return result!;
}

/** The constraint that forbids a statement. */
async function forbidden(statement: (tx: Transaction) => Promise<string>): Promise<string | undefined> {
  return trying(async (tx) => tx.query(await statement(tx))).then(
    () => undefined,
    (error: { readonly constraint?: string }) => error.constraint,
  );
}

test.each(Object.entries(rules))('%s: no row says otherwise', async (constraint, statement) => {
  expect(await forbidden(() => Promise.resolve(statement))).toBe(constraint);
});

test.each(Object.entries(keys))('%s: there is no second one', async (constraint, { of, key }) => {
  const again = async (tx: Transaction): Promise<string> => {
    // All that is the row's own, but for what would tell it from the first.
    const { rows: columns } = await tx.query<{ names: string }>(
      `select string_agg(quote_ident(column_name), ', ') as names from information_schema.columns
       where table_schema = 'artwork_reconciler' and table_name = $1 and is_generated = 'NEVER'
         and (column_name <> 'id' or 'id' = any ($2::text[]))`,
      [of, key],
    );
    return `insert into ${of} (${columns[0]!.names}) select ${columns[0]!.names} from ${of} limit 1`;
  };
  expect(await forbidden(again)).toBe(constraint);
});

describe.each(Object.entries(references))('%s', (constraint, [from, column, to, then]) => {
  const count = async (tx: Transaction, where: string): Promise<number> =>
    (await tx.query<{ count: number }>(`select count(*)::int as count from ${from} where ${where}`)).rows[0]!.count;

  test(`a row ${then === 'goes' ? 'goes with' : 'outlives'} what it names`, async () => {
    const left = await trying(async (tx) => {
      expect(await count(tx, `${column} is not null`)).toBe(1);
      await tx.query(`delete from ${to}`);
      return [await count(tx, 'true'), await count(tx, `${column} is null`)];
    });
    expect(left).toEqual(then === 'goes' ? [0, 0] : [1, 1]);
  });

  test('nothing names what there is not', async () => {
    const nowhere = column === 'bulk_action' ? "'33333333-3333-4333-8333-333333333333'" : '99';
    expect(await forbidden(() => Promise.resolve(`update ${from} set ${column} = ${nowhere}`))).toBe(constraint);
  });
});

test('every constraint of ours is one of these', async () => {
  const { rows: found } = await database.db.query<{ name: string }>(
    `select conname as name from pg_constraint where connamespace = 'artwork_reconciler'::regnamespace
       and contype in ('c', 'f', 'p', 'u') and conrelid <> 'artwork_reconciler.migration'::regclass
     union
     select relname from pg_index join pg_class on pg_class.oid = indexrelid
     where indisunique and relnamespace = 'artwork_reconciler'::regnamespace
       and indrelid <> 'artwork_reconciler.migration'::regclass`,
  );
  expect(found.map(({ name }) => name).toSorted()).toEqual(
    [rules, keys, references].flatMap((each) => Object.keys(each)).toSorted(),
  );
});

test('every column has a value but those of which that is said', async () => {
  const { rows: found } = await database.db.query<{ table: string; columns: string }>(
    `select relname as table, string_agg(attname, ' ' order by attname collate "C") as columns
     from pg_attribute join pg_class on pg_class.oid = attrelid
     where relnamespace = 'artwork_reconciler'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
       and not attnotnull and relname <> 'migration'
     group by relname`,
  );
  expect(Object.fromEntries(found.map(({ table, columns }) => [table, columns]))).toEqual(optional);
});
