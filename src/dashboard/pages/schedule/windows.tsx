import { type PauseWindow, type WindowKind, windowKinds } from '../../../database/brakes/windows.ts';
import { windowInWords, windowTimesLookLike } from '../../../wording/window-times.ts';
import type { PageContext } from '../../environment.ts';
import { ActionForm } from '../../forms/action-form.tsx';
import { attributesOf, EntityTypeField, FieldProblem, NoteField, sentOf, wasSent } from '../../forms/fields.tsx';
import { When } from '../../layout/inline.tsx';
import { isOperator } from '../../person.ts';

interface WindowsProps {
  readonly c: PageContext;
  readonly windows: readonly PauseWindow[];
}

const whatInWords: Readonly<Record<WindowKind, string>> = {
  audits: 'audits',
  events: 'events',
  all: 'audits and events',
};

const form = 'window';

/** Stretches of time in which nothing new is asked of the archive: those that are on or to come, and the form for one more. */
export function Windows({ c, windows }: WindowsProps) {
  return (
    <section id="windows" aria-label="Windows">
      {windows.length === 0 && <p class="none">No window is on or to come.</p>}
      <div class="cards">
        {windows.map((window) => (
          <WindowCard c={c} window={window} />
        ))}
        {isOperator(c.var.person) && (
          <section class="card" aria-label="A new window">
            <ActionForm c={c} action="/schedule/window" class="actions" id={form}>
              <TimeField c={c} name="from" label="From" placeholder="at once" />
              <TimeField c={c} name="until" label="Until" placeholder="02:00" />
              <div class="field">
                <label class="inline">
                  <input
                    type="checkbox"
                    name="daily"
                    value="1"
                    checked={wasSent(c, form, 'daily', '1', false)}
                    {...attributesOf(c, form, 'daily')}
                  />{' '}
                  daily
                </label>
                <FieldProblem c={c} form={form} name="daily" />
              </div>
              <div class="field">
                <label>
                  Without{' '}
                  <select name="what" {...attributesOf(c, form, 'what')}>
                    {windowKinds.map((what) => (
                      <option value={what} selected={wasSent(c, form, 'what', what, what === 'all')}>
                        {whatInWords[what]}
                      </option>
                    ))}
                  </select>
                </label>
                <FieldProblem c={c} form={form} name="what" />
              </div>
              <EntityTypeField c={c} form={form} />
              <NoteField c={c} form={form} label="Reason" most={1000} isNeeded />
              <button>Set the window</button>
            </ActionForm>
            <p class="hint">{`Times: ${windowTimesLookLike}. A week at most.`}</p>
          </section>
        )}
      </div>
    </section>
  );
}

function WindowCard({ c, window }: { readonly c: PageContext; readonly window: PauseWindow }) {
  const { id, isOn, since, until } = window;
  return (
    <article class={isOn ? 'card is-on' : 'card'} id={`window-${id}`} aria-labelledby={`window-${id}-name`}>
      <h3 id={`window-${id}-name`}>{`Window ${id}`}</h3>
      <p>
        {isOn ? 'Ends ' : 'Begins '}
        <strong>
          <When at={isOn ? until : since} />
        </strong>
      </p>
      <p>{windowInWords(window)}</p>
      <ActionForm c={c} action="/schedule/end-window" class="actions" id={`end-window-${id}`}>
        <input type="hidden" name="id" value={id} />
        <NoteField c={c} form={`end-window-${id}`} label="Note" most={1000} />
        <button class="danger" aria-label={`End window ${id}`}>
          {isOn ? 'End it now' : 'Remove it'}
        </button>
      </ActionForm>
    </article>
  );
}

interface TimeFieldProps {
  readonly c: PageContext;
  readonly name: 'from' | 'until';
  readonly label: string;
  readonly placeholder: string;
}

function TimeField({ c, name, label, placeholder }: TimeFieldProps) {
  return (
    <div class="field">
      <label>
        {label}{' '}
        <input
          name={name}
          size={18}
          placeholder={placeholder}
          autocomplete="off"
          maxlength={40}
          value={sentOf(c, form, name)?.[0] ?? ''}
          {...attributesOf(c, form, name)}
        />
      </label>
      <FieldProblem c={c} form={form} name={name} />
    </div>
  );
}
