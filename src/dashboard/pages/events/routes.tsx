import { Hono } from 'hono';
import { z } from 'zod';
import { readOnly } from '../../../database/connection.ts';
import { countList, readList } from '../../../database/lists/list.ts';
import {
  addReasonKinds,
  countByState,
  countReasonKinds,
  type ReasonKindCount,
} from '../../../database/queue/counts.ts';
import { dismissEvents } from '../../../database/queue/dismiss-events.ts';
import { eventList } from '../../../database/queue/list-events.ts';
import { versionOfDecision } from '../../../database/queue/plan-requeue.ts';
import { requeueEvents } from '../../../database/queue/requeue-events.ts';
import { showEvent } from '../../../database/queue/show-event.ts';
import { whyWaiting } from '../../../database/queue/why-not-claimable.ts';
import { shortened } from '../../../wording/text.ts';
import { chosenBy } from '../../bulk/kinds.ts';
import { beginBulkAction } from '../../bulk/work.ts';
import type { DashboardEnv, DashboardParts, PageContext } from '../../environment.ts';
import { ActionForm, formFields, readForm } from '../../forms/action-form.tsx';
import { Badge, Reason, When } from '../../layout/inline.tsx';
import { Page } from '../../layout/page.tsx';
import { listFile } from '../../lists/downloads.tsx';
import { figures, ListTable } from '../../lists/list-view.tsx';
import { choice, freeText, readListAddress, rowIds } from '../../forms/parameters.ts';
import { isOperator } from '../../person.ts';
import { badAddress, badField, notFound, stale } from '../../refusals.ts';
import { eventIdOf, eventPage } from './event-page.tsx';
import type { EventList } from './event-table.tsx';
import { BulkEventButtons, EventListPage } from './list-page.tsx';

const bulkFields = z.object({
  what: choice(['requeue_events', 'dismiss_events', 'withdraw_events']),
  scope: choice(['selected', 'matching']),
  id: rowIds(),
});

/** Begins the dry run of what is to be done to the selected events, or, only where that was said, to all that match. */
async function bulkEventsAction(c: PageContext): Promise<Response> {
  const { what, scope, id: ids } = await readForm(c, bulkFields);
  if (what === undefined) {
    throw badAddress('what', 'what takes one of requeue_events, dismiss_events, withdraw_events; it got nothing');
  }
  if (scope === 'matching') return beginBulkAction(c, what, chosenBy(what, await formFields(c)));
  if (ids === undefined) {
    throw badField('scope', 'No event is selected: select some, or choose everything that the filter matches');
  }
  return beginBulkAction(c, what, { ids });
}

const eventFields = z.object({ note: freeText(2000), seen: freeText(100) });

/** Requeues or dismisses one event, if it is as the page showed it. */
async function eventAction(c: PageContext): Promise<Response> {
  const id = eventIdOf(c);
  const { note, seen } = await readForm(c, eventFields);
  if (seen === undefined) throw badAddress('seen', 'seen takes what the page sends along of what it showed');
  const { parts, person } = c.var;
  const { event, version } = await c.var.read(async (q) => ({
    event: await showEvent(q, id, parts.config()),
    version: await versionOfDecision(q, id),
  }));
  if (event === null) throw notFound(`There is no event ${id} any more. Nothing was changed.`);
  if (version !== seen) {
    const now = event.dismissed ? 'dismissed' : event.state;
    throw stale(
      `Event ${id}, or what failed with it, has changed since the page was shown; it is ${now} now. Nothing was changed.`,
    );
  }
  const by = { actor: person.name, note: note ?? null };
  const outcome = await (c.req.param('what') === 'requeue' ? requeueOne(c, id, by, seen) : dismissOne(c, id, by, seen));
  if (outcome !== null) throw stale(outcome);
  return c.redirect(`/events/${id}`, 303);
}

interface By {
  readonly actor: string;
  readonly note: string | null;
}

