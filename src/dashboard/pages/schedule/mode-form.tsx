import { z } from 'zod';
import { largestCanary } from '../../../database/pace/canary.ts';
import { changeMode, type Mode, type ModeInForce, ReplicaError } from '../../../database/pace/mode.ts';
import { modeAndWhoInWords, modeInWords } from '../../../wording/schedule.ts';
import type { PageContext } from '../../environment.ts';
import { ActionForm, readForm } from '../../forms/action-form.tsx';
import { attributesOf, FieldProblem, NoteField, sentOf } from '../../forms/fields.tsx';
import { choice, freeText, moment, wholeNumber } from '../../forms/parameters.ts';
import { badAddress, badField, stale } from '../../refusals.ts';
import { byOf, type Noted, scheduleAfter } from './actions.ts';

const modeFields = z.object({
  mode: choice(['repair', 'report', 'canary']),
  entities: wholeNumber(largestCanary),
  note: freeText(1000),
  /** When the mode that was seen was set; nothing where it was the configuration's. */
  seen: moment(),
});

export async function setModeAction(c: PageContext): Promise<Response> {
  const { mode, entities, note, seen } = await readForm(c, modeFields);
  if (mode === undefined) throw badAddress('mode', 'mode takes repair, report or canary; it got nothing');
  await setMode(c, { mode, entities, note, seenSetAt: seen ?? null });
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
  {
    mode: asked,
    entities,
    note,
    ...seen
  }: Noted & {
    readonly mode: Mode | 'canary';
    /** Of a canary. */
    readonly entities?: number | undefined;
    readonly seenSetAt?: Date | null;
  },
): Promise<ModeInForce> {
  const { db, config } = c.var.parts;
  if (asked === 'canary' && (entities ?? 0) === 0) {
    throw badField('entities', `entities takes a whole number from 1 to ${largestCanary} for a canary; it got nothing`);
  }
  const mode = asked === 'canary' ? 'repair' : asked;
  const canary = asked === 'canary' && entities !== undefined ? { canary: entities } : {};
  const changed = await changeMode(db, config().audit, { mode, ...canary, ...seen, by: byOf(c, note) }).catch(
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
export function ModeForm({ c, mode: { mode, setAt, canary } }: ModeFormProps) {
  const other = mode === 'report' ? 'repair' : 'report';
  return (
    <section class="card" aria-label="Mode">
      <p>
        The mode is <strong>{modeInWords[mode]}</strong>
        {canary !== null && `, for ${canary.remaining} more of ${canary.entities} entities`}
      </p>
      <ActionForm c={c} action="/schedule/mode" class="actions" id="mode">
        <input type="hidden" name="seen" value={setAt?.toISOString() ?? ''} />
        <input type="hidden" name="mode" value={other} />
        <NoteField c={c} form="mode" label="Note" most={1000} />
        <button class={other === 'repair' ? 'danger' : ''}>{`Switch to ${other} mode`}</button>
      </ActionForm>
      {mode === 'report' && (
        <ActionForm c={c} action="/schedule/mode" class="actions" id="canary">
          <input type="hidden" name="seen" value={setAt?.toISOString() ?? ''} />
          <input type="hidden" name="mode" value="canary" />
          <div class="field">
            <label>
              Repair a few first{' '}
              <input
                name="entities"
                inputmode="numeric"
                size={6}
                value={sentOf(c, 'canary', 'entities')?.[0] ?? '100'}
                autocomplete="off"
                {...attributesOf(c, 'canary', 'entities')}
              />{' '}
              entities
            </label>
            <FieldProblem c={c} form="canary" name="entities" />
          </div>
          <NoteField c={c} form="canary" label="Note" most={1000} />
          <button>Repair that many, then report again</button>
        </ActionForm>
      )}
    </section>
  );
}
