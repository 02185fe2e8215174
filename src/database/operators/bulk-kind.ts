import sql, { type Sql } from 'sql-template-tag';
import type { EntityKey } from '../../domain/entity.ts';
import type { Operator } from './recorded.ts';
import type { Queryable, Transaction } from '../connection.ts';
import type { FieldTable, FilterOf } from '../lists/fields.ts';
import { type List, readList } from '../lists/list.ts';
import { compareIds, parseRowId } from '../row-id.ts';

/** What becomes of a row of a bulk action: done; not needed, since another does its work; or not possible. */
export type BulkOutcome = 'done' | 'refused' | 'skipped';

/** A row that a bulk action is about, as it is chosen. */
export interface ChosenRow {
  readonly target: number;
  /** When the target was created, as PostgreSQL writes it; rows are done in this order. */
  readonly place: string;
  /** Whether it only goes along with another one. */
  readonly along?: boolean;
  /** What of it is another one after each change of the target; see `changed`. */
  readonly version?: string;
  /** The same for rows of which only one needs to be done. */
  readonly sameAs?: string;
}

export interface BatchRow {
  readonly target: number;
  readonly version: string | null;
  /** What the dry run said: never more is done than that. Null in the dry run itself. */
  readonly planned: 'done' | 'skipped' | null;
}

export interface BulkBatch {
  readonly actionId: string;
  /** What chose the action's rows, with what else the kind takes. */
  readonly filter: unknown;
  /** Those to be decided now, in the order of their creation. */
  readonly rows: readonly BatchRow[];
  /** In a dry run nothing is changed: what was said of earlier batches counts as if it were done. */
  readonly dryRun: boolean;
  readonly by: Operator;
}

export interface RowOutcome {
  readonly target: number;
  readonly outcome: BulkOutcome;
  /** Why it is skipped or refused, in words; of what is done, what else there is to say. */
  readonly reason?: string;
  /** What it was, for the record, where the kind of action doesn't tell already. */
  readonly before?: unknown;
}

/** Which row an entity of a list stands for, or why for none. */
export type ListedTarget = { readonly refused: string } | { readonly target: number };

/** Where a choice of rows continues, and how many it gives at once. */
export interface ChoicePage {
  /** As the page before said; null for the first. */
  readonly after: unknown;
  readonly limit: number;
}

/** One thing that can be done to many rows. All of its functions run in the transaction that writes down what they say. */
export interface BulkKind {
  /**
   * The next rows that match.
   *
   * @param filter as it was given to `planBulkAction`, through JSON
   */
  choose(
    tx: Transaction,
    filter: unknown,
    page: ChoicePage,
  ): Promise<{ readonly rows: readonly ChosenRow[]; readonly next: unknown }>;
  /** Which rows entities stand for, in their order; without it, it can't be given a list. */
  readonly rowsOf?: (q: Queryable, keys: readonly EntityKey[]) => Promise<readonly ListedTarget[]>;
  /** Of the action's rows that are not decided yet, those that have to be in one batch with these. */
  together?(
    tx: Transaction,
    batch: { readonly actionId: string; readonly targets: readonly number[]; readonly dryRun: boolean },
  ): Promise<readonly number[]>;
  /**
   * Decides each row of the batch, and, unless it is a dry run, does it. Its rows have to be read again, under a
   * lock: what has another `version` than when it was chosen is refused.
   *
   * @returns one outcome for each row; others only for targets that are no rows of the action, to be named with its result
   */
  carryOut(tx: Transaction, batch: BulkBatch): Promise<readonly RowOutcome[]>;
}

/** The kinds there are, by their names in `bulk_action.kind`. */
export type BulkKinds = Readonly<Record<string, BulkKind>>;

/** The reason of a row whose target is not what it was when it was chosen. */
export const changed = 'it has changed since the dry run';

/** Rows of a list that one step of choosing passes. */
const looked = 10_000;

/**
 * The ids of the next rows that a selection names, which are all of them rows, so that each gets its answer, each once and in
 * their order; or else of those that its filter matches, in the list's order.
 *
 * @param isFor of the rows that a filter matches, those that are meant
 */
export async function chooseIds<Row extends { readonly id: number }, Fields extends FieldTable>(
  q: Queryable,
  list: List<Row, Fields>,
  filter: FilterOf<Fields> & { readonly ids?: readonly number[] },
  { after, limit }: ChoicePage,
  isFor: (row: Row) => boolean = () => true,
): Promise<{ readonly ids: readonly number[]; readonly next: unknown }> {
  if (filter.ids !== undefined) {
    const from = parseRowId(String(after));
    const rest = [...new Set(filter.ids)].filter((id) => from === null || compareIds(id, from) > 0).sort(compareIds);
    const ids = rest.slice(0, limit);
    return { ids, next: rest.length > limit ? ids.at(-1) : null };
  }
  // A number is an earlier version's place, in the other direction: then it chooses from the beginning, each row once.
  const place = typeof after === 'string' ? after : null;
  const page = await readList(q, list, filter, { limit, look: looked, after: place, isPlain: true });
  return { ids: page.rows.filter(isFor).map(({ id }) => id), next: page.next };
}

/** Entities as they are asked for, in their order (`asked.place`), each beside the row of its `audit_entity`, where there is one. */
export function askedEntities(keys: readonly EntityKey[]): Sql {
  return sql`unnest(${keys.map(({ entityType }) => entityType)}::text[], ${keys.map(({ gid }) => gid)}::uuid[])
       with ordinality as asked (entity_type, gid, place)
     left join artwork_reconciler.audit_entity entity
       on entity.entity_type = asked.entity_type::artwork_indexer.indexable_entity_type and entity.gid = asked.gid`;
}
