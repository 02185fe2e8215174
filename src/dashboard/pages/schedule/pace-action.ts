import { z } from 'zod';
import { changePace, type PaceOrder } from '../../../database/pace/index.ts';
import { paceInWords } from '../../../wording/pace.ts';
import type { PageContext } from '../../environment.ts';
import { readForm } from '../../forms/read-form.ts';
import { choice, freeText, moment } from '../../lists/parameter-kinds.ts';
import { badInput, stale } from '../../refusals.ts';
import { scheduleAfter } from './notices.ts';

const amountLooksLike = 'a number above 0 and below a billion, e.g. 600 or 0.5; a pause stops audits';

const fields = z.object({
  number: z
    .string({ error: amountLooksLike })
    .refine((text) => /^\d{1,9}(\.\d{1,9})?$/.test(text) && Number(text) > 0, amountLooksLike)
    .transform(Number)
    .optional(),
  unit: choice(['hour', 'day', 'default']),
  note: freeText(1000),
  /** When the pace that was seen was set; nothing where it was the configuration's. */
  seen: moment(),
});

/** Sets the pace, or lets the configuration's count again; not where somebody else changed it meanwhile. */
export async function setPaceAction(c: PageContext): Promise<Response> {
  const { db, config } = c.var.parts;
  const { number, unit = 'hour', note, seen } = await readForm(c, fields);
  const { done, pace } = await changePace(db, config(), {
    order: orderOf(number, unit),
    seenSetAt: seen ?? null,
    by: { actor: c.var.person.name, note: note ?? null },
  });
  if (!done) throw stale(`The pace was changed meanwhile: ${paceInWords(pace)}. It stays so.`);
  return c.redirect(scheduleAfter(unit === 'default' ? 'pace_cleared' : 'pace_set'), 303);
}

function orderOf(number: number | undefined, unit: 'day' | 'default' | 'hour'): PaceOrder | null {
  if (unit === 'default') return null;
  if (number === undefined) throw badInput([`number takes ${amountLooksLike}; it got nothing`]);
  return unit === 'day' ? { perDay: number } : { perHour: number };
}
