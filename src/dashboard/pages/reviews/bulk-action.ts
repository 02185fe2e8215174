import { z } from 'zod';
import { beginBulkAction } from '../../bulk/begin.ts';
import type { PageContext } from '../../environment.ts';
import { readForm } from '../../forms/read-form.ts';
import { choice, rowIds } from '../../lists/parameter-kinds.ts';
import { badInput } from '../../refusals.ts';
import { reviewFields, reviewFilterOf } from './parameters.ts';

const actions = ['resolve_reviews', 'wont_fix_reviews', 'reopen_reviews'] as const;

const fields = z.object({
  ...reviewFields,
  what: choice(actions),
  scope: choice(['selected', 'matching']),
  id: rowIds(),
});

/** Begins the dry run of what is to be done to the selected reviews, or, only where that was said, to all that match. */
export async function bulkReviewsAction(c: PageContext): Promise<Response> {
  const { what, scope, id: ids, ...parameters } = await readForm(c, fields);
  if (what === undefined) throw badInput([`what takes one of ${actions.join(', ')}; it got nothing`]);
  if (scope === 'matching') return beginBulkAction(c, what, reviewFilterOf(parameters));
  if (ids === undefined) {
    throw badInput(['No review is selected: select some, or choose everything that the filter matches']);
  }
  return beginBulkAction(c, what, { ids });
}
