import type { Queryable } from '../connection.ts';
import type { BulkOutcome } from './bulk-kind.ts';

/** A row of a bulk action as lists show it. */
export interface BulkRow {
  readonly target: number;
  readonly along: boolean;
  readonly planned: BulkOutcome | null;
  readonly plannedReason: string | null;
  readonly outcome: BulkOutcome | null;
  readonly reason: string | null;
}

export interface BulkRowPage {
  readonly rows: readonly BulkRow[];
  /** To be given as `after`; null where there are no more. */
  readonly next: number | null;
}

/**
 * A page of the rows of a bulk action, by their ids.
 *
 * @param page.fate only those of which the dry run (`planned`) or the action (`outcome`) says this
 */
export async function listBulkRows(
  q: Queryable,
  actionId: string,
  page: {
    readonly limit: number;
    readonly after?: number | null;
    readonly fate?: { readonly of: 'outcome' | 'planned'; readonly is: BulkOutcome };
  },
): Promise<BulkRowPage> {
  const { limit, after = null, fate } = page;
  const only = fate === undefined ? '' : `and ${fate.of === 'outcome' ? 'outcome' : 'planned'} = $4`;
  const { rows } = await q.query<BulkRow>(
    `select target, along, planned, planned_reason as "plannedReason", outcome, reason
     from artwork_reconciler.bulk_action_row
     where bulk_action = $1 and target > $2 ${only}
     order by target limit $3`,
    [actionId, after ?? -1, limit + 1, ...(fate === undefined ? [] : [fate.is])],
  );
  const shown = rows.slice(0, limit);
  return { rows: shown, next: rows.length > limit ? (shown.at(-1)?.target ?? null) : null };
}
