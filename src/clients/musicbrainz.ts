import type { EntityKey } from '../domain/entity.ts';
import { projects } from '../domain/project.ts';
import { maxXmlBytes, readXml } from '../domain/documents/xml-document.ts';
import type { FlatXml } from '../domain/documents/xml-flat.ts';
import type { Budget } from './budget.ts';
import { UnreadableError } from './errors.ts';
import { describeAnswer, detailsOf, type HttpClient } from './http.ts';
import { sendPolitely } from './polite.ts';

/** What the web service says of an MBID. A merged one is `found`, under the gid that it was merged into. */
export type WebServiceAnswer =
  | { readonly kind: 'found'; readonly gid: string; readonly xml: Buffer; readonly values: FlatXml }
  | { readonly kind: 'not_found' };

export interface MusicbrainzClient {
  /**
   * The XML of an entity, as it is uploaded to its item.
   *
   * @throws {UnreadableError} for everything but XML about an entity of this kind, or a 404.
   * @throws {CoolDownError} where the web service asks for a long pause.
   */
  lookUp(key: EntityKey): Promise<WebServiceAnswer>;
}

export interface MusicbrainzOptions {
  readonly url: string;
  /** Sent as `mb-set-database` where it is set: a mirror's own choice of database. */
  readonly database: string | null;
}

export function openMusicbrainz(http: HttpClient, budget: Budget, options: MusicbrainzOptions): MusicbrainzClient {
  return {
    async lookUp({ entityType, gid }) {
      const url = `${options.url}/ws/2/${entityType}/${gid}?inc=${projects[entityType].webServiceInc}`;
      const headers: Record<string, string> = options.database === null ? {} : { 'mb-set-database': options.database };
      const answer = await sendPolitely(http, budget, {
        kind: 'ws',
        method: 'GET',
        url,
        headers,
        maxBytes: maxXmlBytes,
      });
      if (answer.status === 404) return { kind: 'not_found' };
      if (answer.status !== 200) throw new UnreadableError(`${url}: ${describeAnswer(answer)}`, detailsOf(answer));
      const reading = readXml(answer.body, entityType);
      if (reading.kind !== 'read' || reading.gid === null) {
        throw new UnreadableError(
          `${url}: answer is not XML about a ${entityType}: ${describeAnswer(answer)}`,
          detailsOf(answer),
        );
      }
      return { kind: 'found', gid: reading.gid, xml: answer.body, values: reading.values };
    },
  };
}
