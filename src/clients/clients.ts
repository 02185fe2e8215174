import type { Config } from '../config/config.ts';
import type { Database } from '../database/connection.ts';
import type { Project } from '../domain/project.ts';
import type { RequestMeter } from './answered-request.ts';
import { type ArchiveLimits, openArchiveLimits } from './archive-limits.ts';
import { type ArchiveReader, openArchiveReader } from './archive-read.ts';
import { type ArchiveSearch, openArchiveSearch } from './archive-search.ts';
import { type ArchiveKey, type ArchiveWriter, openArchiveWriter } from './archive-write.ts';
import { openBudget } from './budget.ts';
import { archiveHosts } from './hosts.ts';
import { openHttp } from './http.ts';
import { type MusicbrainzClient, openMusicbrainz } from './musicbrainz.ts';
import { addCounts, type RequestCounts } from '../domain/queue/request-count.ts';

/** The clients of one piece of work, with what it asked for counted. Cheap to open: connections are the process'. */
export interface Clients {
  readonly reader: ArchiveReader;
  readonly search: ArchiveSearch;
  readonly writer: ArchiveWriter;
  readonly limits: ArchiveLimits;
  readonly musicbrainz: MusicbrainzClient;
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
  /** What is waited for a turn at the web service at most; as long as for any other where not given. */
  readonly webServiceWaitSeconds?: number | undefined;
}

export function openClients(options: ClientsOptions): Clients {
  const { db, config, program, signal, meter, webServiceWaitSeconds } = options;
  const { archive, musicbrainz, s3 } = config;
  const secrets = [s3.caaSecret, s3.eaaSecret, s3.caaAccess, s3.eaaAccess].filter((secret) => secret !== null);
  const http = { userAgent: userAgent(program, archive.contact), signal, meter, secrets };
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
  const limits = openArchiveLimits(archiveHttp, archiveBudget, {
    archiveUrl: archive.url,
    limitUrl: s3.limitUrl,
    keyOf,
  });
  return {
    limits,
    reader: openArchiveReader(archiveHttp, archiveBudget, {
      url: archive.url,
      nodeUrl: archive.nodeUrl,
      isArchiveHost,
    }),
    search: openArchiveSearch(archiveHttp, archiveBudget, { url: archive.url, keyOf }),
    writer: openArchiveWriter(archiveHttp, archiveBudget, {
      url: s3.url,
      isArchiveHost,
      keyOf,
      slowDownScope: (project, bucket) => limits.slowDownScope(project, bucket),
    }),
    musicbrainz: openMusicbrainz(musicbrainzHttp, musicbrainzBudget, {
      url: musicbrainz.url,
      database: musicbrainz.database ?? null,
    }),
    counts: () => addCounts(archiveHttp.counts, musicbrainzHttp.counts),
  };
}

function userAgent(program: string, contact: string | null | undefined): string {
  return contact ? `${program} (${contact})` : program;
}

function readKey(s3: Config['s3'], project: Project): ArchiveKey | null {
  const [access, secret] = project.name === 'caa' ? [s3.caaAccess, s3.caaSecret] : [s3.eaaAccess, s3.eaaSecret];
  return access && secret ? { access, secret } : null;
}
