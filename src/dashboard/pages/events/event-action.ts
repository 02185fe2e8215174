import { z } from 'zod';
import { dismissEvents, requeueEvents } from '../../../database/event-states/index.ts';
import { showEvent } from '../../../database/event-queries/index.ts';
import type { PageContext } from '../../environment.ts';
import { readForm } from '../../forms/read-form.ts';
import { freeText } from '../../lists/parameter-kinds.ts';
import { badInput, notFound, stale } from '../../refusals.ts';
import { eventIdOf } from './event-id.ts';

const fields = z.object({ note: freeText(2000), seen: freeText(100) });

/** Requeues or dismisses one event, if it is as the page showed it. */
export async function eventAction(c: PageContext): Promise<Response> {
  const id = eventIdOf(c);
  const { note, seen } = await readForm(c, fields);
  if (seen === undefined) throw badInput(['seen takes the moment of the event’s last change that the page showed']);
  const { parts, person } = c.var;
  const event = await c.var.read((q) => showEvent(q, id, parts.config()));
  if (event === null) throw notFound(`There is no event ${id} any more. Nothing was changed.`);
  if (event.lastUpdated.toISOString() !== seen) {
    throw stale(`Event ${id} has changed since the page was shown; it is ${event.state} now. Nothing was changed.`);
  }
  const by = { actor: person.name, note: note ?? null };
  const fate = await (c.req.param('what') === 'requeue' ? requeueOne(c, id, by) : dismissOne(c, id, by));
  if (fate !== null) throw stale(fate);
  return c.redirect(`/events/${id}`, 303);
}

interface By {
  readonly actor: string;
  readonly note: string | null;
}

/** @returns why it was not, in words; null where it was */
async function requeueOne(c: PageContext, id: number, by: By): Promise<string | null> {
  const { requeued, skipped, refused } = await requeueEvents(c.var.parts.db, { ids: [id] }, by);
  if (requeued.includes(id)) return null;
  const twin = skipped.find((skip) => skip.id === id)?.twin;
  if (twin !== undefined) {
    return `Event ${id} was not queued: event ${twin} is the same, and queued. What waited for ${id} waits for ${twin} now.`;
  }
  const reason = refused.find((refusal) => refusal.id === id)?.reason ?? 'there is nothing to do';
  return `Event ${id} was not queued: ${reason}. Nothing was changed.`;
}

async function dismissOne(c: PageContext, id: number, by: By): Promise<string | null> {
  const { dismissed, refused } = await dismissEvents(c.var.parts.db, { ids: [id] }, by);
  if (dismissed.includes(id)) return null;
  return `Event ${id} was not dismissed: ${refused[0]?.reason ?? 'there is nothing to do'}. Nothing was changed.`;
}
