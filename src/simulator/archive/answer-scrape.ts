import type { AccessKeys } from './access-keys.ts';
import { judgeKey, parseAuthorization } from './access-keys.ts';
import type { Answer } from './answer.ts';
import { jsonAnswer } from './answer.ts';
import type { ReadContext } from './answer-metadata.ts';
import { draw } from './draw.ts';
import type { Faults } from './faults.ts';
import type { Item } from './item.ts';
import { valuesOf } from './item.ts';
import type { RequestTo } from './routes.ts';

export interface ScrapeContext extends ReadContext {
  readonly faults: Faults;
  readonly keys: () => AccessKeys;
}

const countLimits = { min: 100, max: 10_000 };

/** `GET|POST /services/search/v1/scrape`: the items of a collection, page by page, ordered by identifier. */
export function answerScrape(request: RequestTo<'scrape'>, context: ScrapeContext): Answer {
  const { dice, faults } = context;
  if (dice.strikes('scrapeError', request)) return failure('Search engine is unavailable', 'BackendException', 200);
  const query = parametersOf(request);
  const collection = /^collection:"?([\w-]+)"?$/.exec(query.get('q') ?? '')?.[1];
  if (collection === undefined) return failure(`can't parse query ${query.get('q')}`, 'QueryException', 400);
  const count = Number(query.get('count') ?? countLimits.max);
  if (!Number.isInteger(count) || count < countLimits.min || count > countLimits.max) {
    return failure(`count must be ${countLimits.min} to ${countLimits.max}`, 'RangeException', 400);
  }
  const isIgnored = query.has('count') && dice.strikes('scrapeIgnoredCursor', request);
  const cursor = isIgnored ? null : query.get('cursor');
  const after = cursor === null ? '' : readCursor(cursor);
  if (after === null) return failure('invalid or expired cursor', 'CursorException', 400);

  const isOthers = dice.strikes('scrapeOtherItems', request);
  const visible = visibleItems(request, isOthers ? null : collection, context);
  const rest = visible.filter(({ identifier }) => identifier > after);
  const page = rest.slice(0, Math.min(count, faults.scrapePageLimit || count));
  const last = page.at(-1);
  const more = page.length < rest.length && last !== undefined && !dice.strikes('scrapeEarlyEnd', request);
  const repeated = more && cursor !== null && dice.strikes('scrapeRepeatedCursor', request);
  const total = dice.strikes('scrapeShrinkingTotal', request) ? Math.floor(visible.length * 0.9) : visible.length;
  return jsonAnswer({
    items: page.map((item) => fieldsOf(item, query.get('fields'))),
    count: page.length,
    ...(more ? { cursor: repeated ? cursor : writeCursor(last.identifier) } : {}),
    total: dice.strikes('scrapeNoTotal', request) ? null : total,
  });
}

/** The items are noindex: who does not say who they are sees hardly any of them, as if there were no more. */
function visibleItems(request: RequestTo<'scrape'>, collection: string | null, { state, keys }: ScrapeContext): Item[] {
  const known = judgeKey(keys(), parseAuthorization(request.headers.authorization)) === 'accepted';
  return state
    .items()
    .filter((item) => !item.dark && (collection === null || valuesOf(item, 'collection').includes(collection)))
    .filter((item) => known || !valuesOf(item, 'noindex').includes('true') || draw(item.identifier, 'leaked') < 0.01)
    .sort((one, other) => (one.identifier < other.identifier ? -1 : 1));
}

function parametersOf({ url, method, body }: RequestTo<'scrape'>): URLSearchParams {
  return method === 'POST'
    ? new URLSearchParams([...url.searchParams, ...new URLSearchParams(body.toString())])
    : url.searchParams;
}

function fieldsOf(item: Item, fields: string | null): Record<string, unknown> {
  const names = (fields ?? 'identifier').split(',');
  return Object.fromEntries(
    names.flatMap((name) => (item.metadata[name] === undefined ? [] : [[name, item.metadata[name]]])),
  );
}

function writeCursor(identifier: string): string {
  return Buffer.from(`after:${identifier}`).toString('base64url');
}

function readCursor(cursor: string): string | null {
  const text = Buffer.from(cursor, 'base64url').toString();
  return text.startsWith('after:') ? text.slice('after:'.length) : null;
}

function failure(error: string, errorType: string, status: number): Answer {
  return jsonAnswer({ error, errorType }, status);
}
