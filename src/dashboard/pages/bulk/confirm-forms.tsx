import type { BulkAction } from '../../../database/bulk-actions/index.ts';
import { isOperator } from '../../access/person.ts';
import type { BulkPage } from '../../bulk/bulk-page.ts';
import type { PageContext } from '../../environment.ts';
import { ActionForm } from '../../forms/action-form.tsx';
import { countOf } from './words.ts';

interface Props {
  readonly c: PageContext;
  readonly action: BulkAction;
  readonly page: BulkPage;
}

/** What a person can do about a bulk action now: confirm or discard a dry run, stop what runs. */
export function ConfirmForms({ c, action, page }: Props) {
  const { state } = action;
  if (!isOperator(c.var.person) || state === 'done' || state === 'stopped') return null;
  const isPlanned = state === 'planned';
  return (
    <>
      {isPlanned && <Confirm c={c} action={action} page={page} />}
      <ActionForm c={c} action={`/bulk/${action.id}/stop`} class="actions" id="stop">
        <button class={state === 'running' ? 'danger' : ''}>
          {state === 'running' ? 'Stop' : 'Discard the dry run'}
        </button>
        <span class="hint">
          {state === 'running' ? 'What is done stays done; the rest is left as it is.' : 'Nothing was changed yet.'}
        </span>
      </ActionForm>
    </>
  );
}

function Confirm({ c, action, page }: Props) {
  const { done, skipped } = action.planned;
  if (done + skipped === 0) return <p class="notice warn">There is nothing to do.</p>;
  return (
    <ActionForm c={c} action={`/bulk/${action.id}/confirm`} class="actions" id="confirm">
      <label class="field">
        Note for the record{page.needsNote ? '' : ' (optional)'}
        <textarea name="note" maxlength={2000} required={page.needsNote}></textarea>
      </label>
      <button class="primary">
        {page.verb} {countOf(done, page)}
      </button>
      <p class="hint">
        Exactly these rows, however much time goes by: what matches the filter later is not touched, and what has
        changed since the dry run is refused and named.
      </p>
    </ActionForm>
  );
}
