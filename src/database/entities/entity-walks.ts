import sql, { empty, join, raw, type Sql } from 'sql-template-tag';
import { checksFor } from '../../domain/checks/catalogue.ts';
import { priorities } from '../../domain/priorities.ts';
import { entityTypeList, entityTypeLiterals } from '../entity-types.ts';
import { ago } from '../lists/fields.ts';
import type { KeyColumn, Walk, WalkedPage } from '../lists/walk.ts';
import { type AuditStatus, type DecidedOutcome, hasStatus } from './count-by-status.ts';
import { checksNamed, entityFields, type EntityFilter } from './entity-fields.ts';

const from = sql`artwork_reconciler.audit_entity entity`;
const id = 'entity.id';
export function walkOfGid(gid: string): Walk {
  // The type is in the index's key, so this is an entry of it for each.
  return walk(sql`entity.gid = ${gid}::uuid and entity.entity_type in (${raw(entityTypeList)})`, byId);
}

/** Of several statuses, in the order of the ids. */
export function walkOfStatuses(statuses: readonly AuditStatus[]): Walk {
  return walk(raw(`(${statuses.map(hasStatus).join(' or ') || 'false'})`), byId);
}

export function walkOfAll(): Walk {
  return walk(sql`true`, byId);
}

const byId: readonly KeyColumn[] = [{ sql: id, type: 'bigint' }];
const audited = (nulls: 'first' | 'last' | null): KeyColumn => ({
  sql: 'entity.last_audit_at',
  type: 'timestamptz',
  ...(nulls && { nulls }),
});
const due: KeyColumn = { sql: 'entity.due_at', type: 'timestamptz' };
const isWaiting = `${hasStatus('unchecked')} and entity.due_at is not null`;

/**
 * The way on which a filter's entities are looked for: by the index that passes by the fewest others, in its order.
 * What is listed together is so in an order of its own: what is due as it will be claimed, what waits as it becomes due,
 * what is clean as it will be checked again.
 */
export function walkOf(filter: EntityFilter): Walk {
  const { ids, gid, bulk, check, audience, cause, priority, status } = filter;
  if (ids !== undefined) return walk(sql`entity.id = any (${ids}::bigint[])`, byId);
  if (gid !== undefined) return walkOfGid(gid);
  if (bulk !== undefined) return walk(entityFields.bulk.sql(bulk), byId);
  if (check?.endsWith('.*')) return toEntities(walkOfChecks(checksNamed(check)));
  if (check !== undefined) return toEntities(walkOfCheck(check));
  if (audience !== undefined) return toEntities(walkOfChecks(checksFor(audience)));
  if (cause !== undefined) return walk(sql`${raw(isWaiting)} and entity.due_cause = ${cause}`, [due, ...byId]);
  if (status === 'audit_in_progress') {
    return walk(raw(hasStatus(status)), [{ sql: 'entity.claimed_at', type: 'timestamptz', nulls: 'last' }, ...byId]);
  }
  if (status === 'manual_review' || status === 'repair_queue') return walk(raw(hasStatus(status)), byId);
  if (priority !== undefined && priority !== priorities.usual) {
    // The index is a partial one, of those that are not usual.
    return walk(
      sql`entity.priority <> ${raw(String(priorities.usual))} and entity.priority = ${priority}::smallint`,
      byId,
    );
  }
  if (filter.due === 'later') return walk(raw(isWaiting), [due, ...byId]);
  if (filter.due === 'now') return walk(raw(`${hasStatus('unchecked')} and entity.due_at is null`), claimOrder);
  if (status === 'legacy') return walk(raw(hasStatus('legacy')), [audited('last'), ...byId]);
  if (filter.auditedNewerThan !== undefined || filter.auditedOlderThan !== undefined) return byAudit(filter);
  if (status === 'clean') return walk(raw(hasStatus('clean')), [audited('last'), ...byId]);
  if (filter.decision !== undefined) return walkOfDecisions([filter.decision]);
  if (filter.entityType) {
    const literal = entityTypeLiterals[filter.entityType];
    return walk(raw(`entity.entity_type = ${literal}`), [{ sql: 'entity.gid', type: 'uuid' }]);
  }
  return walkOfAll();
}

