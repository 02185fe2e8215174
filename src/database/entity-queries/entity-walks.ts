import { checksFor } from '../../domain/checks/catalogue.ts';
import { priorities } from '../../domain/priorities.ts';
import type { KeyColumn, Walk } from '../lists/index.ts';
import { ago, type EntityFilter, entityTypeLiterals, hasStatus } from './entity-filter.ts';

const from = 'artwork_reconciler.audit_entity entity';
const id = 'entity.id';
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
  const { gid, check, audience, cause, priority, status } = filter;
  if (gid !== undefined) {
    // Both types are in the index's key, so these are two entries of it.
    return walk((p) => `entity.gid = ${p(gid)}::uuid and entity.entity_type in ('release', 'event')`, byId);
  }
  if (check !== undefined) return toEntities(walkOfCheck(check));
  if (audience !== undefined) return toEntities(walkOfChecks(checksFor(audience)));
  if (cause !== undefined) return walk((p) => `${isWaiting} and entity.due_cause = ${p(cause)}`, [due, ...byId]);
  if (status === 'audit_in_progress') {
    return walk(() => hasStatus(status), [{ sql: 'entity.claimed_at', type: 'timestamptz', nulls: 'last' }, ...byId]);
  }
  if (status === 'manual_review' || status === 'repair_queue') return walk(() => hasStatus(status), byId);
  if (priority !== undefined && priority !== priorities.usual) {
    // The index is a partial one, of those that are not usual.
    return walk((p) => `entity.priority <> ${priorities.usual} and entity.priority = ${p(priority)}::smallint`, byId);
  }
  if (filter.due === 'later') return walk(() => isWaiting, [due, ...byId]);
  if (filter.due === 'now') return walk(() => `${hasStatus('unchecked')} and entity.due_at is null`, claimOrder);
  if (status === 'legacy') return walk(() => hasStatus('legacy'), [audited('last'), ...byId]);
  if (filter.auditedNewerThan !== undefined || filter.auditedOlderThan !== undefined) return byAudit(filter);
  if (status === 'clean') return walk(() => hasStatus('clean'), [audited('last'), ...byId]);
  if (filter.entityType) {
    const literal = entityTypeLiterals[filter.entityType];
    return walk(() => `entity.entity_type = '${literal}'`, [{ sql: 'entity.gid', type: 'uuid' }]);
  }
  return walk(() => 'true', byId);
}

type StandingWalk = Walk & { readonly from: string };

/** What stands of one check, by entity, and nothing of the entities. */
export function walkOfCheck(check: string): StandingWalk {
  return {
    alias: 'standing',
    from: 'artwork_reconciler.standing_finding standing',
    where: (p) => `standing.check_name = ${p(check)}`,
    order: byStanding,
  };
}

/**
 * What stands of some checks, each entity once: their ranges of the index, merged. With the checks as a condition on all
 * entities, a page would pass by thousands to find a few.
 *
 * @param checks of the catalogue: they stand in the statement's text
 */
export function walkOfChecks(checks: readonly string[]): StandingWalk {
  const ranges = checks.map(
    (name) => `select audit_entity_id from artwork_reconciler.standing_finding where check_name = '${name}'`,
  );
  return {
    alias: 'standing',
    from: `(select distinct audit_entity_id from (${ranges.join(' union all ')}) range) standing`,
    where: () => 'true',
    order: byStanding,
  };
}

const byStanding: readonly KeyColumn[] = [{ sql: 'standing.audit_entity_id', type: 'bigint' }];

function toEntities(standing: StandingWalk): Walk {
  return {
    ...standing,
    alias: 'entity',
    from: `${standing.from} join artwork_reconciler.audit_entity entity on entity.id = standing.audit_entity_id`,
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
    (p) =>
      [
        'entity.last_audit_at is not null',
        ...(older === undefined ? [] : [`entity.last_audit_at < ${ago(p(older))}`]),
        ...(newer === undefined ? [] : [`entity.last_audit_at >= ${ago(p(newer))}`]),
      ].join(' and '),
    order,
  );
}

function walk(where: Walk['where'], order: readonly KeyColumn[]): Walk {
  return { alias: 'entity', from, where, order };
}
