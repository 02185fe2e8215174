import type { Queryable } from '../database/connection.ts';
import type { RequestKind } from '../domain/queue/request-count.ts';
import type { AccessKeys } from './archive/access-keys.ts';
import type { WebService } from './archive/answer-tasks.ts';
import { emptyAnswer } from './archive/answer.ts';
import { type ApplySeconds, ArchiveState } from './archive/archive-state.ts';
import { FaultDice } from './archive/fault-dice.ts';
import { type Faults, noFaults } from './archive/faults.ts';
import { type LoggedRequest, RequestLog, type Violation } from './archive/request-log.ts';
import { closeServer, createHost, createService, listen } from './archive/servers.ts';
import { LaggingWebService } from './musicbrainz/web-service.ts';

export interface SimulatorOptions {
  /** The same seed gives the same faults and the same durations of tasks. */
  readonly seed: number;
  /** The database whose rows the web service answers from; null: it answers 503. */
  readonly musicbrainz: Queryable | null;
  readonly faults?: Partial<Faults>;
  /** How long a write takes to be applied. */
  readonly applySeconds?: ApplySeconds;
  /** How long every answer takes at least. */
  readonly latencyMs?: number;
  /** Of the archive and the web service; the data nodes listen on the next one. 0, where not given: any two. */
  readonly port?: number;
  /** Where to listen; loopback where not given. */
  readonly host?: string;
  /** How clients name that host; needed where `host` is every address. */
  readonly publicHost?: string;
  /** Which keys are accepted; any where not given. */
  readonly keys?: AccessKeys;
  /** Milliseconds since 1970; what tasks, SlowDown and rates go by. */
  readonly now?: () => number;
}

/** Addresses as the configuration takes them. */
export interface SimulatorUrls {
  readonly archive: string;
  /** `[archive] node_url` */
  readonly node: string;
  /** `[archive] caa_url`, `[archive] eaa_url` */
  readonly caa: string;
  readonly eaa: string;
  /** `[s3] url` */
  readonly s3: string;
  /** `[s3] limit_url` */
  readonly limit: string;
  readonly musicbrainz: string;
}

export interface Simulator {
  readonly urls: SimulatorUrls;
  readonly archive: ArchiveState;
  /** May be changed at any time. */
  readonly faults: Faults;
  /** May be replaced at any time. */
  keys: AccessKeys;
  /** Which entities the web service has another word on than our database; null where it answers 503. */
  readonly webService: Pick<LaggingWebService, 'catchUp' | 'keep'> | null;
  readonly requests: () => Record<RequestKind, number>;
  /** The latest requests, oldest first. */
  readonly requestLog: () => readonly LoggedRequest[];
  /** The highest number of requests (to the archive, where no kinds are given) that came within any one second. */
  readonly busiestSecond: (kinds?: readonly RequestKind[]) => number;
  /** What a good guest does not do, and was done. */
  readonly violations: () => readonly Violation[];
  /** Forgets what was counted; the items and the sequence of the faults continue. */
  readonly resetRequests: () => void;
  readonly close: () => Promise<void>;
}

/**
 * Starts a simulated archive.org, with the MusicBrainz web service beside it: two HTTP servers on loopback, as the data
 * nodes are hosts of their own. It behaves as the domain's page on the Internet Archive says, faults as they are set.
 *
 * @throws the system's error where a port is taken.
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { seed, now = Date.now, host = '127.0.0.1', port = 0, latencyMs = 0 } = options;
  const faults: Faults = { ...noFaults(), ...options.faults };
  const state = new ArchiveState({
    seed,
    now,
    applySeconds: options.applySeconds ?? { min: 0.5, max: 2 },
    errorEnd: () => ({ seconds: faults.taskErrorSeconds, ends: faults.taskErrorEnds }),
  });
  const log = new RequestLog();
  const dice = new FaultDice(seed, faults);
  const origins = { archive: '', node: '' };
  const webService = options.musicbrainz === null ? null : new LaggingWebService(options.musicbrainz);
  const askWebService: WebService = async (request) => webService?.answer(request) ?? emptyAnswer(503);
  const service = createService({
    state,
    faults,
    dice,
    now,
    keys: () => simulator.keys,
    webService: askWebService,
    nodeOrigin: () => origins.node,
  });
  const serving = { service, webService: askWebService, archive: state, log, dice, faults, latencyMs };
  const archiveHost = createHost('archive', serving);
  const nodeHost = createHost('node', serving);
  const publicHost = options.publicHost ?? host;
  origins.archive = `http://${publicHost}:${await listen(archiveHost, port, host)}`;
  try {
    origins.node = `http://${publicHost}:${await listen(nodeHost, port === 0 ? 0 : port + 1, host)}`;
  } catch (error) {
    await closeServer(archiveHost);
    throw error;
  }
  const simulator: Simulator = {
    urls: urlsOf(origins),
    archive: state,
    faults,
    keys: options.keys ?? null,
    webService,
    requests: () => log.counts(),
    requestLog: () => log.requests(),
    busiestSecond: (kinds) => log.busiestSecond(kinds),
    violations: () => log.violations(),
    resetRequests: () => log.reset(),
    close: async () => {
      await Promise.all([closeServer(archiveHost), closeServer(nodeHost)]);
    },
  };
  return simulator;
}

function urlsOf({ archive, node }: { archive: string; node: string }): SimulatorUrls {
  return {
    archive,
    node: `${node}/node/{node}{dir}/{file}`,
    caa: `${archive}/caa`,
    eaa: `${archive}/eaa`,
    s3: `${archive}/s3/{bucket}/{file}`,
    limit: `${archive}/s3-limit/`,
    musicbrainz: `${archive}/mb`,
  };
}
