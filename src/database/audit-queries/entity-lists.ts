import type { Outcome } from '../../domain/decision/decision.ts';
import type { EntityKey, EntityType, Identity } from '../../domain/entity.ts';
import type { Finding } from '../../domain/checks/finding.ts';
import type { Queryable } from '../connection.ts';
import { hasStatus } from '../entity-queries/entity-filter.ts';
import type { AuditStatus } from './count-by-status.ts';

/** An outcome that decides. */
export type DecidedOutcome = Exclude<Outcome, 'not_now'>;

export const decidedOutcomes: readonly DecidedOutcome[] = ['clean', 'repair_queue', 'manual_review', 'legacy'];

/** Which entities a list has, by what their newest decided audit says; all that is given must hold. */
export interface EntityListFilter {
  /** It has a finding of one of them. */
  readonly checks?: readonly string[];
  /** It has a finding of none of these, be it one that a person lets stand. */
  readonly withoutChecks?: readonly string[];
  readonly decisions?: readonly DecidedOutcome[];
  /** Of the entity as it is now. */
  readonly statuses?: readonly AuditStatus[];
  readonly entityType?: EntityType;
  /** Only what somebody else has to do: no entity whose repairs are on their way or not verified yet, and no finding that a person lets stand. */
  readonly leftToOthers?: boolean;
}

/** An entity of a list, with its newest decided audit. */
export interface ListedEntity extends EntityKey {
  readonly entityId: number;
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

export interface EntityListPage {
  readonly entities: readonly ListedEntity[];
  /** Where the next page begins: to be given as `afterId`. Null where there are no more. */
  readonly next: number | null;
}

/**
 * The entities that a filter matches, in the order of their ids, page after page: each page is a statement of its own,
 * so that no snapshot is held and nothing piles up, however long the reader takes. A page may be empty, and more follow.
 *
 * @param page.size entities that a statement looks at
 */
export async function* entityListPages(
  q: Queryable,
  filter: EntityListFilter,
  page: { readonly size?: number } = {},
): AsyncGenerator<readonly ListedEntity[]> {
  for (let afterId: number | null = 0; afterId !== null;) {
    const { entities, next }: EntityListPage = await readEntityList(q, filter, { size: page.size ?? 1_000, afterId });
    yield entities;
    afterId = next;
  }
}

/**
 * One page: the next entities that might match, found by an index on what is asked for, and of these the ones that do.
 * So a page costs the same wherever it is and however few match: never more than so many lookups.
 */
export async function readEntityList(
  q: Queryable,
  filter: EntityListFilter,
  { size, afterId }: { readonly size: number; readonly afterId: number },
): Promise<EntityListPage> {
  const { rows } = await q.query<{ readonly looked: number; readonly last: number; readonly found: ListedRow | null }>(
    `with candidate as materialized (${candidates(filter)})
     select looked.count as looked, looked.last, to_jsonb(found) as found
     from (select count(*)::int as count, max(id) as last from candidate) looked
     left join lateral (
       select entity.id as "entityId", entity.entity_type::text as "entityType", entity.gid::text, entity.status::text,
              entity.priority, newest.id as "auditId", newest.identity, newest.decision::text, newest.mode,
              newest.decided_at as "decidedAt", shown.findings
       from candidate
       join artwork_reconciler.audit_entity entity on entity.id = candidate.id
       cross join lateral (${newestDecided}) newest
       cross join lateral (${shownFindings}) shown
       where ($3::text[] is null or shown.findings <> '[]')
         and ($4::text[] is null or newest.decision::text = any ($4))
         and ($5::text[] is null or entity.status::text = any ($5))
         and ($6::text is null or entity.entity_type::text = $6)
         and not ($7 and newest.decision = 'repair_queue' and newest.mode = 'repair')
         and not exists (
           select from jsonb_array_elements(newest.findings) unwanted where unwanted->>'check' = any ($8::text[]))
     ) found on true
     order by found."entityId"`,
    [
      afterId,
      size,
      filter.checks ?? null,
      filter.decisions ?? null,
      filter.statuses ?? null,
      filter.entityType ?? null,
      filter.leftToOthers ?? false,
      filter.withoutChecks ?? [],
    ],
  );
  const [first] = rows;
  const entities = rows
    .flatMap(({ found }) => found ?? [])
    .map((row) => ({ ...row, decidedAt: new Date(row.decidedAt) }));
  return { entities, next: first === undefined || first.looked < size ? null : first.last };
}

/** As JSON has it: moments are texts there. */
type ListedRow = Omit<ListedEntity, 'decidedAt'> & { readonly decidedAt: string };

const newestDecided = `
  select * from artwork_reconciler.audit
  where audit.audit_entity_id = entity.id and audit.decision <> 'not_now'
  order by audit.id desc limit 1`;

const shownFindings = `
  select coalesce(jsonb_agg(finding order by place), '[]') as findings
  from jsonb_array_elements(newest.findings) with ordinality as each (finding, place)
  where ($3::text[] is null or finding->>'check' = any ($3))
    and not ($7 and not exists (
      -- A finding of before there were parts is its own only one.
      select from jsonb_array_elements(coalesce(finding->'parts', jsonb_build_array(finding))) part
      where not exists (
        select from artwork_reconciler.wont_fix_evidence let_stand
        where let_stand.audit_entity_id = entity.id and let_stand.evidence = part->>'evidence')))`;

/**
 * The ids after `$1` that might match, `$2` at most, in their order. For each check, or each decision, so many are read
 * from its index in order, and the lowest of all kept; by `= any` alone all of them would be read and sorted, page after page.
 */
function candidates({ checks, decisions, statuses }: EntityListFilter): string {
  if (checks !== undefined) {
    return lowest(
      '$3::text[]',
      (check) => `
      select audit_entity_id as id from artwork_reconciler.standing_finding
      where check_name = ${check} and audit_entity_id > $1
      order by audit_entity_id limit $2`,
    );
  }
  if (decisions !== undefined) {
    return lowest(
      '$4::text[]',
      (decision) => `
      select distinct audit_entity_id as id from artwork_reconciler.audit
      where decision = ${decision}::artwork_reconciler.audit_decision and decision <> 'not_now' and audit_entity_id > $1
      order by audit_entity_id limit $2`,
    );
  }
  // Written out, not a parameter: only so are the partial indexes of the rarer statuses used.
  const isOne = statuses === undefined ? 'true' : statuses.map(hasStatus).join(' or ');
  return `
    select id from artwork_reconciler.audit_entity entity
    where id > $1 and (${isOne || 'false'})
    order by id limit $2`;
}

function lowest(values: string, idsOf: (value: string) => string): string {
  return `
    select distinct each.id
    from unnest(${values}) as wanted (value) cross join lateral (${idsOf('wanted.value')}) each
    order by each.id limit $2`;
}
