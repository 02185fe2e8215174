import { z } from 'zod';
import { confirmBulkAction, readBulkAction, stopBulkAction } from '../../../database/bulk-actions/index.ts';
import { bulkKinds, bulkPageOf } from '../../bulk/kinds.ts';
import { leaseHolderName } from '../../bulk/runner.ts';
import { beginBulkWork } from '../../bulk/work.ts';
import type { PageContext } from '../../environment.ts';
import { readForm } from '../../forms/read-form.ts';
import { freeText } from '../../lists/parameter-kinds.ts';
import { badInput, stale } from '../../refusals.ts';
import { countOf } from './words.ts';
import { bulkIdOf, unknownBulkAction } from './bulk-id.ts';

const fields = z.object({ note: freeText(2000) });

/** Starts what the dry run showed. Sent twice it starts once. */
export async function confirmAction(c: PageContext): Promise<Response> {
  const id = bulkIdOf(c);
  const { note } = await readForm(c, fields);
  const { parts, person } = c.var;
  const action = await readBulkAction(parts.db, id);
  const page = action && bulkPageOf(action.kind);
  if (!action || !page) throw unknownBulkAction();
  if (page.needsNote && note === undefined)
    throw badInput(['note takes a text: this is not done without a word on why']);
  const { done, skipped } = action.planned;
  const number = done + skipped;
  const confirmed = await confirmBulkAction(parts.db, {
    id,
    by: { actor: person.name, note: note ?? null },
    targetInWords: `${number} ${number === 1 ? page.one : page.many}`,
  });
  if (confirmed === null) throw unknownBulkAction();
  if (!confirmed.started && (confirmed.state === 'choosing' || confirmed.state === 'planning')) {
    throw stale('The dry run is not complete yet, so nobody has seen what would be done. Nothing was changed.');
  }
  if (!confirmed.started && confirmed.state === 'stopped') {
    throw stale('This was stopped meanwhile. Nothing was changed: choose the rows again.');
  }
  if (confirmed.started) await beginBulkWork(parts, bulkKinds, leaseHolderName(), id);
  return c.redirect(`/bulk/${id}`, 303);
}

/** Discards a dry run, or stops what is being done after the batch in hand. */
export async function stopAction(c: PageContext): Promise<Response> {
  const id = bulkIdOf(c);
  const { parts, person } = c.var;
  const action = await readBulkAction(parts.db, id);
  const page = action && bulkPageOf(action.kind);
  if (!action || !page) throw unknownBulkAction();
  const targetInWords = countOf(action.chosen, page);
  const stopped = await stopBulkAction(parts.db, { id, by: { actor: person.name }, targetInWords });
  if (!stopped && action.state !== 'stopped') throw stale('All of it was done already; there is nothing to stop.');
  return c.redirect(`/bulk/${id}`, 303);
}
