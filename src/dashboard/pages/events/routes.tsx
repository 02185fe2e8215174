import { Hono } from 'hono';
import { z } from 'zod';
import { countList, readList } from '../../../database/lists/list.ts';
import { countByState } from '../../../database/queue/counts.ts';
import { dismissEvents } from '../../../database/queue/dismiss-events.ts';
import { eventList } from '../../../database/queue/list-events.ts';
import { versionOfDecision } from '../../../database/queue/plan-requeue.ts';
import { requeueEvents } from '../../../database/queue/requeue-events.ts';
import { showEvent } from '../../../database/queue/show-event.ts';
import { whyWaiting } from '../../../database/queue/why-not-claimable.ts';
import { chosenBy } from '../../bulk/kinds.ts';
import { beginBulkAction } from '../../bulk/work.ts';
import type { DashboardEnv, PageContext } from '../../environment.ts';
import { formFields, readForm } from '../../forms/action-form.tsx';
import { listFile } from '../../lists/downloads.tsx';
import { choice, freeText, readListAddress, rowIds } from '../../lists/parameters.ts';
import { badAddress, badField, notFound, stale } from '../../refusals.ts';
import { eventPage } from './event-page.tsx';
import type { EventList } from './event-table.tsx';
import { EventListPage } from './list-page.tsx';
import { eventIdOf } from './parameters.ts';
import { reasonCounter, ReasonsPage } from './reasons-page.tsx';

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
