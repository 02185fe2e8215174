import { Hono } from 'hono';
import { etag } from 'hono/etag';
import { z } from 'zod';
import { entityList } from '../../database/entities/list-entities.ts';
import { findingList } from '../../database/entities/list-findings.ts';
import { readWorkSince } from '../../database/figures/work-since.ts';
import type { FieldTable } from '../../database/lists/fields.ts';
import { type List, readList } from '../../database/lists/list.ts';
import { operatorActionList } from '../../database/bulk-actions/operator-actions.ts';
import { readEntityNames, resolveNamed } from '../../database/musicbrainz/entity-kinds.ts';
import { readRepairModePlan } from '../../database/audits/findings.ts';
import { entityOf, eventList } from '../../database/queue/list-events.ts';
import { reviewList } from '../../database/reviews/list-reviews.ts';
import { entitiesAreNamed, parseNamed } from '../../domain/entity.ts';
import { inSnakeCase, rowInJson } from '../../export/csv.ts';
import { planInJson } from '../../export/plan.ts';
import { unknownBulkAction } from '../bulk/work.ts';
import type { DashboardEnv, DashboardParts, PageContext } from '../environment.ts';
import { readListAddress, readParameters, sinceMoment, wholeNumber } from '../forms/parameters.ts';
import { away, badField, notFound } from '../refusals.ts';
import { bulkActionAsJson, bulkActions } from './actions/bulk.ts';
import { rowActions } from './actions/rows.ts';
import { scheduleActions } from './actions/schedule.ts';
import { type ApiAction, mountActions } from './api-action.ts';
import { describeApi, listPaths, mostRows } from './openapi.ts';

/** The lists that programs read, by their addresses below /api. */
const lists: Readonly<Record<(typeof listPaths)[number], List<never, FieldTable>>> = {
  entities: entityList,
  events: eventList,
  findings: findingList,
  record: operatorActionList,
  reviews: reviewList,
};

/** Whatever programs can have done: an entry each, as docs/contributing/add-a-lever.md says. */
export const apiActions: readonly ApiAction[] = [...scheduleActions, ...rowActions, ...bulkActions];

/** Of each list that the answer about one entity holds. */
const rowsOfEntity = 100;

/**
 * What programs read, as JSON: the lists of the pages with the same parameters, one entity, the figures of the overview,
 * the plan for repair mode, a bulk action; and what they can have done. Described by /api/openapi.json.
 */
export function apiRoutes(parts: DashboardParts): Hono<DashboardEnv> {
  const { config } = parts;
  const api = new Hono<DashboardEnv>();
  api.use(async (c, next) => {
    await next();
    // As it is now, and for whoever asked for it; what didn't change needn't be sent again.
    c.header('cache-control', 'private, no-cache');
  });
  api.get('*', etag());

  const description = describeApi(lists, apiActions);
  api.get('/openapi.json', (c) => c.json(description));

  for (const path of listPaths) api.get(`/${path}`, (c) => answerList(c, lists[path]));

  api.get('/entities/:mbid', async (c) => {
    const reading = parseNamed(c.req.param('mbid'));
    if (reading.kind !== 'named') throw badField('mbid', `mbid takes ${entitiesAreNamed}`);
    const found = await c.var.read(async (q) => {
      const key = await resolveNamed(q, reading);
      const named = { entityType: key.entityType, gid: key.gid };
      const limits = { limit: rowsOfEntity, look: config().dashboard.scanRows, isPlain: true };
      const [entity] = (await readList(q, entityList, named, limits)).rows;
      const [finding] = (await readList(q, findingList, named, limits)).rows;
      const reviews = (await readList(q, reviewList, { ...named, handedOver: 'shown' }, limits)).rows;
      const events = (await readList(q, eventList, { ...named, dismissed: 'shown' }, limits)).rows;
      // Of all of them at once. An event may be about another entity, which receives an image.
      const names = await readEntityNames(q, [key, ...events.flatMap((event) => entityOf(event) ?? [])]);
      const nameOf = (gid: string | undefined) => names.get(gid ?? '') ?? null;
      const name = nameOf(key.gid);
      return {
        key,
        name,
        entity: entity && { ...entity, name },
        finding: finding && { ...finding, name },
        reviews: reviews.map((review) => ({ ...review, name })),
        events: events.map((event) => ({ ...event, name: nameOf(entityOf(event)?.gid) })),
      };
    });
    const { key, name, entity, finding, reviews, events } = found;
    if (entity === undefined && name === null && events.length === 0) {
      throw notFound(`Neither MusicBrainz nor this program knows ${key.gid}.`);
    }
    return c.json({
      entity_type: key.entityType,
      mbid: key.gid,
      name: name && inSnakeCase(name),
      entity: entity === undefined ? null : rowInJson(entityList.columns, entity),
      newest_audit: finding === undefined ? null : rowInJson(findingList.columns, finding),
      reviews: reviews.map((row) => rowInJson(reviewList.columns, row)),
      events: events.map((row) => rowInJson(eventList.columns, row)),
    });
  });

  api.get('/figures', async (c) => {
    const read = await c.var.standing();
    if (read === null) throw away('The figures can’t be read now, or take longer than a statement may.');
    const { figures: ofTables, ...rest } = read;
    return c.json(inSnakeCase({ ...ofTables, ...rest }));
  });

  api.get('/work', async (c) => {
    const { since } = readParameters(c, z.object({ since: sinceMoment() }));
    return c.json(inSnakeCase(await c.var.read((q) => readWorkSince(q, since ?? aDayAgo()))));
  });

  api.get('/plan', async (c) => {
    const { scanRows } = config().dashboard;
    return c.json(planInJson(await c.var.read((q) => readRepairModePlan(q, config(), scanRows))));
  });
  api.get('/bulk/:id', async (c) => {
    const { id } = z.object({ id: z.uuid() }).catch({ id: '' }).parse(c.req.param());
    if (id === '') throw unknownBulkAction();
    return c.json(await c.var.read((q) => bulkActionAsJson(q, id)));
  });

  mountActions(api, apiActions);
  return api;
}

async function answerList<Row extends object, Fields extends FieldTable>(
  c: PageContext,
  list: List<Row, Fields>,
): Promise<Response> {
  const { rows, scanRows: look } = c.var.parts.config().dashboard;
  const { filter, after } = readListAddress(c, list);
  const { limit = rows } = readParameters(c, z.object({ limit: wholeNumber(mostRows) }));
  if (limit === 0) throw badField('limit', `limit takes a whole number from 1 to ${mostRows}; it got "0"`);
  const page = await c.var.read((q) => readList(q, list, filter, { limit, look, after }));
  return c.json({ rows: page.rows.map((row) => rowInJson(list.columns, row)), next: page.next });
}

function aDayAgo(): Date {
  return new Date(Date.now() - 86_400_000);
}
