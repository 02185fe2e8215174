import sql, { empty, raw, type Sql } from 'sql-template-tag';
import { checksFor, findCheck } from '../../domain/checks/catalogue.ts';
import type { Audience } from '../../domain/checks/check.ts';
import type { Finding } from '../../domain/checks/finding.ts';
import type { EntityKey, Identity } from '../../domain/entity.ts';
import { age, ago, conditionOf, field, type FilterOf, someOf, yes } from '../lists/fields.ts';
import type { List } from '../lists/list.ts';
import type { Walk, WalkedList } from '../lists/walk.ts';
import { type AuditStatus, auditStatuses, type DecidedOutcome, decidedOutcomes } from './count-by-status.ts';
import { audience, checkNames, columnsOfEntity, fieldsOfEntity } from './entity-fields.ts';
import { toEntities, walkOfAll, walkOfChecks, walkOfDecisions, walkOfGid, walkOfStatuses } from './entity-walks.ts';
import { type EntityName, withNames } from '../musicbrainz/entity-kinds.ts';

const hasShown = sql`shown.findings <> '[]'`;

/** What entities are chosen by, by what their `newest` decided audit says; `shown` are the findings that are asked for. */
const fields = {
  checks: field<readonly string[]>({
    parameter: 'check',
    label: 'Check found',
    kind: someOf(checkNames.choices),
    choiceInWords: (check) => check,
    help: 'with a finding of one of these checks; only these are shown',
    words: (checks) => `with a finding of ${checks.join(' or ')}`,
    sql: () => hasShown,
  }),
  audience: field<Audience>({
    ...audience,
    help: 'with a finding on which they can act; only these are shown',
    sql: () => hasShown,
  }),
  decisions: field<readonly DecidedOutcome[]>({
    parameter: 'decision',
    label: 'Decision',
    kind: someOf(decidedOutcomes),
    help: 'with one of these decisions',
    words: (decisions) => `decided ${decisions.join(' or ').replaceAll('_', ' ')}`,
    sql: (decisions) => sql`newest.decision::text = any (${decisions}::text[])`,
  }),
  statuses: field<readonly AuditStatus[]>({
    parameter: 'status',
    label: 'Status',
    kind: someOf(auditStatuses),
    help: 'with one of these statuses now',
    isAdjective: true,
    words: (statuses) => statuses.join(' or ').replaceAll('_', ' '),
    sql: (statuses) => sql`entity.status::text = any (${statuses}::text[])`,
  }),
  ...fieldsOfEntity,
  since: field({
    parameter: 'since',
    label: 'Decided since',
    hint: '7d',
    kind: age,
    help: 'of which the newest decided audit is no older than this, e.g. 12h or 7d',
    words: (seconds, say) => `decided in the last ${say.age(seconds)}`,
    sql: (seconds) => sql`newest.decided_at >= ${ago(seconds)}`,
  }),
  notHandedOver: field({
    parameter: 'not_handed_over',
    label: 'not handed over',
    kind: yes,
    help: 'of which nothing is handed over to others',
    words: () => 'that are not handed over',
    sql: () => sql`not exists (
      select from artwork_reconciler.hand_over where hand_over.audit_entity_id = entity.id)`,
  }),
  /** It has a finding of none of these, be it one that a person lets stand. */
  withoutChecks: {
    sql: (checks: readonly string[]) => sql`not exists (
      select from jsonb_array_elements(newest.findings) unwanted where unwanted->>'check' = any (${checks}::text[]))`,
  },
  /** Only what somebody else has to do: no entity whose repairs are on their way or not verified yet, and no finding that a person lets stand. */
  leftToOthers: {
    sql: (_isAsked: true) => sql`not (newest.decision = 'repair_queue' and newest.mode = 'repair')`,
  },
};

/** Which entities a list has, by what their newest decided audit says; all that is given must hold. */
export type FindingFilter = FilterOf<typeof fields>;

/** An entity of a list, with its newest decided audit. */
export interface ListedEntity extends EntityKey {
  /** Of rows of a list; null where MusicBrainz has none. */
  readonly name?: EntityName | null;
  readonly id: number;
  readonly status: AuditStatus;
  readonly priority: number;
  readonly auditId: number;
  readonly identity: Identity | null;
  readonly decision: DecidedOutcome;
  readonly mode: 'repair' | 'report' | null;
  readonly decidedAt: Date;
  /** All of the audit's; where checks are asked for, theirs only. */
  readonly findings: readonly Finding[];
}

