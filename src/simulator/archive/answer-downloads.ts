import type { Answer } from './answer.ts';
import { fileAnswer, htmlAnswer, redirectAnswer } from './answer.ts';
import type { ReadContext } from './answer-metadata.ts';
import { contentOf } from './content.ts';
import type { Occurrence } from './fault-dice.ts';
import type { StoredFile } from './item.ts';
import { placementOf } from './item.ts';
import type { RequestTo } from './routes.ts';

export interface DownloadContext extends ReadContext {
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
  const { deliveryNode, dir } = placementOf(identifier);
  const path = file.split('/').map(encodeURIComponent).join('/');
  if (context.dice.strikes('foreignRedirect', request)) return redirectAnswer(302, `${foreignHost}${dir}/${path}`);
  return redirectAnswer(302, `${context.nodeOrigin()}/node/${deliveryNode}${dir}/${path}`);
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
