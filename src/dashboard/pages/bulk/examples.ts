import { type BulkAction, type BulkOutcome, type BulkRow, listBulkRows } from '../../../database/bulk-actions/index.ts';
import type { Queryable } from '../../../database/connection.ts';
import type { BulkTarget } from '../../bulk/bulk-page.ts';
import { bulkPageOf } from '../../bulk/kinds.ts';

/** Rows of a fate that the page shows; all of them are in its files. */
export const shownRows = 20;

export interface Examples {
  readonly rows: Readonly<Record<BulkOutcome, readonly BulkRow[]>>;
  readonly names: ReadonlyMap<number, BulkTarget>;
}

/** Whether what counts is what the dry run says: nothing was done yet. */
export function isDryRun({ confirmedAt }: BulkAction): boolean {
  return confirmedAt === null;
}

/** Some rows of each fate. */
export async function readExamples(q: Queryable, action: BulkAction): Promise<Examples> {
  const of = isDryRun(action) ? 'planned' : 'outcome';
  const some = async (is: BulkOutcome): Promise<readonly BulkRow[]> =>
    (await listBulkRows(q, action.id, { limit: shownRows, fate: { of, is } })).rows;
  const rows = { refused: await some('refused'), skipped: await some('skipped'), done: await some('done') };
  const ids = Object.values(rows).flatMap((list) => list.map(({ target }) => target));
  const names = ids.length === 0 ? new Map() : await bulkPageOf(action.kind)!.nameTargets(q, ids);
  return { rows, names };
}
