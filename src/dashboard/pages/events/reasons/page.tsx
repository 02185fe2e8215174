import { shortened } from '../../../../wording/shortened.ts';
import type { PageContext } from '../../../environment.ts';
import { Page } from '../../../layout/page.tsx';
import { When } from '../../../layout/when.tsx';
import type { ReasonCounts } from './counter.ts';

/** Kinds of reasons that the page shows: rarer ones are found by their text. */
const shown = 200;

/** Failed events by why they failed: what is the same but for numbers and names is one kind. */
export function ReasonsPage({ c, counts }: { readonly c: PageContext; readonly counts: ReasonCounts }) {
  const { kinds, countedTo, at } = counts;
  return (
    <Page c={c} title="Failed events by reason" section="/events" live>
      <p>
        <a href="/events">All failed events</a>. Counted <When at={at} />
        {countedTo === null ? '.' : `, down to event ${countedTo} so far; it goes on.`} Dismissed events are not
        counted.
      </p>
      {kinds.length === 0 ? (
        <p>There are none.</p>
      ) : (
        <div class="scroll">
          <table>
            <caption>
              {kinds.length > shown ? `The ${shown} commonest of ${kinds.length} kinds` : 'Kinds of reasons'}, the
              commonest first
            </caption>
            <thead>
              <tr>
                <th scope="col" class="number">
                  Events
                </th>
                <th scope="col">Reason</th>
                <th scope="col">For example</th>
                <th scope="col">Newest</th>
              </tr>
            </thead>
            <tbody>
              {kinds.slice(0, shown).map(({ kind, count, newest, example }) => (
                <tr data-row={newest}>
                  <td class="number">{count.toLocaleString('en')}</td>
                  <th scope="row" class="text">
                    <a href={`/events?${new URLSearchParams({ alike: kind }).toString()}`}>{kind}</a>
                  </th>
                  <td>{shortened(example)}</td>
                  <td>
                    <a href={`/events/${newest}`}>event {newest}</a>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Page>
  );
}
