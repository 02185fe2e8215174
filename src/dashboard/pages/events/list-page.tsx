import type { Child, PropsWithChildren } from 'hono/jsx';
import type { StateCounts } from '../../../database/queue/counts.ts';
import { type EventFilter, eventStates } from '../../../database/queue/event-fields.ts';
import { eventList } from '../../../database/queue/list-events.ts';
import type { EventState } from '../../../domain/queue/indexer-event.ts';
import { countInWords } from '../../../wording/text.ts';
import { ChooseForm } from '../../bulk/choose-form.tsx';
import type { PageContext } from '../../environment.ts';
import { Page } from '../../layout/page.tsx';
import { Downloads } from '../../lists/downloads.tsx';
import { FilterForm, Pager } from '../../lists/list-view.tsx';
import { addressWith, parametersOf } from '../../forms/parameters.ts';
import { type EventList, EventTable } from './event-table.tsx';

const shownStates = [...eventStates, 'any'] as const;
type ShownState = (typeof shownStates)[number];

const words: Readonly<Record<ShownState, string>> = {
  failed: 'Failed',
  queued: 'Waiting',
  running: 'Running',
  completed: 'Completed',
  any: 'All',
};

/** Leads to the events of each state, under the same filter. The numbers are of all events, not of those that match. */
function StateTabs({
  c,
  state,
  counts,
}: {
  readonly c: PageContext;
  /** Null where several are shown. */
  readonly state: ShownState | null;
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

interface Props {
  readonly c: PageContext;
  readonly filter: EventFilter;
  readonly list: EventList;
}

const titles: Readonly<Record<ShownState, string>> = {
  failed: 'Failed events',
  queued: 'Waiting events',
  running: 'Running events',
  completed: 'Completed events',
  any: 'Events',
};

/** Takes away all that chooses, but for the state. */
const noFilter = Object.fromEntries(
  parametersOf(eventList).flatMap((name) => (name === 'state' ? [] : [[name, null]])),
);

export function EventListPage({ c, filter: { states }, list }: Props) {
  const state = states === undefined ? 'any' : states.length === 1 ? states[0]! : null;
  const only: EventState | null = state === 'any' ? null : state;
  const selectable = state === 'failed' || state === 'queued';
  const table = <EventTable c={c} list={list} state={only} selectable={selectable} />;
  const { rows, next } = list.page;
  const endedEarly = next !== null && rows.length < c.var.parts.config().dashboard.rows;
  return (
    <Page c={c} title={titles[state ?? 'any']} section="/events" live>
      <StateTabs c={c} state={state} counts={list.states} />
      <FilterForm
        c={c}
        list={eventList}
        action="/events"
        elsewhere={['state']}
        clear={addressWith(c, { ...noFilter, after: null })}
      >
        {state === 'failed' && (
          <p>
            <a href="/events/reasons">Failed events by reason</a> · <a href="/bulk">Bulk actions</a>
          </p>
        )}
        {rows.length === 0 ? (
          <p class="message">
            {endedEarly ? 'None so far.' : 'There are none.'}{' '}
            {!endedEarly && <a href={addressWith(c, { ...noFilter, after: null })}>Take the filter away</a>}
          </p>
        ) : selectable ? (
          <BulkForm c={c} list={list} buttons={state === 'failed' ? <BulkEventButtons /> : <WithdrawButton />}>
            {table}
          </BulkForm>
        ) : (
          table
        )}
        {endedEarly ? <EndedEarly c={c} next={next} /> : <Pager c={c} next={next} />}
        <Downloads c={c} />
      </FilterForm>
    </Page>
  );
}

function EndedEarly({ c, next }: { readonly c: PageContext; readonly next: string }) {
  const rows = c.var.parts.config().dashboard.scanRows.toLocaleString('en');
  return (
    <p class="notice warn">
      Of the events that come next, {rows} were checked, down to event {next}; no others of them match.{' '}
      <a href={addressWith(c, { after: next })} rel="next">
        Look at older ones
      </a>
    </p>
  );
}

interface BulkFormProps {
  readonly c: PageContext;
  readonly list: EventList;
  readonly buttons: Child;
}

/** What can be done to many events; each leads to its dry run. */
export function BulkEventButtons() {
  return (
    <>
      <button name="what" value="requeue_events">
        Requeue…
      </button>
      <button name="what" value="dismiss_events">
        Dismiss…
      </button>
    </>
  );
}

/** The same of events that are queued: of what matches, what audits ordered. */
function WithdrawButton() {
  return (
    <button name="what" value="withdraw_events">
      Withdraw those of audits…
    </button>
  );
}

/** From which many events are requeued, dismissed or withdrawn. */
function BulkForm({ c, list: { matching }, buttons, children }: PropsWithChildren<BulkFormProps>) {
  return (
    <ChooseForm
      c={c}
      action="/events/bulk"
      legend="With many events"
      filter={parametersOf(eventList)}
      matching={matching === null ? null : countInWords(matching)}
      buttons={buttons}
    >
      {children}
    </ChooseForm>
  );
}
