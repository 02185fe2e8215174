import { z } from 'zod';
import { queueIndex } from '../../../database/event-states/index.ts';
import { resolveNamed } from '../../../database/musicbrainz/entity-kinds.ts';
import { recordAction } from '../../../database/event-states/record-action.ts';
import { transactionWithRetry } from '../../../database/event-states/retry-on-conflict.ts';
import type { PageContext } from '../../environment.ts';
import { readForm } from '../../forms/read-form.ts';
import { entityPath } from '../../layout/entity-links.tsx';
import { freeText } from '../../lists/parameter-kinds.ts';
import { entityOf } from './entity-of.ts';

const fields = z.object({ note: freeText(2000) });

/**
 * Queues an `index` of the entity, as a trigger would; one that is queued already is not queued twice. Nothing is recorded
 * of a click that queued nothing.
 */
export async function indexAction(c: PageContext): Promise<Response> {
  const named = entityOf(c);
  const { note } = await readForm(c, fields);
  const { parts, person } = c.var;
  // An address may have been made by hand.
  const key = await c.var.read((q) => resolveNamed(q, named));
  const event = await transactionWithRetry(parts.db, async (tx) => {
    const { id, isNew } = await queueIndex(tx, key);
    if (!isNew) return id;
    await recordAction(
      tx,
      { actor: person.name, note: note ?? null },
      { action: 'index entity', target: `${key.entityType} ${key.gid}`, after: { event: id } },
    );
    return id;
  });
  return c.redirect(`${entityPath(key)}?indexed=${event}`, 303);
}