/** What stands of one check, by entity, and nothing of the entities. */
export function walkOfCheck(check: string): Walk {
  return {
    alias: 'standing',
    from: sql`artwork_reconciler.standing_finding standing`,
    where: sql`standing.check_name = ${check}`,
    order: byStanding,
  };
}

/**
 * What stands of some checks, each entity once: their ranges of the index, merged. With the checks as a condition on all
 * entities, a page would pass by thousands to find a few.
 *
 * @param checks of the catalogue: they stand in the statement's text
 */
export function walkOfChecks(checks: readonly string[]): Walk {
  return walkOfRanges(checks.map((name) => `artwork_reconciler.standing_finding where check_name = '${name}'`));
}

/** Entities whose newest decided audit may have one of these decisions, each once. */
export function walkOfDecisions(decisions: readonly DecidedOutcome[]): Walk {
  return toEntities(
    walkOfRanges(
      decisions.map((decision) => `artwork_reconciler.audit where decision = '${decision}' and decision <> 'not_now'`),
    ),
  );
}

/**
 * The entities that ranges of an index name, each once: the ranges are merged. Each is entered at the page's beginning and
 * left at its end separately, because no plan does so for all of them: it would read and sort what is left of them.
 */
function walkOfRanges(ranges: readonly string[]): Walk {
  const merged = ({ after, look, isDescending }: WalkedPage): Sql => {
    if (ranges.length === 0) return sql`select null::bigint as audit_entity_id where false`;
    const place = after?.[0] ?? null;
    const begins = place === null ? empty : sql`and audit_entity_id ${raw(isDescending ? '<' : '>')} ${place}::bigint`;
    const ends = sql`order by audit_entity_id ${raw(isDescending ? 'desc' : '')} limit ${look}`;
    return join(
      ranges.map((range) => sql`(select distinct audit_entity_id from ${raw(range)} ${begins} ${ends})`),
      ' union all ',
    );
  };
  return {
    alias: 'standing',
    from: (page) => sql`(select distinct audit_entity_id from (${merged(page)}) range) standing`,
    where: sql`true`,
    order: byStanding,
  };
}

const byStanding: readonly KeyColumn[] = [{ sql: 'standing.audit_entity_id', type: 'bigint' }];

export function toEntities(standing: Walk): Walk {
  const { from: source } = standing;
  return {
    ...standing,
    alias: 'entity',
    from: (page) => sql`${typeof source === 'function' ? source(page) : source}
       join artwork_reconciler.audit_entity entity on entity.id = standing.audit_entity_id`,
    order: standing.order.map((key) => ({ ...key, outside: id })),
  };
}

const claimOrder: readonly KeyColumn[] = [
  { sql: 'entity.priority', type: 'smallint', direction: 'desc' },
  audited('first'),
  ...byId,
];

/** From the range's own end: the longest ago, or, where only that is asked, the latest first. */
function byAudit({ auditedOlderThan: older, auditedNewerThan: newer }: EntityFilter): Walk {
  const latestFirst = older === undefined;
  const order = [audited(null), ...byId].map((key) => (latestFirst ? { ...key, direction: 'desc' as const } : key));
  return walk(
    join(
      [
        sql`entity.last_audit_at is not null`,
        ...(older === undefined ? [] : [sql`entity.last_audit_at < ${ago(older)}`]),
        ...(newer === undefined ? [] : [sql`entity.last_audit_at >= ${ago(newer)}`]),
      ],
      ' and ',
    ),
    order,
  );
}

function walk(where: Sql, order: readonly KeyColumn[]): Walk {
  return { alias: 'entity', from, where, order };
}
