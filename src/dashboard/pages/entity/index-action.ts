import { z } from 'zod';
import { indexForPerson } from '../../../database/event-states/index.ts';
import { resolveNamed } from '../../../database/musicbrainz/entity-kinds.ts';
import type { PageContext } from '../../environment.ts';
import { readForm } from '../../forms/read-form.ts';
import { entityPath } from '../../layout/entity-links.tsx';
import { freeText } from '../../lists/parameter-kinds.ts';
import { entityOf } from './entity-of.ts';

const fields = z.object({ note: freeText(2000) });

/** Queues an `index` of the entity, as a trigger would; one that is queued already is not queued twice. */
export async function indexAction(c: PageContext): Promise<Response> {
  const named = entityOf(c);
  const { note } = await readForm(c, fields);
  const { parts, person } = c.var;
  // An address may have been made by hand.
  const key = await c.var.read((q) => resolveNamed(q, named));
  const event = await indexForPerson(parts.db, key, { actor: person.name, note: note ?? null });
  return c.redirect(`${entityPath(key)}?indexed=${event}`, 303);
}
