import type { PropsWithChildren } from 'hono/jsx';
import { countInWords } from '../../../../wording/capped-count.ts';
import { ChooseForm } from '../../../bulk/choose-form.tsx';
import type { PageContext } from '../../../environment.ts';
import { filterFields } from '../parameters.ts';
import type { EventList } from './page.tsx';

interface Props {
  readonly c: PageContext;
  readonly list: EventList;
}

/** From which many events are requeued or dismissed. */
export function BulkForm({ c, list: { matching }, children }: PropsWithChildren<Props>) {
  return (
    <ChooseForm
      c={c}
      action="/events/bulk"
      legend="With many events"
      filter={Object.keys(filterFields)}
      matching={matching === null ? null : countInWords(matching)}
      buttons={
        <>
          <button name="what" value="requeue_events">
            Requeue…
          </button>
          <button name="what" value="dismiss_events">
            Dismiss…
          </button>
        </>
      }
    >
      {children}
    </ChooseForm>
  );
}
