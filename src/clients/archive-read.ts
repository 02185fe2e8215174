import { createHash } from 'node:crypto';
import { itemName } from '../domain/documents/file-names.ts';
import { maxMetadataBytes, parseMetadata, UnreadableAnswerError } from '../domain/documents/metadata.ts';
import type { ObservedItem } from '../domain/documents/observed-item.ts';
import { requestInWords } from '../domain/queue/failure-reason.ts';
import { UnreadableError } from './errors.ts';
import { redirectTarget } from './hosts.ts';
import { detailsOf, type HttpAnswer, type HttpRequest, jsonOf, unusable } from './http.ts';
import type { HttpClient } from './http-client.ts';

/** Reading archive.org. Every method throws UnreadableError where the answer cannot be judged, CoolDownError where to wait long. */
export interface ArchiveReader {
  /**
   * What the archive says of an entity's item. `missing` only after a second kind of request agreed: an empty metadata
   * answer has been seen for items that exist (domain page internet-archive.md, "Reading").
   */
  observe(gid: string): Promise<ObservedItem>;
  /**
   * A file's bytes, from the delivery host or, where that gives none or others than the item lists, from the item's own
   * data nodes, one after the other.
   *
   * @param file.md5 as the item's metadata lists it; null where it lists none, and any bytes are believed.
   * @param file.maxBytes a file that is longer can't be judged.
   */
  download(gid: string, file: FileToRead & { readonly md5: string | null }, item: ItemPlace): Promise<Buffer>;
}

interface FileToRead {
  readonly name: string;
  readonly maxBytes: number;
}

/** Where an item's files are. */
export type ItemPlace = Pick<Extract<ObservedItem, { kind: 'present' }>, 'dir' | 'nodes'>;

export interface ArchiveReadOptions {
  readonly url: string;
  readonly nodeUrl: string;
  readonly isArchiveHost: (url: URL) => boolean;
}

/** A download is redirected once, from the delivery host to a node; more is a loop. */
const maxRedirects = 3;

export function openArchiveReader(http: HttpClient, options: ArchiveReadOptions): ArchiveReader {
  const get = (
    gid: string,
    { kind, url, maxBytes }: Pick<HttpRequest, 'kind' | 'maxBytes' | 'url'>,
  ): Promise<HttpAnswer> =>
    http.send({
      kind,
      item: itemName(gid),
      method: 'GET',
      url,
      ...(maxBytes !== undefined && { maxBytes }),
    });

  async function confirmMissing(gid: string): Promise<ObservedItem> {
    const url = `${options.url}/details/${itemName(gid)}`;
    const answer = await get(gid, { kind: 'details', url });
    if (answer.status === 404) return { kind: 'missing' };
    throw unusable(`GET ${url}`, answer, { trouble: 'metadata is empty, but /details/ does not say 404' });
  }

  async function fromDelivery(gid: string, { name, maxBytes }: FileToRead): Promise<Buffer> {
    let url = `${options.url}/download/${itemName(gid)}/${encodeURIComponent(name)}`;
    for (let hop = 0; hop <= maxRedirects; hop += 1) {
      const answer = await get(gid, { kind: hop === 0 ? 'download' : 'node', url, maxBytes });
      if (answer.status === 200) return answer.body;
      if (answer.status < 300 || answer.status > 399) throw unusable(`GET ${url}`, answer);
      url = redirectTarget(url, answer.headers['location'], options.isArchiveHost);
    }
    throw new UnreadableError(requestInWords(`more than ${maxRedirects} redirects`, `GET ${url}`));
  }

  async function fromNode(gid: string, node: string, item: ItemPlace, { name, maxBytes }: FileToRead): Promise<Buffer> {
    const url = options.nodeUrl
      .replace('{node}', () => node)
      .replace('{dir}', () => item.dir ?? '')
      .replace('{file}', () => encodeURIComponent(name));
    // Node and folder are what an answer says: anything, in the worst case.
    if (!URL.canParse(url) || !options.isArchiveHost(new URL(url)))
      throw new UnreadableError(`${url} is not one of the archive's hosts`);
    const answer = await get(gid, { kind: 'node', url, maxBytes });
    if (answer.status !== 200) throw unusable(`GET ${url}`, answer);
    return answer.body;
  }

  return {
    async observe(gid) {
      const url = `${options.url}/metadata/${itemName(gid)}`;
      const answer = await get(gid, { kind: 'metadata', url, maxBytes: maxMetadataBytes });
      if (answer.status !== 200) throw unusable(`GET ${url}`, answer);
      const item = parse(url, answer, itemName(gid));
      return item.kind === 'missing' ? confirmMissing(gid) : item;
    },
    async download(gid, file, item) {
      const sources = [
        () => fromDelivery(gid, file),
        ...(item.dir === null ? [] : item.nodes.map((node) => () => fromNode(gid, node, item, file))),
      ];
      let failure: unknown;
      for (const source of sources) {
        try {
          return asListed(await source(), `${itemName(gid)}/${file.name}`, file.md5);
        } catch (error) {
          if (!(error instanceof UnreadableError)) throw error;
          failure = error;
        }
      }
      throw failure;
    },
  };
}

/** @throws {UnreadableError} for other bytes than the item lists: cut on the way, an older copy, a page in the file's place. */
function asListed(body: Buffer, what: string, md5: string | null): Buffer {
  const found = createHash('md5').update(body).digest('hex');
  if (md5 === null || found === md5) return body;
  throw new UnreadableError(`${what}: the bytes that came have md5 ${found}, and the item's metadata lists ${md5}`);
}

function parse(url: string, answer: HttpAnswer, identifier: string): ObservedItem {
  try {
    return parseMetadata(jsonOf(answer, `GET ${url}`), identifier);
  } catch (error) {
    if (!(error instanceof UnreadableAnswerError)) throw error;
    throw new UnreadableError(requestInWords(error.message, `GET ${url}`), detailsOf(answer));
  }
}
