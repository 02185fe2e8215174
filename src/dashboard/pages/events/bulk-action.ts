import { z } from 'zod';
import { beginBulkAction } from '../../bulk/begin.ts';
import type { PageContext } from '../../environment.ts';
import { readForm } from '../../forms/read-form.ts';
import { choice, rowIds } from '../../lists/parameter-kinds.ts';
import { badInput } from '../../refusals.ts';
import { filterFields, filterOf } from './parameters.ts';

const fields = z.object({
  ...filterFields,
  what: choice(['requeue_events', 'dismiss_events']),
  scope: choice(['selected', 'matching']),
  id: rowIds(),
});

/** Begins the dry run of what is to be done to the selected events, or, only where that was said, to all that match. */
export async function bulkEventsAction(c: PageContext): Promise<Response> {
  const { what, scope, id: ids, ...parameters } = await readForm(c, fields);
  if (what === undefined) throw badInput(['what takes one of requeue_events, dismiss_events; it got nothing']);
  if (scope === 'matching') {
    const filter = await c.var.read((q) => filterOf(q, parameters));
    if (filter.states?.[0] !== 'failed') {
      throw badInput(['state takes failed here: of what matches, only failed events are requeued or dismissed']);
    }
    return beginBulkAction(c, what, filter);
  }
  if (ids === undefined) {
    throw badInput(['No event is selected: select some, or choose everything that the filter matches']);
  }
  return beginBulkAction(c, what, { ids });
}
