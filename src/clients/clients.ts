import type { Config } from '../config/config.ts';
import type { Database } from '../database/connection.ts';
import { maxXmlBytes, readXml } from '../domain/documents/xml-document.ts';
import type { FlatXml } from '../domain/documents/xml-flat.ts';
import { type EntityKey, type Project, projectNames, projects } from '../domain/entity.ts';
import { addCounts, type RequestCounts } from '../domain/queue/request-count.ts';
import { type ArchiveLimits, openArchiveLimits } from './archive-limits.ts';
import { type ArchiveReader, openArchiveReader } from './archive-read.ts';
import { type ArchiveSearch, openArchiveSearch } from './archive-search.ts';
import { type ArchiveKey, type ArchiveWriter, openArchiveWriter } from './archive-write.ts';
import { openBudget } from './budget.ts';
import type { RequestMeter } from './errors.ts';
import { archiveHosts } from './hosts.ts';
import { unusable } from './http.ts';
import { type HttpClient, type KeepAlive, openHttp } from './http-client.ts';

/** The clients of one piece of work, with what it asked for counted. Cheap to open: connections are the process'. */
export interface Clients {
  readonly reader: ArchiveReader;
  readonly search: ArchiveSearch;
  readonly writer: ArchiveWriter;
  readonly limits: ArchiveLimits;
  readonly musicbrainz: MusicbrainzClient;
  /** The time by the database's clock, in seconds since 1970, for what is compared with the archive's. */
  now(): number;
  /** Requests made so far, by kind. */
  counts(): RequestCounts;
}

export interface ClientsOptions {
  readonly db: Database;
  readonly config: Config;
  /** The program's name and version, for the User-Agent. */
  readonly program: string;
  readonly signal?: () => AbortSignal | undefined;
  readonly meter?: RequestMeter | undefined;
  readonly keepAlive?: KeepAlive | undefined;
  /** The run of a workflow whose claim each write needs; none where a person's command writes. */
  readonly holder?: string | undefined;
  /** What is waited for a turn at the web service at most; as long as for any other where not given. */
  readonly webServiceWaitSeconds?: number | undefined;
}

export function openClients(options: ClientsOptions): Clients {
  const { db, config, program, signal, meter, keepAlive, holder, webServiceWaitSeconds } = options;
  const { archive, musicbrainz, s3 } = config;
  const secrets = projectNames
    .flatMap((name) => [s3[`${name}Secret`], s3[`${name}Access`]])
    .filter((secret) => secret !== null);
  const http = { userAgent: userAgent(program, archive.contact), signal, meter, secrets, keepAlive };
  const archiveBudget = openBudget(db, 'archive', archive);
  const archiveHttp = openHttp(archiveBudget, http);
  const musicbrainzBudget = openBudget(db, 'musicbrainz', {
    requestsPerSecond: musicbrainz.requestsPerSecond,
    coolDownSeconds: archive.coolDownSeconds,
    ...(webServiceWaitSeconds !== undefined && { longestWaitSeconds: webServiceWaitSeconds }),
  });
  const musicbrainzHttp = openHttp(musicbrainzBudget, http);
  const isArchiveHost = archiveHosts([archive.url, archive.nodeUrl, s3.url, s3.limitUrl]);
  const keyOf = (project: Project): ArchiveKey | null => readKey(s3, project);
  const limits = openArchiveLimits(archiveHttp, {
    archiveUrl: archive.url,
    limitUrl: s3.limitUrl,
    keyOf,
  });
  return {
    limits,
    reader: openArchiveReader(archiveHttp, {
      url: archive.url,
      nodeUrl: archive.nodeUrl,
      isArchiveHost,
    }),
    search: openArchiveSearch(archiveHttp, { url: archive.url, keyOf }),
    writer: openArchiveWriter(archiveHttp, {
      url: s3.url,
      isArchiveHost,
      keyOf,
      holder,
      slowDownScope: (project, bucket) => limits.slowDownScope(project, bucket),
    }),
    musicbrainz: openMusicbrainz(musicbrainzHttp, {
      url: musicbrainz.url,
      database: musicbrainz.database ?? null,
    }),
    now: () => archiveBudget.now() / 1000,
    counts: () => addCounts(archiveHttp.counts, musicbrainzHttp.counts),
  };
}

function userAgent(program: string, contact: string | null | undefined): string {
  return contact ? `${program} (${contact})` : program;
}

/** The key of a project's items; null where it isn't configured, or only in part. */
export function readKey(s3: Config['s3'], { name }: Project): ArchiveKey | null {
  const [access, secret] = [s3[`${name}Access`], s3[`${name}Secret`]];
  return access && secret ? { access, secret } : null;
}

/** What the web service says of an MBID. A merged one is `found`, under the gid that it was merged into. */
type WebServiceAnswer =
  | { readonly kind: 'found'; readonly gid: string; readonly xml: Buffer; readonly values: FlatXml }
  | { readonly kind: 'not_found' };

interface MusicbrainzClient {
  /**
   * The XML of an entity, as it is uploaded to its item.
   *
   * @throws {UnreadableError} for everything but XML about an entity of this kind, or a 404.
   * @throws {CoolDownError} where the web service asks for a long pause.
   */
  lookUp(key: EntityKey): Promise<WebServiceAnswer>;
}

interface MusicbrainzOptions {
  readonly url: string;
  /** Sent as `mb-set-database` where it is set: a mirror's own choice of database. */
  readonly database: string | null;
}

function openMusicbrainz(http: HttpClient, options: MusicbrainzOptions): MusicbrainzClient {
  return {
    async lookUp({ entityType, gid }) {
      const url = `${options.url}/ws/2/${entityType}/${gid}?inc=${projects[entityType].webServiceInc}`;
      const headers: Record<string, string> = options.database === null ? {} : { 'mb-set-database': options.database };
      const answer = await http.send({
        kind: 'ws',
        method: 'GET',
        url,
        headers,
        maxBytes: maxXmlBytes,
      });
      if (answer.status === 404) return { kind: 'not_found' };
      if (answer.status !== 200) throw unusable(`GET ${url}`, answer);
      const reading = readXml(answer.body, entityType);
      if (reading.kind !== 'read' || reading.gid === null) {
        throw unusable(`GET ${url}`, answer, { trouble: `the answer is not XML about a ${entityType}` });
      }
      return { kind: 'found', gid: reading.gid, xml: answer.body, values: reading.values };
    },
  };
}
