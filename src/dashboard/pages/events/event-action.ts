import { z } from 'zod';
import { dismissEvents, requeueEvents, versionOfDecision } from '../../../database/event-states/index.ts';
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
  if (seen === undefined) throw badInput(['seen takes what the page sends along of what it showed']);
  const { parts, person } = c.var;
  const { event, version } = await c.var.read(async (q) => ({
    event: await showEvent(q, id, parts.config()),
    version: await versionOfDecision(q, id),
  }));
  if (event === null) throw notFound(`There is no event ${id} any more. Nothing was changed.`);
  if (version !== seen) {
    const now = event.dismissed ? 'dismissed' : event.state;
    throw stale(
      `Event ${id}, or what failed with it, has changed since the page was shown; it is ${now} now. Nothing was changed.`,
    );
  }
  const by = { actor: person.name, note: note ?? null };
  const fate = await (c.req.param('what') === 'requeue' ? requeueOne(c, id, by, seen) : dismissOne(c, id, by, seen));
  if (fate !== null) throw stale(fate);
  return c.redirect(`/events/${id}`, 303);
}

interface By {
  readonly actor: string;
  readonly note: string | null;
}

/** @returns why it was not, in words; null where it was */
async function requeueOne(c: PageContext, id: number, by: By, seen: string): Promise<string | null> {
  const { requeued, skipped, refused } = await requeueEvents(c.var.parts.db, { ids: [id] }, by, { seen });
  if (requeued.includes(id)) return null;
  const twin = skipped.find((skip) => skip.id === id)?.twin;
  if (twin !== undefined) {
    return `Event ${id} was not queued: event ${twin} is the same, and queued. What waited for ${id} waits for ${twin} now.`;
  }
  const reason = refused.find((refusal) => refusal.id === id)?.reason ?? 'there is nothing to do';
  return `Event ${id} was not queued: ${reason}. Nothing was changed.`;
}

async function dismissOne(c: PageContext, id: number, by: By, seen: string): Promise<string | null> {
  const { dismissed, refused } = await dismissEvents(c.var.parts.db, { ids: [id] }, by, { seen });
  if (dismissed.includes(id)) return null;
  return `Event ${id} was not dismissed: ${refused[0]?.reason ?? 'there is nothing to do'}. Nothing was changed.`;
}
