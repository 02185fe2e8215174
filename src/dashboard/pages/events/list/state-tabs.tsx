import type { StateCounts } from '../../../../database/event-queries/index.ts';
import type { PageContext } from '../../../environment.ts';
import { addressWith } from '../../../lists/address.ts';
import { countInWords } from '../../../../wording/capped-count.ts';
import { type ShownState, shownStates } from '../parameters.ts';

const words: Readonly<Record<ShownState, string>> = {
  failed: 'Failed',
  queued: 'Waiting',
  running: 'Running',
  completed: 'Completed',
  any: 'All',
};

/** Leads to the events of each state, under the same filter. The numbers are of all events, not of those that match. */
export function StateTabs({
  c,
  state,
  counts,
}: {
  readonly c: PageContext;
  readonly state: ShownState;
  readonly counts: StateCounts;
}) {
  return (
    <nav class="tabs" aria-label="States">
      <ul>
        {shownStates.map((each) => (
          <li>
            <a
              href={addressWith(c, { state: each === 'failed' ? null : each, after: null })}
              {...(each === state && { 'aria-current': 'page' as const })}
            >
              {words[each]}
              {each !== 'any' && <span class="count"> {countInWords(counts[each])}</span>}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