/** Entities that were decided about, by id, with what was found. */
export const findingList: List<ListedEntity, typeof fields> = {
  name: 'findings',
  one: 'entity',
  many: 'entities',
  order: 'by id',
  fields,
  standard: {},
  columns: [
    ...columnsOfEntity,
    { name: 'identity', value: ({ identity }) => identity },
    { name: 'status', value: ({ status }) => status },
    { name: 'priority', value: ({ priority }) => priority },
    { name: 'decision', value: ({ decision }) => decision },
    { name: 'mode', value: ({ mode }) => mode },
    { name: 'audit', value: ({ auditId }) => auditId },
    { name: 'decided_at', value: ({ decidedAt }) => decidedAt },
    { name: 'checks', value: checksOf },
    { name: 'findings', value: ({ findings }) => findings, cell: ({ findings }) => findings.map(inWords).join('; ') },
  ],
  table: 'artwork_reconciler.audit_entity entity',
  id: 'entity.id',
  complete: (q, rows) => withNames(q, rows, (row) => row),
  walk(_q, filter): WalkedList {
    const checks = checksWanted(filter);
    return {
      walk: walkOf(filter, checks),
      join: {
        filter: sql`cross join lateral (${newestDecided}) newest
          cross join lateral (${shownFindings(checks, filter.leftToOthers)}) shown`,
        columns: empty,
      },
      columns: sql`
        entity.id, entity.entity_type::text as "entityType", entity.gid::text, entity.status::text, entity.priority,
        newest.id as "auditId", newest.identity, newest.decision::text, newest.mode, newest.decided_at as "decidedAt",
        shown.findings`,
      filter: conditionOf(fields, filter),
    };
  },
};

/** The checks of a finding's entity, each once. */
export function checksOf({ findings }: Pick<ListedEntity, 'findings'>): readonly string[] {
  return [...new Set(findings.map(({ check }) => check))];
}

/** A finding with its first examples; how many there are is said where these are not all. */
function inWords({ check, count, examples }: Finding): string {
  const told = examples.map(({ subject, expected, found }) => `${subject}: expected ${expected}, found ${found}`);
  return `${check}${count > examples.length ? ` (${count})` : ''}: ${told.join(', ')}`;
}

/** Null where all are. */
function checksWanted({ checks, audience: whose }: FindingFilter): readonly string[] | null {
  if (whose === undefined) return checks ?? null;
  return checksFor(whose).filter((check) => checks?.includes(check) ?? true);
}

/** By the index that passes by the fewest others. */
function walkOf({ gid, decisions, statuses }: FindingFilter, checks: readonly string[] | null): Walk {
  if (gid !== undefined) return walkOfGid(gid);
  // Names stand in the statement's text, so no others than the catalogue's.
  if (checks !== null) return toEntities(walkOfChecks(checks.filter((check) => findCheck(check) !== null)));
  if (decisions !== undefined) return walkOfDecisions(decisions);
  return statuses === undefined ? walkOfAll() : walkOfStatuses(statuses);
}

const newestDecided = sql`
  select * from artwork_reconciler.audit
  where audit.audit_entity_id = entity.id and audit.decision <> 'not_now'
  order by audit.id desc limit 1`;

/** Of the newest audit, those of the checks that are wanted; see `leftToOthers`. */
const shownFindings = (checks: readonly string[] | null, leftToOthers: true | undefined): Sql => sql`
  select coalesce(jsonb_agg(finding order by place), '[]') as findings
  from jsonb_array_elements(newest.findings) with ordinality as each (finding, place)
  where ${checks === null ? sql`true` : sql`finding->>'check' = any (${checks}::text[])`}
    and not (${raw(leftToOthers ? 'true' : 'false')} and not exists (
      -- A finding of before there were parts is its own only one.
      select from jsonb_array_elements(coalesce(finding->'parts', jsonb_build_array(finding))) part
      where not exists (
        select from artwork_reconciler.wont_fix_evidence let_stand
        where let_stand.audit_entity_id = entity.id and let_stand.evidence = part->>'evidence')))`;
