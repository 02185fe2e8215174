import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { expect, vi } from 'vitest';
import { openDependencies } from '../../src/activities/dependencies.ts';
import { createDispatcher } from '../../src/activities/dispatch.ts';
import { readConfig } from '../../src/config/config.ts';
import type { DeploymentIdentity } from '../../src/domain/deployment.ts';
import type { Build } from '../../src/temporal/worker-builds.ts';
import type { TestDatabase } from '../support/database.ts';
import { patience } from '../support/patience.ts';

interface Started {
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly args: readonly unknown[];
  /** Ends it, as its row does not tell. */
  end(result?: unknown): void;
}

export interface DispatchingHow {
  readonly settings?: Readonly<Record<string, string>>;
  /** What starting a workflow of this id fails with. */
  readonly refuse?: (workflowId: string) => Error | undefined;
  /** Whose events it is told to start. */
  readonly served?: DeploymentIdentity | null;
  /** What its worker is a build of. */
  readonly build?: Build | null;
  /** The build that Temporal gives what begins. */
  readonly current?: () => Promise<Build | null>;
}

/** A dispatcher at work, with a Temporal of which only what it uses is there. */
export function dispatchingAt(
  database: TestDatabase,
  {
    settings = {},
    refuse = () => undefined,
    served = null,
    build = null,
    current = async () => null,
  }: DispatchingHow = {},
) {
  const { db, url } = database;
  const env = { DATABASE_URL: url, ARCHIVE_CONTACT: 'test@localhost', EVENTS_POLL_SECONDS: '0.01', ...settings };
  const config = readConfig({ file: '/dev/null', env });
  const started: Started[] = [];
  const others = new Map<string, () => void>();
  const followed: (readonly [workflowId: string, runId: string | undefined])[] = [];
  const deadlines: number[] = [];
  const temporal = {
    options: { namespace: 'default' },
    workflowService: {
      describeTaskQueue: async () => ({ versioningInfo: { currentDeploymentVersion: await current() } }),
    },
    withAbortSignal: (_signal: AbortSignal, ask: () => Promise<unknown>) => ask(),
    withDeadline: (deadline: number, ask: () => Promise<unknown>) => {
      deadlines.push(deadline - Date.now());
      return ask();
    },
    workflow: {
      getHandle: (workflowId: string, runId?: string) => {
        followed.push([workflowId, runId]);
        return { result: () => new Promise<void>((end) => others.set(workflowId, end)) };
      },
      start: async (_workflow: string, options: Omit<Started, 'end'>) => {
        const refused = refuse(options.workflowId);
        if (refused !== undefined) throw refused;
        return { result: () => new Promise<unknown>((end) => started.push({ ...options, end })) };
      },
    },
  } as unknown as Client;
  const stopping = new AbortController();
  const environment = new MockActivityEnvironment(undefined, { logger: new DefaultLogger('ERROR') });
  const heartbeats: unknown[] = [];
  environment.on('heartbeat', (details) => heartbeats.push(details));
  const given = openDependencies({ db, config: () => config, run: () => ({ workflowId: null, runId: 'none' }) });
  const logged: string[] = [];
  const info = (_fields: object, message: string): void => void logged.push(message);
  const warn = ({ reason }: Readonly<Record<string, unknown>>): void => void logged.push(String(reason));
  const log = { info, warn };
  const dispatcher = createDispatcher({ ...given, temporal, stopping: stopping.signal, build, log });
  const outcome = environment.run(() => dispatcher.dispatchEvents(served)).catch((error: unknown) => error);
  const polls = async (count: number): Promise<void> => {
    const seen = heartbeats.length;
    await vi.waitFor(() => expect(heartbeats.length).toBeGreaterThanOrEqual(seen + count), patience);
  };
  return {
    /** The workflows of others that it waits for. */
    followed,
    /** Milliseconds that Temporal had for each call. */
    deadlines,
    ids: () => started.map(({ workflowId }) => workflowId),
    started,
    /** Ends a workflow that this dispatcher found under way. */
    endOther: (id: number) => others.get(`event-${id}`)!(),
    heartbeats,
    logged,
    outcome,
    polls,
    cancel: () => environment.cancel(),
    stop: async () => {
      stopping.abort();
      return outcome;
    },
  };
}

export const namesOf = (ids: readonly number[]): string[] => ids.map((id) => `event-${id}`);
export const untilStarted = (dispatch: ReturnType<typeof dispatchingAt>, ids: readonly number[]) =>
  vi.waitFor(() => expect(dispatch.ids()).toEqual(namesOf(ids)), patience);
