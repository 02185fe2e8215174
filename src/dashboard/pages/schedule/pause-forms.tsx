import type { Brake } from '../../../database/brakes/index.ts';
import type { PageContext } from '../../environment.ts';
import { ActionForm } from '../../forms/action-form.tsx';
import { When } from '../../layout/when.tsx';
import type { Paused } from './pause-action.ts';
import { storedBrake } from './read-schedule.ts';

interface PauseFormProps {
  readonly c: PageContext;
  readonly what: Paused;
  readonly brakes: readonly Brake[];
}

/** Says whether audits, or events, are paused, and changes it. */
export function PauseForm({ c, what, brakes }: PauseFormProps) {
  const pause = storedBrake(brakes, `${what}_paused`);
  const name = what === 'audits' ? 'Audits' : 'Events';
  return (
    <div>
      <p>
        {name} are <strong>{pause === null ? 'not paused' : 'paused'}</strong>
        {pause !== null && (
          <>
            {' '}
            since <When at={pause.since} />: {pause.reason}
          </>
        )}
      </p>
      <ActionForm
        c={c}
        action={`/schedule/${pause === null ? 'pause' : 'resume'}-${what}`}
        class="actions"
        id={`pause-${what}`}
      >
        {pause !== null && <input type="hidden" name="since" value={pause.since.toISOString()} />}
        <label>
          Note <input name="note" id={`note-${what}`} maxlength={1000} autocomplete="off" />
        </label>
        <button class={pause === null ? '' : 'primary'}>{`${pause === null ? 'Pause' : 'Resume'} ${what}`}</button>
      </ActionForm>
    </div>
  );
}
