import type { Child, PropsWithChildren } from 'hono/jsx';
import { handedOverTo } from '../../database/entities/hand-over.ts';
import { audienceNames } from '../../domain/checks/check.ts';
import type { PageContext } from '../environment.ts';
import { ActionForm } from '../forms/action-form.tsx';
import { attributesOf, Choice, FieldProblem, sentOf, wasSent } from '../forms/fields.tsx';
import { isOperator } from '../person.ts';

interface Props {
  readonly c: PageContext;
  readonly action: string;
  readonly legend: string;
  /** The parameters of the list's filter, which go along: "everything" is what the filter matches. */
  readonly filter: readonly string[];
  /** How many that is, in words; null where it isn't counted. */
  readonly matching: string | null;
  /** What can be done, each a button of the name `what`. */
  readonly buttons: Child;
}

interface WithdrawProps {
  readonly c: PageContext;
  /** Only what was ordered for this check. */
  readonly check?: string;
  readonly id: string;
}

/** Leads to the dry run of taking out of the queue what audits ordered. */
export function WithdrawForm({ c, check, id }: WithdrawProps) {
  return (
    <ActionForm c={c} action="/events/bulk" id={id}>
      <input type="hidden" name="what" value="withdraw_events" />
      <input type="hidden" name="scope" value="matching" />
      <input type="hidden" name="state" value="queued" />
      <input type="hidden" name="origin" value="audit" />
      {check !== undefined && <input type="hidden" name="check" value={check} />}
      <button class="danger">
        {check === undefined ? 'Withdraw queued repairs…' : 'Withdraw what it had queued…'}
      </button>
    </ActionForm>
  );
}

const bulkForm = 'bulk';

/** The box by which a row is selected. */
export function SelectRow({ c, id, name }: { readonly c: PageContext; readonly id: number; readonly name: string }) {
  const isSelected = wasSent(c, bulkForm, 'id', String(id), false);
  return (
    <input type="checkbox" name="id" value={id} checked={isSelected} data-select aria-label={`Select ${name} ${id}`} />
  );
}

/** The form around a list from which something is done to many rows; of who may not, the list alone. */
export function ChooseForm({ c, action, legend, filter, matching, buttons, children }: PropsWithChildren<Props>) {
  if (!isOperator(c.var.person)) return <>{children}</>;
  return (
    <ActionForm c={c} action={action} id={bulkForm}>
      {filter.flatMap((name) =>
        (c.req.queries(name) ?? []).map((value) => <input type="hidden" name={name} value={value} />),
      )}
      <fieldset class="actions">
        <legend>{legend}</legend>
        <Choice c={c} form={bulkForm} type="radio" name="scope" value="selected" standard>
          the selected ones <span data-selected></span>
        </Choice>
        <Choice c={c} form={bulkForm} type="radio" name="scope" value="matching" isFirst={false}>
          everything that the filter matches
          {matching !== null && `: ${matching}`}
        </Choice>
        <FieldProblem c={c} form={bulkForm} name="scope" />
        {buttons}
        <span class="hint">First a dry run says what would become of them.</span>
      </fieldset>
      {children}
    </ActionForm>
  );
}

/** To whom reviews are handed over, and where they were told. */
export function HandOverFields({ c, form }: { readonly c: PageContext; readonly form: string }) {
  return (
    <>
      <label class="inline">
        hand over to{' '}
        <select name="to" {...attributesOf(c, form, 'to')}>
          <option value="">(nobody)</option>
          {handedOverTo.map((to) => (
            <option value={to} selected={wasSent(c, form, 'to', to, false)}>
              {audienceNames[to]}
            </option>
          ))}
        </select>
      </label>
      <FieldProblem c={c} form={form} name="to" />
      <label class="inline">
        ticket{' '}
        <input
          name="ticket"
          maxlength={200}
          autocomplete="off"
          value={sentOf(c, form, 'ticket')?.[0] ?? ''}
          {...attributesOf(c, form, 'ticket')}
        />
      </label>
      <FieldProblem c={c} form={form} name="ticket" />
    </>
  );
}
