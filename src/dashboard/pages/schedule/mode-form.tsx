import { z } from 'zod';
import { changeMode, type Mode, type ModeInForce, ReplicaError } from '../../../database/mode.ts';
import { modeAndWhoInWords, modeInWords } from '../../../wording/schedule.ts';
import type { PageContext } from '../../environment.ts';
import { ActionForm, readForm } from '../../forms/action-form.tsx';
import { NoteField } from '../../forms/fields.tsx';
import { choice, freeText, moment } from '../../lists/parameters.ts';
import { badAddress, stale } from '../../refusals.ts';
import { byOf, type Noted, scheduleAfter } from './actions.ts';

const modeFields = z.object({
  mode: choice(['repair', 'report']),
  note: freeText(1000),
  /** When the mode that was seen was set; nothing where it was the configuration's. */
  seen: moment(),
});

export async function setModeAction(c: PageContext): Promise<Response> {
  const { mode, note, seen } = await readForm(c, modeFields);
  if (mode === undefined) throw badAddress('mode', 'mode takes repair or report; it got nothing');
  await setMode(c, { mode, note, seenSetAt: seen ?? null });
  return c.redirect(scheduleAfter(`mode_${mode}`), 303);
}

/**
 * Sets the mode; not where somebody else changed it meanwhile.
 *
 * @param change.seenSetAt as for `changeMode`
 * @throws {Refusal} 409
 */
export async function setMode(
  c: PageContext,
  { mode, note, ...seen }: Noted & { readonly mode: Mode; readonly seenSetAt?: Date | null },
): Promise<ModeInForce> {
  const { db, config } = c.var.parts;
  const changed = await changeMode(db, config().audit, { mode, ...seen, by: byOf(c, note) }).catch(
    (error: unknown) => {
      throw error instanceof ReplicaError ? stale(error.message) : error;
    },
  );
  if (!changed.done) throw stale(`The mode was changed meanwhile: ${modeAndWhoInWords(changed.mode)}. It stays so.`);
  return changed.mode;
}

interface ModeFormProps {
  readonly c: PageContext;
  readonly mode: ModeInForce;
}

/** Says what is done with what audits find, and changes it for all workers. */
export function ModeForm({ c, mode: { mode, setAt } }: ModeFormProps) {
  const other = mode === 'report' ? 'repair' : 'report';
  return (
    <section class="card" aria-label="Mode">
      <p>
        The mode is <strong>{modeInWords[mode]}</strong>
      </p>
      <ActionForm c={c} action="/schedule/mode" class="actions" id="mode">
        <input type="hidden" name="seen" value={setAt?.toISOString() ?? ''} />
        <input type="hidden" name="mode" value={other} />
        <NoteField c={c} form="mode" label="Note" most={1000} />
        <button class={other === 'repair' ? 'danger' : ''}>{`Switch to ${other} mode`}</button>
      </ActionForm>
    </section>
  );
}
