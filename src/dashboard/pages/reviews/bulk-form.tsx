import type { PropsWithChildren } from 'hono/jsx';
import type { CappedCount } from '../../../database/lists/index.ts';
import { countInWords } from '../../../wording/capped-count.ts';
import { ChooseForm } from '../../bulk/choose-form.tsx';
import type { PageContext } from '../../environment.ts';
import { reviewFields } from './parameters.ts';

interface Props {
  readonly c: PageContext;
  readonly count: CappedCount;
}

/** From which many reviews are closed or reopened, as their status allows. */
export function ReviewBulkForm({ c, count, children }: PropsWithChildren<Props>) {
  const status = c.req.query('status') || 'open';
  return (
    <ChooseForm
      c={c}
      action="/reviews/bulk"
      legend="With many reviews"
      filter={Object.keys(reviewFields)}
      matching={countInWords(count)}
      buttons={
        <>
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
        </>
      }
    >
      {children}
    </ChooseForm>
  );
}
