import type { ModeInForce } from '../../../database/pace/index.ts';
import { modeInWords } from '../../../wording/schedule.ts';
import type { PageContext } from '../../environment.ts';
import { ActionForm } from '../../forms/action-form.tsx';

interface ModeFormProps {
  readonly c: PageContext;
  readonly mode: ModeInForce;
}

/** Says what is done with what audits find, and changes it for all workers. */
export function ModeForm({ c, mode: { mode, setAt } }: ModeFormProps) {
  const other = mode === 'report' ? 'repair' : 'report';
  return (
    <>
      <p>
        The mode is <strong>{modeInWords[mode]}</strong>
      </p>
      <ActionForm c={c} action="/schedule/mode" class="actions" id="mode">
        <input type="hidden" name="seen" value={setAt?.toISOString() ?? ''} />
        <input type="hidden" name="mode" value={other} />
        <label>
          Note <input name="note" id="note-mode" maxlength={1000} autocomplete="off" />
        </label>
        <button class={other === 'repair' ? 'danger' : ''}>{`Switch to ${other} mode`}</button>
      </ActionForm>
    </>
  );
}
