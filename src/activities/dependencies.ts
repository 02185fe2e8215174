import { type Clients, type ClientsOptions, openClients } from '../clients/clients.ts';
import { type RequestMeter, serviceOf } from '../clients/errors.ts';
import type { KeepAlive } from '../clients/http-client.ts';
import type { Config } from '../config/config.ts';
import type { Database, Queryable } from '../database/connection.ts';
import { addAnsweredRequests } from '../database/figures/work-since.ts';
import type { Difference, Finding } from '../domain/checks/finding.ts';
import { groupFindings } from '../domain/checks/findings.ts';
import { type PolicyTable, resolvePolicies } from '../domain/checks/policies.ts';
import { program } from '../version.ts';

/** Whose work a step does: the fence of its claims. A shell has no workflow. */
interface Run {
  readonly workflowId: string | null;
  readonly runId: string;
}

/** What the steps need from the process that runs them: a worker, or a command. */
export interface Dependencies {
  readonly db: Database;
  /** The configuration as it is now: a SIGHUP may have changed it since the last call. */
  readonly config: () => Config;
  /** Clients that count one step's requests. */
  readonly clients: (options?: Pick<ClientsOptions, 'holder' | 'webServiceWaitSeconds'>) => Clients;
  readonly policies: () => PolicyTable;
  /** Differences grouped by check, each with the policy that is configured for it. */
  readonly findings: (differences: readonly Difference[]) => readonly Finding[];
  readonly run: () => Run;
  /** Names of the search attributes that may be set. */
  readonly searchAttributes: readonly string[];
}

export interface Process extends Pick<Dependencies, 'config' | 'db' | 'run'> {
  /** Aborts what is in progress. */
  readonly signal?: () => AbortSignal | undefined;
  /** Told every request that any client of this process sends. */
  readonly meter?: RequestMeter | undefined;
  readonly keepAlive?: KeepAlive;
  readonly searchAttributes?: readonly string[];
}

/** The dependencies of a process that has a database and a configuration. */
export function openDependencies(process: Process): Dependencies {
  const { db, config, run, signal, meter, keepAlive, searchAttributes = [] } = process;
  const policies = () => resolvePolicies(config().policy);
  return {
    db,
    config,
    run,
    policies,
    searchAttributes,
    clients: (options) =>
      openClients({ db, config: config(), program, meter, keepAlive, ...options, ...(signal && { signal }) }),
    findings: (differences) => groupFindings(differences, policies()),
  };
}

/** Milliseconds. What a process that is killed has not added yet is lost to the counts, and to nothing else. */
const interval = 10_000;

/**
 * Counts requests by service, kind and answer, and adds them to the database's counts of the hour now and then: one
 * statement for as many as there were.
 */
export function keepRequests(
  q: Queryable,
  warn: (error: unknown) => void,
): { meter: RequestMeter; close(): Promise<void> } {
  let counts = new Map<string, number>();
  let adding = Promise.resolve();
  const add = async (): Promise<void> => {
    if (counts.size === 0) return;
    const sent = counts;
    counts = new Map();
    try {
      await addAnsweredRequests(q, sent);
    } catch (error) {
      // Once more with the next ones. Whether the database took these before it went is not known; they are only counts.
      for (const [key, count] of sent) counts.set(key, (counts.get(key) ?? 0) + count);
      warn(error);
    }
  };
  const addNext = (): Promise<void> => (adding = adding.then(add));
  const timer = setInterval(() => void addNext(), interval).unref();
  return {
    meter({ kind, answer }) {
      const key = `${serviceOf(kind)} ${kind} ${answer}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
    async close() {
      clearInterval(timer);
      await addNext();
    },
  };
}
