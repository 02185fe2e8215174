import type { EntityKey } from '../../domain/entity.ts';
import type { AuditStatus } from '../audit-queries/index.ts';
import type { Queryable } from '../connection.ts';
import { type CappedCount, countWalk, type ListPage, readWalk, type Walk, type WalkedList } from '../lists/index.ts';
import { conditionOf, type EntityFilter } from './entity-filter.ts';
import { checksFor } from '../../domain/checks/catalogue.ts';
import { walkOf, walkOfCheck, walkOfChecks } from './entity-walks.ts';

/** An entity as lists show it. */
export interface ListedEntityRow extends EntityKey {
  readonly id: number;
  readonly status: AuditStatus;
  readonly priority: number;
  readonly lastAuditAt: Date | null;
  /** Null: due now, where it is `unchecked`. */
  readonly dueAt: Date | null;
  readonly dueCause: string | null;
  readonly claimedAt: Date | null;
  /** Of which its newest decided audit has findings. */
  readonly checks: readonly string[];
}

/** A page of the entities that a filter matches. @throws {InvalidPlaceError} */
export async function listEntities(
  q: Queryable,
  filter: EntityFilter,
  page: { readonly limit: number; readonly look: number; readonly after?: string | null },
): Promise<ListPage<ListedEntityRow>> {
  return readWalk(q, listOf(filter), page);
}

/** How many there are, counted no further than `look` rows. */
export async function countEntities(q: Queryable, filter: EntityFilter, look: number): Promise<CappedCount> {
  const list = listOf(filter);
  return countWalk(q, { ...list, walk: standingAlone(filter) ?? list.walk }, look);
}

/** Where only a check or an audience is asked for, the index of what stands tells all. */
function standingAlone({ check, audience, ...others }: EntityFilter): Walk | null {
  if (Object.keys(others).length > 0) return null;
  if (check !== undefined) return audience === undefined ? walkOfCheck(check) : null;
  return audience === undefined ? null : walkOfChecks(checksFor(audience));
}

function listOf(filter: EntityFilter): WalkedList {
  return {
    walk: walkOf(filter),
    join: { filter: '', columns: '' },
    columns: `
      entity.id, entity.entity_type::text as "entityType", entity.gid::text, entity.status::text, entity.priority,
      entity.last_audit_at as "lastAuditAt", entity.due_at as "dueAt", entity.due_cause as "dueCause",
      entity.claimed_at as "claimedAt",
      array(select check_name from artwork_reconciler.standing_finding standing
            where standing.audit_entity_id = entity.id order by check_name) as checks`,
    filter: (parameter) => conditionOf(leftOf(filter), parameter),
  };
}

/** What the walk doesn't see to. Asked twice, a plan would look for the common ones of a check among all of them. */
function leftOf(filter: EntityFilter): EntityFilter {
  const { check, audience, ...others } = filter;
  if (filter.gid !== undefined) return filter;
  return check !== undefined && audience !== undefined ? { ...others, audience } : others;
}
