import type { ActionOnEvent } from '../../../../database/event-queries/index.ts';
import { When } from '../../../layout/when.tsx';

/** What persons did to an event. */
export function DoneByPersons({ actions }: { readonly actions: readonly ActionOnEvent[] }) {
  if (actions.length === 0) return null;
  return (
    <section aria-labelledby="done-by-persons">
      <h2 id="done-by-persons">Done by persons</h2>
      <ol class="timeline">
        {actions.map(({ at, actor, action, note, outcome, reason, bulkAction }) => (
          <li>
            <When at={at} />: {actor}, {action}
            {bulkAction !== null && (
              <>
                {' '}
                in a <a href={`/bulk/${bulkAction}`}>bulk action</a>
              </>
            )}
            {outcome !== null && outcome !== 'done' && `: ${outcome}${reason === null ? '' : `, ${reason}`}`}
            {note !== null && <> · {note}</>}
          </li>
        ))}
      </ol>
    </section>
  );
}
