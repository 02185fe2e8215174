import type { StoredBrake } from '../../../database/brakes/stored-brakes.ts';
import { type PauseWindow, type WindowKind, windowKinds } from '../../../database/brakes/windows.ts';
import type { Pace } from '../../../database/pace/rate.ts';
import { type Brake, pauseBrake, type PauseKind } from '../../../domain/brake.ts';
import { type EntityType, entityTypes } from '../../../domain/entity.ts';
import { ofArchive } from '../../../wording/schedule.ts';
import { rounded } from '../../../wording/time.ts';
import { windowInWords, windowTimesLookLike } from '../../../wording/window-times.ts';
import type { PageContext } from '../../environment.ts';
import { ActionForm } from '../../forms/action-form.tsx';
import {
  attributesOf,
  Choice,
  EntityTypeField,
  FieldProblem,
  NoteField,
  sentOf,
  wasSent,
} from '../../forms/fields.tsx';
import { When } from '../../layout/inline.tsx';
import { isOperator } from '../../person.ts';
import { pausedNames } from './actions.ts';

/** The stored brake of a name, where it is on. */
export function storedBrake(brakes: readonly Brake[], name: StoredBrake['name']): (Brake & { since: Date }) | null {
  const brake = brakes.find((each) => each.name === name);
  return brake === undefined || brake.since === null ? null : { ...brake, since: brake.since };
}

interface PaceFormProps {
  readonly c: PageContext;
  /** Null: none of its own. */
  readonly pace: Pace | null;
  /** Whose pace it is; null: of all that have none of their own. */
  readonly entityType: EntityType | null;
}

const units = { hour: 'an hour', day: 'a day' };

/** Sets how many audits are started an hour, or a day. */
export function PaceForm({ c, pace, entityType }: PaceFormProps) {
  const isOwn = entityType !== null;
  const form = isOwn ? `pace-${entityType}` : 'pace';
  const without = isOwn ? 'as all' : 'as the configuration says';
  return (
    <section class="card" aria-label={isOwn ? `Pace${ofArchive(entityType)}` : 'Pace'}>
      <p>
        The pace{ofArchive(entityType)} is{' '}
        <strong>{pace === null ? 'that of all' : `${rounded(pace.perHour)} audits an hour`}</strong>
      </p>
      <ActionForm c={c} action="/schedule/pace" class="actions" id={form}>
        {isOwn && <input type="hidden" name="entity_type" value={entityType} />}
        <input type="hidden" name="seen" value={pace?.setAt?.toISOString() ?? ''} />
        <div class="field">
          <label>
            Audits{' '}
            <input
              name="number"
              inputmode="decimal"
              size={8}
              placeholder="600"
              autocomplete="off"
              value={sentOf(c, form, 'number')?.[0] ?? ''}
              {...attributesOf(c, form, 'number')}
            />
          </label>
          <FieldProblem c={c} form={form} name="number" />
        </div>
        <div class="field">
          <label>
            Unit{' '}
            <select name="unit" {...attributesOf(c, form, 'unit')}>
              {Object.entries({ ...units, default: without }).map(([unit, words]) => (
                <option value={unit} selected={wasSent(c, form, 'unit', unit, unit === 'hour')}>
                  {words}
                </option>
              ))}
            </select>
          </label>
          <FieldProblem c={c} form={form} name="unit" />
        </div>
        <NoteField c={c} form={form} label="Note" most={1000} />
        <button>Set the pace</button>
      </ActionForm>
    </section>
  );
}

interface PauseFormProps {
  readonly c: PageContext;
  readonly what: PauseKind;
  readonly brakes: readonly Brake[];
}

/** Says whether audits, events or repairs are paused, of all or of one archive, and changes it. */
export function PauseForm({ c, what, brakes }: PauseFormProps) {
  const name = pausedNames[what];
  const paused = [null, ...entityTypes].flatMap((entityType) => {
    const pause = storedBrake(brakes, pauseBrake(what, entityType));
    return pause === null
      ? []
      : [{ entityType, pause, form: entityType === null ? `pause-${what}` : `pause-${what}-${entityType}` }];
  });
  const isAllPaused = paused.some(({ entityType }) => entityType === null);
  return (
    <section class="card" aria-label={`Pause of ${what}`}>
      {paused.length === 0 && (
        <p>
          {name} are <strong>not paused</strong>
        </p>
      )}
      {paused.map(({ entityType, pause, form }) => (
        <>
          <p>
            {`${name}${ofArchive(entityType)}`} are <strong>paused</strong>, began <When at={pause.since} />:{' '}
            {pause.reason}
          </p>
          <ActionForm c={c} action={`/schedule/resume-${what}`} class="actions" id={form}>
            {entityType !== null && <input type="hidden" name="entity_type" value={entityType} />}
            <input type="hidden" name="since" value={pause.since.toISOString()} />
            <NoteField c={c} form={form} label="Note" most={1000} />
            <button class="primary">{`Resume ${what}${ofArchive(entityType)}`}</button>
          </ActionForm>
        </>
      ))}
      {!isAllPaused && (
        <ActionForm c={c} action={`/schedule/pause-${what}`} class="actions" id={`pause-${what}`}>
          <EntityTypeField c={c} form={`pause-${what}`} />
          <NoteField c={c} form={`pause-${what}`} label="Note" most={1000} />
          <button>{`Pause ${what}`}</button>
        </ActionForm>
      )}
    </section>
  );
}

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
                <Choice c={c} form={form} type="checkbox" name="daily" value="1">
                  daily
                </Choice>
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