/** @returns why it was not, in words; null where it was */
async function requeueOne(c: PageContext, id: number, by: By, seen: string): Promise<string | null> {
  const { requeued, skipped, refused } = await requeueEvents(c.var.parts.db, [id], by, { seen });
  if (requeued.includes(id)) return null;
  const twin = skipped.find((skip) => skip.id === id)?.twin;
  if (twin !== undefined) {
    return `Event ${id} was not queued: event ${twin} is the same, and queued. What waited for ${id} waits for ${twin} now.`;
  }
  const reason = refused.find((refusal) => refusal.id === id)?.reason ?? 'there is nothing to do';
  return `Event ${id} was not queued: ${reason}. Nothing was changed.`;
}

async function dismissOne(c: PageContext, id: number, by: By, seen: string): Promise<string | null> {
  const { dismissed, refused } = await dismissEvents(c.var.parts.db, [id], by, { seen });
  if (dismissed.includes(id)) return null;
  return `Event ${id} was not dismissed: ${refused[0]?.reason ?? 'there is nothing to do'}. Nothing was changed.`;
}

/** Counts of the states end there: "10,000+". */
const countLimit = 10_000;

/** Indexer events: the list, the kinds of reasons, one event, and what can be done about them. */
export function eventRoutes(): Hono<DashboardEnv> {
  const countReasons = reasonCounter();
  return new Hono<DashboardEnv>()
    .get('/events', listPage)
    .get('/events.csv', listFile(eventList, 'csv'))
    .get('/events.json', listFile(eventList, 'json'))
    .get('/events/reasons', async (c) => c.html(<ReasonsPage c={c} counts={await countReasons(c.var.parts)} />))
    .get('/events/:id{\\d+}', eventPage)
    .post('/events/bulk', bulkEventsAction)
    .post('/events/:id{\\d+}/:what{requeue|dismiss}', eventAction);
}

async function listPage(c: PageContext): Promise<Response> {
  const { filter, after } = readListAddress(c, eventList);
  const config = c.var.parts.config();
  const { rows: limit, scanRows: look } = config.dashboard;
  const list = await c.var.read(async (q): Promise<EventList> => {
    const page = await readList(q, eventList, filter, { limit, look, after });
    const queued = page.rows.filter(({ state }) => state === 'queued').map(({ id }) => id);
    // Looking for texts costs as much for the count as for the page; a dry run counts exactly.
    const isCostly = filter.reason !== undefined || filter.alike !== undefined;
    return {
      page,
      states: await countByState(q, countLimit),
      matching: isCostly ? null : await countList(q, eventList, filter, look),
      waits: queued.length === 0 ? new Map() : await whyWaiting(q, queued, config),
    };
  });
  return c.html(<EventListPage c={c} filter={filter} list={list} />);
}

/** The failed events that nobody has dismissed, by action and the kind of reason why they failed last. */
interface ReasonCounts {
  /** The most common first. */
  readonly kinds: readonly ReasonKindCount[];
  /** The id down to which events are counted so far; null where all are. */
  readonly countedTo: number | null;
  readonly at: Date;
}

/**
 * Counts page by page beside the requests, and keeps the counts for a while: a hundred thousand failed events take longer
 * than a page may. The first request waits for the first page of events; later ones get what is known by then.
 */
function reasonCounter(): (parts: DashboardParts) => Promise<ReasonCounts> {
  let known: ReasonCounts | null = null;
  let counting: Promise<ReasonCounts> | null = null;
  return async (parts) => {
    const { reasonSeconds } = parts.config().dashboard;
    const isOld = known === null || Date.now() - known.at.getTime() > reasonSeconds * 1000;
    if (!isOld || (counting !== null && known !== null)) return known!;
    counting ??= count(parts, (counts) => {
      // What is known of all is better than what is known of some.
      if (known === null || known.countedTo !== null || counts.countedTo === null) known = counts;
      if (counts.countedTo === null) counting = null;
    }).catch((error: unknown) => {
      counting = null;
      throw error;
    });
    return known ?? counting;
  };
}

