import sql, { empty } from 'sql-template-tag';
import { checksFor } from '../../domain/checks/catalogue.ts';
import type { EntityKey } from '../../domain/entity.ts';
import { conditionOf } from '../lists/fields.ts';
import type { List } from '../lists/list.ts';
import type { Walk, WalkedList } from '../lists/walk.ts';
import { type EntityName, withNames } from '../musicbrainz/entity-kinds.ts';
import type { AuditStatus } from './count-by-status.ts';
import { checksNamed, columnsOfEntity, entityFields, type EntityFilter } from './entity-fields.ts';
import { walkOf, walkOfCheck, walkOfChecks } from './entity-walks.ts';

/** An entity as lists show it. */
export interface ListedEntityRow extends EntityKey {
  /** Of rows of a list; null where MusicBrainz has none. */
  readonly name?: EntityName | null;
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

/** Of the row itself: what lists and the entity's page say of it. */
export const columnsOfRow = sql`
  entity.id, entity.entity_type::text as "entityType", entity.gid::text, entity.status::text, entity.priority,
  entity.last_audit_at as "lastAuditAt", entity.due_at as "dueAt", entity.due_cause as "dueCause",
  entity.claimed_at as "claimedAt"`;

/** The entities that are audited, in an order that goes by the filter. */
export const entityList: List<ListedEntityRow, typeof entityFields> = {
  name: 'entities',
  one: 'entity',
  many: 'entities',
  order: 'the next to be audited first where they wait for it',
  fields: entityFields,
  standard: {},
  columns: [
    { name: 'id', value: ({ id }) => id },
    ...columnsOfEntity,
    { name: 'status', value: ({ status }) => status },
    { name: 'priority', value: ({ priority }) => priority },
    { name: 'last_audit_at', value: ({ lastAuditAt }) => lastAuditAt },
    { name: 'due_at', value: ({ dueAt }) => dueAt },
    { name: 'due_cause', value: ({ dueCause }) => dueCause },
    { name: 'claimed_at', value: ({ claimedAt }) => claimedAt },
    { name: 'checks', value: ({ checks }) => checks },
  ],
  table: 'artwork_reconciler.audit_entity entity',
  id: 'entity.id',
  complete: (q, rows) => withNames(q, rows, (row) => row),
  walk: (_q, filter): WalkedList => ({
    walk: walkOf(filter),
    join: { filter: empty, columns: empty },
    columns: sql`
      ${columnsOfRow},
      array(select check_name from artwork_reconciler.standing_finding standing
            where standing.audit_entity_id = entity.id order by check_name) as checks`,
    filter: conditionOf(entityFields, leftOf(filter)),
  }),
  countingWalk: standingAlone,
};

/** Where only a check or an audience is asked for, the index of what stands tells all. */
function standingAlone({ check, audience: whose, ...others }: EntityFilter): Walk | null {
  if (Object.keys(others).length > 0) return null;
  if (check?.endsWith('.*')) return whose === undefined ? walkOfChecks(checksNamed(check)) : null;
  if (check !== undefined) return whose === undefined ? walkOfCheck(check) : null;
  return whose === undefined ? null : walkOfChecks(checksFor(whose));
}

/** What the walk doesn't see to. Asked twice, a plan would look for the common ones of a check among all of them. */
function leftOf(filter: EntityFilter): EntityFilter {
  const { check, audience: whose, ...others } = filter;
  if (filter.gid !== undefined) return filter;
  return check !== undefined && whose !== undefined ? { ...others, audience: whose } : others;
}
