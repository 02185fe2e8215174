import { z } from 'zod';
import { changeMode, ReplicaError } from '../../../database/pace/index.ts';
import { modeAndWhoInWords } from '../../../wording/schedule.ts';
import type { PageContext } from '../../environment.ts';
import { readForm } from '../../forms/read-form.ts';
import { choice, freeText, moment } from '../../lists/parameter-kinds.ts';
import { badInput, stale } from '../../refusals.ts';
import { scheduleAfter } from './notices.ts';

const fields = z.object({
  mode: choice(['repair', 'report']),
  note: freeText(1000),
  /** When the mode that was seen was set; nothing where it was the configuration's. */
  seen: moment(),
});

/** Sets the mode; not where somebody else changed it meanwhile. */
export async function setModeAction(c: PageContext): Promise<Response> {
  const { db, config } = c.var.parts;
  const { mode, note, seen } = await readForm(c, fields);
  if (mode === undefined) throw badInput(['mode takes repair or report; it got nothing']);
  const by = { actor: c.var.person.name, note: note ?? null };
  const changed = await changeMode(db, config().audit, { mode, seenSetAt: seen ?? null, by }).catch(
    (error: unknown) => {
      throw error instanceof ReplicaError ? stale(error.message) : error;
    },
  );
  if (!changed.done) throw stale(`The mode was changed meanwhile: ${modeAndWhoInWords(changed.mode)}. It stays so.`);
  return c.redirect(scheduleAfter(`mode_${mode}`), 303);
}