/** @returns the counts after the first page of events; `tell` gets those after each */
async function count(parts: DashboardParts, tell: (counts: ReasonCounts) => void): Promise<ReasonCounts> {
  let kinds: readonly ReasonKindCount[] = [];
  const page = async (before: number | null): Promise<ReasonCounts> => {
    const { scanRows, statementSeconds } = parts.config().dashboard;
    const found = await readOnly(parts.db, statementSeconds, (q) => countReasonKinds(q, { before, limit: scanRows }));
    kinds = addReasonKinds(kinds, found.kinds);
    const counts = { kinds, countedTo: found.next, at: new Date() };
    tell(counts);
    return counts;
  };
  const rest = async (from: number): Promise<void> => {
    for (let before: number | null = from; before !== null;) before = (await page(before)).countedTo;
  };
  const first = await page(null);
  if (first.countedTo !== null) {
    void rest(first.countedTo).catch((error: unknown) => {
      parts.log.warn({ error }, 'failed events were not counted by reason to the end');
      tell({ kinds, countedTo: null, at: new Date(0) });
    });
  }
  return first;
}

/** Kinds of reasons that the page shows: rarer ones are found by their text. */
const shown = 200;

/** Failed events by action and by why they failed: what is the same but for numbers and names is one kind. */
function ReasonsPage({ c, counts }: { readonly c: PageContext; readonly counts: ReasonCounts }) {
  const { kinds, countedTo, at } = counts;
  const mayAct = isOperator(c.var.person);
  return (
    <Page c={c} title="Failed events by reason" section="/events" live>
      <p>
        <a href="/events">All failed events</a>. Counted <When at={at} />
        {countedTo === null ? '.' : `, down to event ${countedTo} so far; it continues.`} Dismissed events are not
        counted.
      </p>
      {kinds.length === 0 ? (
        <p class="message">
          No event has failed. What waits for its next attempt is among those that{' '}
          <a href="/events?state=queued">wait</a>.
        </p>
      ) : (
        <ListTable
          caption={`${kinds.length > shown ? `The ${shown} most common of ${kinds.length} kinds` : 'Kinds of reasons'}, the most common first`}
          columns={[figures('Events'), 'Action', 'Reason', 'Newest', ...(mayAct ? ['With all of them'] : [])]}
        >
          {kinds.slice(0, shown).map((kind) => (
            <KindRow c={c} kind={kind} mayAct={mayAct} />
          ))}
        </ListTable>
      )}
    </Page>
  );
}

interface KindRowProps {
  readonly c: PageContext;
  readonly kind: ReasonKindCount;
  readonly mayAct: boolean;
}

function KindRow({ c, kind: { action, kind, count, newest, example }, mayAct }: KindRowProps) {
  const filter = { action, alike: kind };
  return (
    <tr data-row={newest}>
      <td class="number" data-label="Events">
        {count.toLocaleString('en')}
      </td>
      <td data-label="Action">
        <Badge of={action} />
      </td>
      <th scope="row" class="text">
        <a href={`/events?${new URLSearchParams(filter).toString()}`}>{shortened(kind, 300)}</a>
      </th>
      <td data-label="Newest">
        <a href={`/events/${newest}`}>event {newest}</a>: <Reason text={example} />
      </td>
      {mayAct && (
        <td data-label="With all of them">
          <ActionForm c={c} action="/events/bulk" class="actions" id={`kind-${newest}`}>
            <input type="hidden" name="scope" value="matching" />
            <input type="hidden" name="state" value="failed" />
            {Object.entries(filter).map(([name, value]) => (
              <input type="hidden" name={name} value={value} />
            ))}
            <BulkEventButtons />
          </ActionForm>
        </td>
      )}
    </tr>
  );
}
