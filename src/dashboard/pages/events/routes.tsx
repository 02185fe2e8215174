import { Hono } from 'hono';
import { countByState, countScanned, scanEvents, whyWaiting } from '../../../database/event-queries/index.ts';
import type { DashboardEnv, PageContext } from '../../environment.ts';
import { allPages, download } from '../../lists/download.ts';
import { readParameters } from '../../lists/read-parameters.ts';
import { bulkEventsAction } from './bulk-action.ts';
import { eventAction } from './event-action.ts';
import { eventPage } from './event/page.tsx';
import { eventsFile } from './events-file.ts';
import { type EventList, EventListPage } from './list/page.tsx';
import { filterOf, listParameters } from './parameters.ts';
import { reasonCounter } from './reasons/counter.ts';
import { ReasonsPage } from './reasons/page.tsx';

/** Counts end there: "10,000+". */
const countLimit = 10_000;
/** Events that a page of a download has. */
const filePage = 2000;

/** Indexer events: the list, the kinds of reasons, one event, and what can be done about them. */
export function eventRoutes(): Hono<DashboardEnv> {
  const countReasons = reasonCounter();
  return new Hono<DashboardEnv>()
    .get('/events', listPage)
    .get('/events.csv', (c) => listFile(c, 'csv'))
    .get('/events.json', (c) => listFile(c, 'json'))
    .get('/events/reasons', async (c) => c.html(<ReasonsPage c={c} counts={await countReasons(c.var.parts)} />))
    .get('/events/:id{\\d+}', eventPage)
    .post('/events/bulk', bulkEventsAction)
    .post('/events/:id{\\d+}/:what{requeue|dismiss}', eventAction);
}

async function listPage(c: PageContext): Promise<Response> {
  const parameters = readParameters(c, listParameters);
  const config = c.var.parts.config();
  const { rows, scanRows } = config.dashboard;
  const list = await c.var.read(async (q): Promise<EventList> => {
    const filter = await filterOf(q, parameters);
    const page = await scanEvents(q, filter, { limit: rows, before: parameters.after ?? null, scan: scanRows });
    const queued = page.events.filter(({ state }) => state === 'queued').map(({ id }) => id);
    // Looking for texts costs as much for the count as for the page; a dry run counts exactly.
    const isCostly = filter.reason !== undefined || filter.alike !== undefined;
    return {
      ...page,
      states: await countByState(q, countLimit),
      matching: isCostly ? null : await countScanned(q, filter, { limit: countLimit, scan: scanRows }),
      waits: queued.length === 0 ? new Map() : await whyWaiting(q, queued, config),
    };
  });
  return c.html(<EventListPage c={c} parameters={parameters} list={list} />);
}

async function listFile(c: PageContext, kind: 'csv' | 'json'): Promise<Response> {
  const parameters = readParameters(c, listParameters);
  const { scanRows } = c.var.parts.config().dashboard;
  const filter = await c.var.read((q) => filterOf(q, parameters));
  return download(
    c,
    kind,
    eventsFile,
    allPages(async (before: number | null) => {
      const { events, next } = await c.var.read((q) =>
        scanEvents(q, filter, { limit: filePage, before, scan: scanRows }),
      );
      return { rows: events, next };
    }),
  );
}
