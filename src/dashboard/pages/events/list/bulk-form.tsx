import type { PropsWithChildren } from 'hono/jsx';
import { isOperator } from '../../../access/person.ts';
import type { PageContext } from '../../../environment.ts';
import { ActionForm } from '../../../forms/action-form.tsx';
import { countInWords } from '../../../../wording/capped-count.ts';
import { filterFields, type FilterParameters } from '../parameters.ts';
import type { EventList } from './page.tsx';

interface Props {
  readonly c: PageContext;
  readonly parameters: FilterParameters;
  readonly list: EventList;
}

/** The form around a list from which something is done to many events; of who may not, the list alone. */
export function BulkForm({ c, list, children }: PropsWithChildren<Props>) {
  if (!isOperator(c.var.person)) return <>{children}</>;
  return (
    <ActionForm c={c} action="/events/bulk" id="bulk">
      {Object.keys(filterFields).map((name) => {
        const value = c.req.query(name);
        return value ? <input type="hidden" name={name} value={value} /> : null;
      })}
      <fieldset class="actions">
        <legend>With many events</legend>
        <label class="inline">
          <input type="radio" name="scope" value="selected" checked /> the selected ones <span data-selected></span>
        </label>
        <label class="inline">
          <input type="radio" name="scope" value="matching" /> everything that the filter matches{matchingInWords(list)}
        </label>
        <button name="what" value="requeue_events">
          Requeue…
        </button>
        <button name="what" value="dismiss_events">
          Dismiss…
        </button>
        <span class="hint">First a dry run says what would become of them.</span>
      </fieldset>
      {children}
    </ActionForm>
  );
}

function matchingInWords({ matching }: EventList): string {
  return matching === null ? '' : `: ${countInWords(matching)}`;
}
