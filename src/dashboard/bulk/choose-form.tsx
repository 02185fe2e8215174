import type { Child, PropsWithChildren } from 'hono/jsx';
import { isOperator } from '../access/person.ts';
import type { PageContext } from '../environment.ts';
import { ActionForm } from '../forms/action-form.tsx';

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

/** The form around a list from which something is done to many rows; of who may not, the list alone. */
export function ChooseForm({ c, action, legend, filter, matching, buttons, children }: PropsWithChildren<Props>) {
  if (!isOperator(c.var.person)) return <>{children}</>;
  return (
    <ActionForm c={c} action={action} id="bulk">
      {filter.map((name) => {
        const value = c.req.query(name);
        return value ? <input type="hidden" name={name} value={value} /> : null;
      })}
      <fieldset class="actions">
        <legend>{legend}</legend>
        <label class="inline">
          <input type="radio" name="scope" value="selected" checked /> the selected ones <span data-selected></span>
        </label>
        <label class="inline">
          <input type="radio" name="scope" value="matching" /> everything that the filter matches
          {matching !== null && `: ${matching}`}
        </label>
        {buttons}
        <span class="hint">First a dry run says what would become of them.</span>
      </fieldset>
      {children}
    </ActionForm>
  );
}
