import type { Queryable } from '../../database/connection.ts';
import { type EntityKey, type EntityType, isMbid, projects } from '../../domain/entity.ts';
import { eventElement, type EventRow } from './event-document.ts';
import { releaseElement, type ReleaseRow } from './release-document.ts';
import { element, metadataDocument, textElement, xmlDocument } from './xml.ts';

type WebServiceXml =
  | {
      readonly kind: 'found';
      /** Of the entity answered: for a merged gid not the one asked for. */
      readonly gid: string;
      readonly xml: Buffer;
    }
  | { readonly kind: 'not_found' };

/**
 * What the web service answers for an entity, with the `inc` of its kind.
 *
 * @param day in the shape of a day (`YYYY-MM-DD`), with the values of now; today's where not given.
 */
export async function webServiceXml(musicbrainz: Queryable, key: EntityKey, day?: string): Promise<WebServiceXml> {
  const { rows } = await musicbrainz.query<{ found: ReleaseRow | EventRow | null }>(
    `select simulated_web_service.${key.entityType}($1) as found`,
    [key.gid],
  );
  const found = rows[0]?.found ?? null;
  return found === null
    ? { kind: 'not_found' }
    : { kind: 'found', gid: found.gid, xml: documentOf(key.entityType, found, day) };
}

/** The same of many gids at once, each in the shape of its own day. Those that MusicBrainz doesn't know are left out. */
export async function webServiceXmls(
  musicbrainz: Queryable,
  entityType: EntityType,
  gids: readonly string[],
  dayOf: (gid: string) => string | undefined,
): Promise<ReadonlyMap<string, Buffer>> {
  const { rows } = await musicbrainz.query<{ gid: string; found: ReleaseRow | EventRow | null }>(
    `select gid, simulated_web_service.${entityType}(gid) as found from unnest($1::uuid[]) asked (gid)`,
    [gids],
  );
  return new Map(
    rows.flatMap(({ gid, found }) => (found === null ? [] : [[gid, documentOf(entityType, found, dayOf(gid))]])),
  );
}

function documentOf(entityType: EntityType, found: ReleaseRow | EventRow, day?: string): Buffer {
  const content = entityType === 'release' ? releaseElement(found as ReleaseRow) : eventElement(found as EventRow);
  return metadataDocument(content, day);
}

interface WebServiceRequest {
  readonly method: string;
  /** The request target: path and query. */
  readonly url: string;
}

interface WebServiceAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const path = /^\/ws\/2\/(release|event)\/([^/]*)$/;

/**
 * Answers `GET /ws/2/{release|event}/{mbid}?inc=…` from MusicBrainz' rows, without limits or faults: those are the
 * server's around it.
 *
 * @throws the database's error, which the server makes a 5xx of.
 */
export async function handleWebService(musicbrainz: Queryable, request: WebServiceRequest): Promise<WebServiceAnswer> {
  const url = new URL(request.url, 'http://localhost');
  const match = path.exec(url.pathname);
  if (match === null || request.method !== 'GET') return errorAnswer(404, 'Not Found');
  const entityType = match[1] as EntityKey['entityType'];
  const gid = (match[2] ?? '').toLowerCase();
  if (!isMbid(gid)) return errorAnswer(400, 'Invalid mbid.');
  const inc = url.searchParams.get('inc') ?? '';
  // A client that asks for something else would be answered something else; better to fail here than to compare.
  if (!sameWords(inc, projects[entityType].webServiceInc)) {
    return errorAnswer(400, `${inc} is not a valid inc parameter for the ${entityType} resource.`);
  }
  const answer = await webServiceXml(musicbrainz, { entityType, gid });
  return answer.kind === 'not_found'
    ? errorAnswer(404, 'Not Found')
    : { status: 200, headers: { 'content-type': 'application/xml; charset=UTF-8' }, body: answer.xml };
}

/** `+` in a query is a space by the time it is parsed. */
function sameWords(query: string, words: string): boolean {
  const sorted = (text: string): string => text.split(/[ +]/).sort().join(' ');
  return sorted(query) === sorted(words);
}

function errorAnswer(status: number, text: string): WebServiceAnswer {
  const body = xmlDocument(
    element('error', {}, [
      textElement('text', text),
      textElement('text', 'For usage, please see: https://musicbrainz.org/development/mmd'),
    ]),
  );
  return { status, headers: { 'content-type': 'application/xml; charset=UTF-8' }, body };
}

/**
 * A web service that reads another database than ours, as one does where a replica is behind or an address is wrong: of
 * some entities it continues to give what there was, whatever becomes of their rows.
 */
export class LaggingWebService {
  readonly #musicbrainz: Queryable;
  readonly #kept = new Map<string, WebServiceAnswer>();

  constructor(musicbrainz: Queryable) {
    this.#musicbrainz = musicbrainz;
  }

  /** Gives, from now on, what there is now of these. */
  async keep(keys: readonly EntityKey[]): Promise<void> {
    for (const key of keys) {
      const url = addressOf(key);
      this.#kept.set(url, await handleWebService(this.#musicbrainz, { method: 'GET', url }));
    }
  }

  /** Gives what the rows say, again. */
  catchUp(): void {
    this.#kept.clear();
  }

  async answer(request: WebServiceRequest): Promise<WebServiceAnswer> {
    return this.#kept.get(request.url) ?? handleWebService(this.#musicbrainz, request);
  }
}

function addressOf({ entityType, gid }: EntityKey): string {
  return `/ws/2/${entityType}/${gid}?inc=${projects[entityType].webServiceInc}`;
}
