import type { ScannedPage, StateCounts } from '../../../../database/event-queries/index.ts';
import type { CappedCount } from '../../../../database/lists/index.ts';
import type { PageContext } from '../../../environment.ts';
import { Page } from '../../../layout/page.tsx';
import { addressWith } from '../../../lists/address.ts';
import { Downloads } from '../../../lists/downloads.tsx';
import { Pager } from '../../../lists/pager.tsx';
import type { FilterParameters, ShownState } from '../parameters.ts';
import { BulkForm } from './bulk-form.tsx';
import { EventTable } from './event-table.tsx';
import { FilterForm } from './filter-form.tsx';
import { StateTabs } from './state-tabs.tsx';

export interface EventList extends ScannedPage {
  readonly states: StateCounts;
  /** How many match; null where that is not counted. */
  readonly matching: CappedCount | null;
  /** Why those that wait do. */
  readonly waits: ReadonlyMap<number, string>;
}

interface Props {
  readonly c: PageContext;
  readonly parameters: FilterParameters;
  readonly list: EventList;
}

const titles: Readonly<Record<ShownState, string>> = {
  failed: 'Failed events',
  queued: 'Waiting events',
  running: 'Running events',
  completed: 'Completed events',
  any: 'Events',
};

export function EventListPage({ c, parameters, list }: Props) {
  const state = parameters.state ?? 'failed';
  const table = <EventTable list={list} state={state} selectable={state === 'failed'} />;
  return (
    <Page c={c} title={titles[state]} section="/events" live>
      <StateTabs c={c} state={state} counts={list.states} />
      <FilterForm c={c} parameters={parameters} />
      {state === 'failed' && (
        <p>
          <a href="/events/reasons">Failed events by reason</a> · <a href="/bulk">Bulk actions</a>
        </p>
      )}
      {list.events.length === 0 ? (
        <p>{list.endedEarly ? 'None so far.' : 'There are none.'}</p>
      ) : state === 'failed' ? (
        <BulkForm c={c} list={list}>
          {table}
        </BulkForm>
      ) : (
        table
      )}
      {list.endedEarly && <EndedEarly c={c} next={list.next} />}
      {!list.endedEarly && <Pager c={c} next={list.next} />}
      <Downloads c={c} />
    </Page>
  );
}

function EndedEarly({ c, next }: { readonly c: PageContext; readonly next: number | null }) {
  const rows = c.var.parts.config().dashboard.scanRows.toLocaleString('en');
  return (
    <p class="notice warn">
      Of the events that come next, {rows} were looked at, down to event {next}; no others of them match.{' '}
      <a href={addressWith(c, { after: String(next) })} rel="next">
        Look at older ones
      </a>
    </p>
  );
}
