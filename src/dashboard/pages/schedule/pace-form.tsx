import type { Pace } from '../../../database/pace/index.ts';
import type { PageContext } from '../../environment.ts';
import { ActionForm } from '../../forms/action-form.tsx';

interface PaceFormProps {
  readonly c: PageContext;
  readonly pace: Pace;
}

/** Sets how many audits are started an hour, or a day. */
export function PaceForm({ c, pace }: PaceFormProps) {
  return (
    <ActionForm c={c} action="/schedule/pace" class="actions" id="pace">
      <input type="hidden" name="seen" value={pace.setAt?.toISOString() ?? ''} />
      <label>
        Audits{' '}
        <input name="number" id="pace-number" inputmode="decimal" size={8} placeholder="600" autocomplete="off" />
      </label>
      <label>
        Unit{' '}
        <select name="unit" id="pace-unit">
          <option value="hour">an hour</option>
          <option value="day">a day</option>
          <option value="default">as the configuration says</option>
        </select>
      </label>
      <label>
        Note <input name="note" id="note-pace" maxlength={1000} autocomplete="off" />
      </label>
      <button>Set the pace</button>
    </ActionForm>
  );
}
