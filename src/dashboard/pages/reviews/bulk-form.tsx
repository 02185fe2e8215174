import type { PropsWithChildren } from 'hono/jsx';
import type { CappedCount } from '../../../database/lists/index.ts';
import { countInWords } from '../../../wording/capped-count.ts';
import { isOperator } from '../../access/person.ts';
import type { PageContext } from '../../environment.ts';
import { ActionForm } from '../../forms/action-form.tsx';
import { reviewFields } from './parameters.ts';

interface Props {
  readonly c: PageContext;
  readonly count: CappedCount;
}

/** The form around a list from which something is done to many reviews; of who may not, the list alone. */
export function ReviewBulkForm({ c, count, children }: PropsWithChildren<Props>) {
  if (!isOperator(c.var.person)) return <>{children}</>;
  const status = c.req.query('status') || 'open';
  return (
    <ActionForm c={c} action="/reviews/bulk" id="bulk">
      {Object.keys(reviewFields).map((name) => {
        const value = c.req.query(name);
        return value ? <input type="hidden" name={name} value={value} /> : null;
      })}
      <fieldset class="actions">
        <legend>With many reviews</legend>
        <label class="inline">
          <input type="radio" name="scope" value="selected" checked /> the selected ones <span data-selected></span>
        </label>
        <label class="inline">
          <input type="radio" name="scope" value="matching" /> everything that the filter matches: {countInWords(count)}
        </label>
        {(status === 'open' || status === 'any') && (
          <>
            <button name="what" value="resolve_reviews">
              Resolve…
            </button>
            <button name="what" value="wont_fix_reviews">
              Won’t fix…
            </button>
          </>
        )}
        {status !== 'open' && (
          <button name="what" value="reopen_reviews">
            Reopen…
          </button>
        )}
        <span class="hint">First a dry run says what would become of them.</span>
      </fieldset>
      {children}
    </ActionForm>
  );
}
