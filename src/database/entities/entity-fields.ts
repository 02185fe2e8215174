import sql, { raw, type Sql } from 'sql-template-tag';
import { catalogue, checksFor } from '../../domain/checks/catalogue.ts';
import { type Audience, audienceNames, audiences } from '../../domain/checks/check.ts';
import type { EntityKey } from '../../domain/entity.ts';
import { entityTypeLiterals } from '../entity-types.ts';
import {
  age,
  ago,
  doneInBulk,
  entity,
  entityTypeField,
  field,
  type FilterOf,
  oneOf,
  versionNumber,
  wholeNumber,
  yes,
} from '../lists/fields.ts';
import type { Column } from '../lists/list.ts';
import type { EntityName } from '../musicbrainz/entity-kinds.ts';
import { type AuditStatus, auditStatuses, type DecidedOutcome, decidedOutcomes, hasStatus } from './count-by-status.ts';
import { dueCauses } from './make-due.ts';

/** What a list is chosen by whose rows are joined with their `entity`. */
export const fieldsOfEntity = {
  entityType: entityTypeField((entityType) => sql`entity.entity_type = ${raw(entityTypeLiterals[entityType])}`),
  gid: field({
    parameter: 'mbid',
    label: 'MBID or address',
    kind: entity,
    help: 'about this entity: an MBID, or a MusicBrainz or archive.org address',
    words: (gid) => `of ${gid}`,
    sql: (gid) => sql`entity.gid = ${gid}::uuid`,
  }),
  priority: field({
    parameter: 'priority',
    label: 'Priority',
    hint: '100',
    kind: wholeNumber(32_767),
    help: 'whose audits have this priority, e.g. 100, which is the usual one',
    words: (priority) => `of entities of priority ${priority}`,
    sql: (priority) => sql`entity.priority = ${priority}::smallint`,
  }),
};

/** What a list says of each row's entity. */
export const columnsOfEntity: readonly Column<EntityKey & { readonly name?: EntityName | null }>[] = [
  { name: 'entity_type', value: ({ entityType }) => entityType },
  { name: 'mbid', value: ({ gid }) => gid },
  { name: 'name', value: ({ name }) => name?.name ?? null },
  { name: 'artist', value: ({ name }) => name?.artist ?? null },
];

/** Checks, and all that begin alike: `xml.*`. */
const families = [...new Set(catalogue.map(({ name }) => `${name.split('.')[0]}.*`))];
const checksOrFamilies = oneOf([...catalogue.map(({ name }) => name), ...families]);

/** The checks that a name, or the name of a family, stands for. */
export function checksNamed(name: string): readonly string[] {
  if (!name.endsWith('.*')) return [name];
  return catalogue.map((check) => check.name).filter((check) => check.startsWith(name.slice(0, -1)));
}

/** The names of checks and of audiences, of which lists have each a condition of their own. */
export const checkNames = oneOf(catalogue.map(({ name }) => name));
export const audience = {
  parameter: 'audience',
  label: 'Who can act',
  kind: oneOf(audiences),
  choiceInWords: (choice: string) => audienceNames[choice as Audience],
  words: (whose: Audience) => `for ${audienceNames[whose]}`,
} as const;

