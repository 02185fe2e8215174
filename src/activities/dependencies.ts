import type { RequestMeter } from '../clients/answered-request.ts';
import { type Clients, type ClientsOptions, openClients } from '../clients/clients.ts';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/connection.ts';
import { groupFindings, type PolicyTable, resolvePolicies } from '../domain/checks/index.ts';
import type { Difference, Finding } from '../domain/checks/finding.ts';
import { program } from '../version.ts';

/** What dispatcher, pacer and housekeeping are given, so that they work for nobody else. */
export type { DeploymentIdentity } from '../database/schema/deployment.ts';

/** Whose work a step does: the fence of its claims. A shell has no workflow. */
export interface Run {
  readonly workflowId: string | null;
  readonly runId: string;
}

/** What the steps need from the process that runs them: a worker, or a command. */
export interface Dependencies {
  readonly db: Database;
  /** The configuration as it is now: a SIGHUP may have changed it since the last call. */
  readonly config: () => Config;
  /** Clients that count one step's requests. */
  readonly clients: (options?: Pick<ClientsOptions, 'webServiceWaitSeconds'>) => Clients;
  readonly policies: () => PolicyTable;
  /** Differences grouped by check, each with the policy that is configured for it. */
  readonly findings: (differences: readonly Difference[]) => readonly Finding[];
  readonly run: () => Run;
  /** Names of the search attributes that may be set. */
  readonly searchAttributes: readonly string[];
}

export interface Process extends Pick<Dependencies, 'config' | 'db' | 'run'> {
  /** Aborts what is in hand. */
  readonly signal?: () => AbortSignal | undefined;
  /** Told every request that any client of this process sends. */
  readonly meter?: RequestMeter | undefined;
  readonly searchAttributes?: readonly string[];
}

/** The dependencies of a process that has a database and a configuration. */
export function openDependencies({ db, config, run, signal, meter, searchAttributes = [] }: Process): Dependencies {
  const policies = () => resolvePolicies(config().policy);
  return {
    db,
    config,
    run,
    policies,
    searchAttributes,
    clients: (options) => openClients({ db, config: config(), program, meter, ...options, ...(signal && { signal }) }),
    findings: (differences) => groupFindings(differences, policies()),
  };
}
