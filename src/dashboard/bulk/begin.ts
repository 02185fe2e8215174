import { planBulkAction } from '../../database/bulk-actions/index.ts';
import type { PageContext } from '../environment.ts';
import { type BulkKindName, bulkKinds } from './kinds.ts';
import { leaseHolderName } from './runner.ts';
import { beginBulkWork } from './work.ts';

/**
 * Begins the dry run of a bulk action, for the handler of a form that chose rows, and leads to its page.
 *
 * @param filter as the kind's `choose` reads it; kept as JSON
 */
export async function beginBulkAction(c: PageContext, kind: BulkKindName, filter: unknown): Promise<Response> {
  const { parts, person } = c.var;
  const id = await planBulkAction(parts.db, { kind, filter, plannedBy: person.name });
  await beginBulkWork(parts, bulkKinds, leaseHolderName(), id);
  return c.redirect(`/bulk/${id}`, 303);
}