/** What entities are chosen by. */
export const entityFields = {
  ids: {
    sql: (ids: readonly number[]) => sql`entity.id = any (${ids}::bigint[])`,
  },
  status: field<AuditStatus>({
    parameter: 'status',
    label: 'Status',
    kind: oneOf(auditStatuses),
    help: 'with this status now',
    isAdjective: true,
    words: (status) => status.replaceAll('_', ' '),
    sql: (status) => raw(hasStatus(status)),
  }),
  ...fieldsOfEntity,
  check: field({
    parameter: 'check',
    label: 'Check found',
    kind: checksOrFamilies,
    choiceInWords: (check) => check,
    help: 'of which the newest decided audit has a finding of this check, or, as `xml.*`, of one that begins so',
    words: (check) => `with a finding of ${check}`,
    sql: (check) => hasFinding(checksNamed(check)),
  }),
  audience: field<Audience>({
    ...audience,
    help: 'of which the newest decided audit has a finding on which they can act',
    sql: (whose) => hasFinding(checksFor(whose)),
  }),
  bulk: doneInBulk('entity.id', [
    'recheck_entities',
    'prioritise_entities',
    'exclude_entities',
    'include_entities',
    'index_entities',
  ]),
  decision: field<DecidedOutcome>({
    parameter: 'decision',
    label: 'Decision',
    kind: oneOf(decidedOutcomes),
    help: 'of which the newest decided audit has this decision',
    words: (decision) => `decided ${decision.replaceAll('_', ' ')}`,
    sql: (decision) => ofNewest(sql`newest.decision::text = ${decision}`),
  }),
  judgedBefore: field({
    parameter: 'judged_before',
    label: 'Judged before version',
    hint: '0.2',
    kind: versionNumber,
    help: 'of which the newest decided audit was made by an older version than this of the checks, e.g. 0.2',
    words: (version) => `judged by checks before ${version}`,
    sql: (version) =>
      ofNewest(sql`coalesce(string_to_array(newest.checks_version, '.')::int[], '{}')
        < string_to_array(${version}::text, '.')::int[]`),
  }),
  due: field({
    parameter: 'due',
    label: 'Due',
    kind: oneOf(['now', 'later']),
    help: 'that are unchecked, and due now or later',
    words: (when) => `due ${when}`,
    sql: (when) => sql`${raw(hasStatus('unchecked'))} and entity.due_at is ${raw(when === 'now' ? '' : 'not ')}null`,
  }),
  cause: field({
    parameter: 'cause',
    label: 'Waits because',
    kind: oneOf(dueCauses),
    help: 'that are unchecked, and wait because of this',
    words: (cause) => `that wait because of ${cause.replaceAll('_', ' ')}`,
    sql: (cause) => sql`${raw(hasStatus('unchecked'))} and entity.due_at is not null and entity.due_cause = ${cause}`,
  }),
  auditedOlderThan: field({
    parameter: 'older',
    flag: 'older-than',
    label: 'Audited longer ago than',
    hint: '30d',
    kind: age,
    help: 'last audited longer ago than this, e.g. 90m, 12h or 30d; not those that never were',
    words: (seconds, say) => `last audited more than ${say.age(seconds)} ago`,
    sql: (seconds) => sql`entity.last_audit_at < ${ago(seconds)}`,
  }),
  auditedNewerThan: field({
    parameter: 'newer',
    flag: 'newer-than',
    label: 'Audited since',
    hint: '12h',
    kind: age,
    help: 'last audited since, e.g. 90m, 12h or 30d',
    words: (seconds, say) => `audited in the last ${say.age(seconds)}`,
    sql: (seconds) => sql`entity.last_audit_at >= ${ago(seconds)}`,
  }),
  neverAudited: field({
    parameter: 'never',
    label: 'never audited',
    kind: yes,
    help: 'that were never audited',
    words: () => 'that were never audited',
    sql: () => sql`entity.last_audit_at is null`,
  }),
};

/** Which entities a list is about; all that is given must hold. */
export type EntityFilter = FilterOf<typeof entityFields>;

/** Of the newest audit that decided something. */
function ofNewest(condition: Sql): Sql {
  return sql`exists (
    select from (
      select audit.decision, audit.checks_version from artwork_reconciler.audit
      where audit.audit_entity_id = entity.id and audit.decision <> 'not_now'
      order by audit.id desc limit 1) newest
    where ${condition})`;
}

function hasFinding(checks: readonly string[]): Sql {
  return sql`exists (
    select from artwork_reconciler.standing_finding standing
    where standing.audit_entity_id = entity.id and standing.check_name = any (${checks}::text[]))`;
}
