import sql, { empty } from 'sql-template-tag';
import type { Queryable } from '../connection.ts';
import { entityList } from '../entities/list-entities.ts';
import { conditionOf, field, oneOf } from '../lists/fields.ts';
import { type List, readList } from '../lists/list.ts';
import type { WalkedList } from '../lists/walk.ts';
import type { EntityName } from '../musicbrainz/entity-kinds.ts';
import { eventList } from '../queue/list-events.ts';
import { reviewList } from '../reviews/list-reviews.ts';
import type { BulkOutcome } from '../operators/bulk-kind.ts';

/** A row of a bulk action as lists show it. */
export interface BulkRow {
  readonly target: number;
  readonly along: boolean;
  readonly planned: BulkOutcome | null;
  readonly plannedReason: string | null;
  readonly outcome: BulkOutcome | null;
  readonly reason: string | null;
  /** What the action does, and to what. */
  readonly kind: string;
  /** Of rows of a list: what people call the entity that the target is, or is about; null where MusicBrainz has no name. */
  readonly name?: EntityName | null;
}

/** The lists that targets are rows of, by how the names of kinds end. */
const targetLists = {
  events: (q: Queryable, ids: readonly number[]) => readList(q, eventList, { ids, dismissed: 'shown' }, pageOf(ids)),
  reviews: (q: Queryable, ids: readonly number[]) => readList(q, reviewList, { ids, handedOver: 'shown' }, pageOf(ids)),
  entities: (q: Queryable, ids: readonly number[]) => readList(q, entityList, { ids }, pageOf(ids)),
};

const pageOf = (ids: readonly number[]) => ({ limit: ids.length, look: ids.length + 1 });

/** What people call the entities that these are, or are about; nothing of those of which MusicBrainz has no name. */
export async function readTargetNames(
  q: Queryable,
  of: keyof typeof targetLists,
  ids: readonly number[],
): Promise<ReadonlyMap<number, EntityName>> {
  if (ids.length === 0) return new Map();
  const { rows } = await targetLists[of](q, ids);
  return new Map(rows.flatMap(({ id, name }) => (name ? [[id, name]] : [])));
}

/** The rows, all of one action, with the names of what they are about. */
async function withNames(q: Queryable, rows: readonly BulkRow[]): Promise<readonly BulkRow[]> {
  const endings = Object.keys(targetLists) as (keyof typeof targetLists)[];
  const of = endings.find((ending) => rows[0]?.kind.endsWith(`_${ending}`));
  if (of === undefined) return rows;
  const names = await readTargetNames(
    q,
    of,
    rows.map(({ target }) => target),
  );
  return rows.map((row) => ({ ...row, name: names.get(row.target) ?? null }));
}

const outcomes: readonly BulkOutcome[] = ['done', 'skipped', 'refused'];

const fields = {
  bulkAction: {
    sql: (id: string) => sql`chosen.bulk_action = ${id}::uuid`,
  },
  planned: field<BulkOutcome>({
    parameter: 'dry_run',
    label: 'In the dry run',
    kind: oneOf(outcomes),
    help: 'of which the dry run says this',
    words: (outcome) => `that the dry run calls ${outcome}`,
    sql: (outcome) => sql`chosen.planned = ${outcome}`,
  }),
  outcome: field<BulkOutcome>({
    parameter: 'outcome',
    label: 'Outcome',
    kind: oneOf(outcomes),
    help: 'of which this became',
    words: (outcome) => `that were ${outcome}`,
    sql: (outcome) => sql`chosen.outcome = ${outcome}`,
  }),
};

/** The rows of a bulk action, by the ids of what they are about. */
export const bulkRowList: List<BulkRow, typeof fields> = {
  name: 'bulk-action',
  one: 'row',
  many: 'rows',
  order: 'by id',
  fields,
  standard: {},
  columns: [
    { name: 'id', value: ({ target }) => target },
    { name: 'name', value: ({ name }) => name?.name ?? null },
    { name: 'artist', value: ({ name }) => name?.artist ?? null },
    { name: 'along', value: ({ along }) => along },
    { name: 'dry_run', value: ({ planned }) => planned },
    { name: 'dry_run_reason', value: ({ plannedReason }) => plannedReason },
    { name: 'outcome', value: ({ outcome }) => outcome },
    { name: 'reason', value: ({ reason }) => reason },
  ],
  table: 'artwork_reconciler.bulk_action_row chosen',
  id: 'chosen.target',
  complete: withNames,
  walk(_q, filter): WalkedList {
    return {
      walk: {
        alias: 'chosen',
        from: sql`artwork_reconciler.bulk_action_row chosen`,
        // All of it: a page shows a few of each outcome, however rare that is.
        where: conditionOf(fields, filter),
        // Below zero: what a list names that has no row yet.
        order: [{ sql: 'chosen.target', type: 'bigint', signed: true }],
      },
      join: { filter: empty, columns: empty },
      columns: sql`
        chosen.target, chosen.along, chosen.planned, chosen.planned_reason as "plannedReason", chosen.outcome, chosen.reason,
        (select action.kind from artwork_reconciler.bulk_action action where action.id = chosen.bulk_action) as kind`,
      filter: sql`true`,
    };
  },
};

/** How many of a bulk action's rows that were done are in which state now. */
export interface StateNow {
  readonly state: string;
  readonly count: number;
}

/** Rows that are read; of an action on more of them the first are reported. */
const inspectedNow = 10_000;

const targetTables = {
  events: 'artwork_indexer.event_queue',
  entities: 'artwork_reconciler.audit_entity',
  reviews: 'artwork_reconciler.needs_manual_review',
} as const;

/** What has become of the rows that were done, as long as they live, the most common state first. */
export async function readStatesNow(
  q: Queryable,
  bulkAction: string,
  { of, states }: { readonly of: keyof typeof targetTables; readonly states: 'state' | 'status' },
): Promise<readonly StateNow[]> {
  const { rows } = await q.query<StateNow>(
    `select target.${states}::text as state, count(*)::int as count
     from (select chosen.target from artwork_reconciler.bulk_action_row chosen
           where chosen.bulk_action = $1 and chosen.outcome = 'done' order by chosen.target limit ${inspectedNow}) done
     join ${targetTables[of]} target on target.id = done.target
     group by 1 order by count desc, state`,
    [bulkAction],
  );
  return rows;
}
