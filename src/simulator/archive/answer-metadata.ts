import type { Answer } from './answer.ts';
import { htmlAnswer, jsonAnswer } from './answer.ts';
import type { ArchiveState } from './archive-state.ts';
import type { FaultDice } from './fault-dice.ts';
import type { Item, StoredFile } from './item.ts';
import { placementOf } from './item.ts';
import type { RequestTo } from './routes.ts';

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
    item_size: files.reduce((sum, { content }) => sum + content.bytes.length, 0),
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
    ...(name === `${item.identifier}_files.xml`
      ? {}
      : { mtime: String(file.mtime), size: String(content.bytes.length) }),
    md5: content.md5,
    sha1: content.sha1,
    format,
    ...(original === undefined ? {} : { original }),
    ...(name.startsWith('history/files/') ? { old_version: 'true' } : {}),
  };
}
