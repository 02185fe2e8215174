import { draw } from '../random.ts';
import { type AccessKeys, judgeKey, parseAuthorization } from './access-keys.ts';
import { type Answer, fileAnswer, htmlAnswer, jsonAnswer, pageAnswer, redirectAnswer } from './answer.ts';
import type { ArchiveState } from './archive-state.ts';
import { contentOf } from '../content.ts';
import type { FaultDice } from './fault-dice.ts';
import type { Faults, Occurrence } from './faults.ts';
import { type Item, placementOf, type StoredFile, valuesOf } from './item.ts';
import type { RequestTo } from './request-log.ts';
import { escapeXml } from '../musicbrainz/xml.ts';

interface DownloadContext extends ReadContext {
  /** The origin of the data nodes' server. */
  readonly nodeOrigin: () => string;
}

/** Of `.invalid` nothing resolves: a client that follows it learns nothing, and nobody learns its keys. */
const foreignHost = 'http://files.elsewhere.invalid';

/** `GET /download/{identifier}/{file}`: 302 to a delivery node, which says whether the file is there. */
export function answerDownload(request: RequestTo<'download'>, context: DownloadContext): Answer {
  const { identifier, file } = request.route;
  const item = context.state.find(identifier);
  if (context.dice.strikes('downloadError', request)) return degraded(request, file, context);
  if (item === undefined) return htmlAnswer(404, '404 Not Found');
  if (item.dark) return htmlAnswer(403, '403 Forbidden');
  if (file.endsWith('/')) return folderOf(item, file);
  const { deliveryNode, dir } = placementOf(identifier);
  const path = file.split('/').map(encodeURIComponent).join('/');
  if (context.dice.strikes('foreignRedirect', request)) return redirectAnswer(302, `${foreignHost}${dir}/${path}`);
  return redirectAnswer(302, `${context.nodeOrigin()}/node/${deliveryNode}${dir}/${path}`);
}

/** What people see of a folder; of one that isn't there an empty list, as of the real one. */
function folderOf(item: Item, folder: string): Answer {
  const names = [...item.files.keys()].filter((name) => name.startsWith(folder)).map(escapeXml);
  const rows = names.map((name) => `<li><a href="/download/${item.identifier}/${name}">${name}</a></li>`);
  return pageAnswer(200, `<html>\n<title>${escapeXml(folder)}</title>\n<ul>\n${rows.join('\n')}\n</ul>\n</html>\n`);
}

/** A file from a data node; only the item's own nodes and its delivery node have it. */
export function answerNode(request: RequestTo<'node'>, context: DownloadContext): Answer {
  const { identifier, file, node, dir } = request.route;
  const place = placementOf(identifier);
  const delivers = node === place.deliveryNode;
  if (context.dice.strikes(delivers ? 'deliveryNodeError' : 'dataNodeError', request))
    return degraded(request, file, context);
  const item = context.state.find(identifier);
  const holdsItem = (delivers || place.workableServers.includes(node)) && dir === place.dir;
  if (item === undefined || !holdsItem) return htmlAnswer(404, '404 Not Found');
  if (item.dark) return htmlAnswer(403, '403 Forbidden');
  const stored = item.files.get(file) ?? context.state.filesOf(item).find(({ name }) => name === file);
  if (stored === undefined) return htmlAnswer(404, '404 Not Found');
  if (delivers && context.dice.strikes('deliveryOldCopy', request)) {
    return fileAnswer({ ...stored, content: contentOf(Buffer.from('as it was before')) }, contentTypeOf(file));
  }
  return fileAnswer(stored, contentTypeOf(file));
}

/** What a degraded delivery node says: always HTML, now and then announced as what was asked for. */
function degraded(occurrence: Occurrence, file: string, { dice }: ReadContext): Answer {
  const misnamed = dice.chance('degraded.content-type', occurrence) < 0.3;
  return htmlAnswer(500, '500 Internal Server Error', misnamed ? contentTypeOf(file) : 'text/html');
}

function contentTypeOf(file: StoredFile['name']): string {
  const types: Record<string, string> = {
    jpg: 'image/jpeg',
    png: 'image/png',
    gif: 'image/gif',
    pdf: 'application/pdf',
    json: 'application/json',
    xml: 'text/xml; charset=UTF-8',
    txt: 'text/plain; charset=UTF-8',
  };
  return types[file.slice(file.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
}

interface ScrapeContext extends ReadContext {
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
  const values: Record<string, unknown> = { ...item.metadata, oai_updatedate: updateDatesOf(item) };
  return Object.fromEntries(names.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])));
}

/** When the item came to be and when it was last written: the search knows that by this name alone. */
function updateDatesOf(item: Item): readonly string[] {
  const last = Math.floor(item.lastUpdated / 1000);
  const first = Math.min(last, ...[...item.files.values()].map(({ mtime }) => mtime));
  return [first, last].map((seconds) => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`);
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

export interface ReadContext {
  readonly state: ArchiveState;
  readonly dice: FaultDice;
}

/** `GET /metadata/{identifier}`: always 200; `{}` where there is no item. */
export function answerMetadata(request: RequestTo<'metadata'>, { state, dice }: ReadContext): Answer {
  if (dice.strikes('metadataError', request))
    return jsonAnswer({ error: 'Metadata service is temporarily unavailable' });
  if (dice.strikes('emptyMetadata', request)) return jsonAnswer({});
  const item = state.find(request.route.identifier);
  return jsonAnswer(item === undefined ? {} : metadataOf(item, state));
}

/** `GET /details/{identifier}`: a page, 404 where there is no item. A dark item has a page that says so. */
export function answerDetails(request: RequestTo<'details'>, { state }: ReadContext): Answer {
  const item = state.find(request.route.identifier);
  if (item === undefined) return htmlAnswer(404, 'Page not found');
  return htmlAnswer(200, item.dark ? 'Item not available' : item.identifier);
}

function metadataOf(item: Item, state: ArchiveState): Record<string, unknown> {
  const { d1, d2, dir, server, workableServers } = placementOf(item.identifier);
  const place = {
    created: Math.floor(Date.now() / 1000),
    d1,
    ...(d2 === null ? {} : { d2 }),
    dir,
    ...(item.dark ? { is_dark: true } : {}),
  };
  const lastUpdated = { item_last_updated: Math.floor(item.lastUpdated / 1000) };
  if (item.dark) return { ...place, ...lastUpdated, server, workable_servers: workableServers };
  const files = state.filesOf(item);
  return {
    ...place,
    files: files.map((file) => describeFile(file, item)),
    files_count: files.length,
    ...lastUpdated,
    item_size: files.reduce((sum, { content }) => sum + content.size, 0),
    metadata: item.metadata,
    server,
    uniq: 1_000_000_000 + item.ordered,
    workable_servers: workableServers,
  };
}

/** Numbers are strings here. The list of files can't know its own size. */
function describeFile(file: StoredFile, item: Item): Record<string, string> {
  const { name, source, original, format, content } = file;
  return {
    name,
    source,
    ...(name === `${item.identifier}_files.xml` ? {} : { mtime: String(file.mtime), size: String(content.size) }),
    md5: content.md5,
    sha1: content.sha1,
    format,
    ...(original === undefined ? {} : { original }),
    ...(name.startsWith('history/files/') ? { old_version: 'true' } : {}),
  };
}
