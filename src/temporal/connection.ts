import { isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  Client,
  Connection,
  type ConnectionOptions,
  defaultGrpcRetryOptions,
  isGrpcDeadlineError,
  makeGrpcRetryInterceptor,
  type Workflow,
  type WorkflowHandle,
  WorkflowNotFoundError,
  type WorkflowResultType,
} from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnection } from '@temporalio/worker';
import { taskQueues } from './task-queues.ts';
import { getsWork, namedBuild, readRouting } from './worker-builds.ts';

/**
 * Where Temporal is: address, TLS, API key and namespace, from Temporal's own environment configuration
 * (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, …).
 */
export type TemporalConfig = ReturnType<typeof loadClientConnectConfig>;

export function readTemporalConfig(env: NodeJS.ProcessEnv = process.env): TemporalConfig {
  return loadClientConnectConfig({ overrideEnvVars: definedOnly(env) });
}

/** What is empty counts as not set, as in our own configuration: `TEMPORAL_ADDRESS=` would be an address of nothing. */
function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1])));
}

/** Temporal can't be reached, in one line that names the address. */
export class TemporalUnreachableError extends Error {
  override readonly name = 'TemporalUnreachableError';
  constructor(config: TemporalConfig, cause: unknown, detail: string | null = null) {
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    super(
      `Temporal at ${addressOf(config)} can't be reached: ${why}${detail === null ? '' : ` (${detail})`}. Set TEMPORAL_ADDRESS to a running server`,
      {
        cause,
      },
    );
  }
}

export function addressOf(config: TemporalConfig): string {
  return config.connectionOptions.address ?? 'localhost:7233';
}

/** Milliseconds: a handshake takes a fraction of it. */
const handshakePatience = 2000;

/**
 * What the client leaves out: it says "deadline" of a certificate that isn't trusted, too. Connects once more, by hand.
 *
 * @returns null where there is nothing to add
 */
async function handshakeTrouble({ connectionOptions }: TemporalConfig): Promise<string | null> {
  const { tls } = connectionOptions;
  if (!tls) return null;
  const address = new URL(`tcp://${addressOf({ connectionOptions })}`);
  const host = address.hostname.replace(/^\[|\]$/g, '');
  const { serverNameOverride, serverRootCACertificate: ca, clientCertPair } = tls === true ? {} : tls;
  return new Promise((resolve) => {
    const socket = connectTls({
      host,
      port: Number(address.port || 7233),
      ALPNProtocols: ['h2'],
      ...(isIP(host) === 0 || serverNameOverride ? { servername: serverNameOverride ?? host } : {}),
      ...(ca && { ca: Buffer.from(ca) }),
      ...(clientCertPair && { cert: Buffer.from(clientCertPair.crt), key: Buffer.from(clientCertPair.key) }),
    });
    const end = (trouble: string | null): void => {
      socket.destroy();
      resolve(trouble);
    };
    socket.setTimeout(handshakePatience, () => end('TLS: no handshake came about'));
    socket.once('secureConnect', () => end(null));
    socket.once('error', (error: Error) => end(`TLS: ${error.message.trim().split('\n')[0]}`));
  });
}

/**
 * Milliseconds that Temporal has for a call whose caller sets no deadline: an answer that is lost on the way would be
 * waited for without end (life-cycles page, "Temporal's silence").
 */
const longestCall = 20_000;

/** Milliseconds. What waits for something to happen is answered after 20 s where nothing has (the server's long poll). */
const longestPoll = 40_000;

const polls: ReadonlySet<string> = new Set([
  'GetWorkflowExecutionHistory',
  'PollWorkflowExecutionUpdate',
  'QueryWorkflow',
  'UpdateWorkflowExecution',
]);

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];

/** For all tries of a call together. */
const withDeadline: Interceptor = (options, nextCall) => {
  const method = options.method_definition.path.split('/').at(-1) ?? '';
  const deadline = options.deadline ?? Date.now() + (polls.has(method) ? longestPoll : longestCall);
  return nextCall({ ...options, deadline }) as ReturnType<Interceptor>;
};

/** gRPC's CANCELLED. */
const cancelled = 1;

/**
 * What is tried again once its connection is closed fails. gRPC throws where nobody can catch it: who called would wait for
 * ever, and the process would end.
 */
const failWhereClosed: Interceptor = (options, nextCall) => {
  try {
    return nextCall(options) as ReturnType<Interceptor>;
  } catch (error) {
    const details = error instanceof Error ? error.message : String(error);
    const closed: Pick<ReturnType<Interceptor>, 'start' | 'sendMessage' | 'halfClose' | 'cancelWithStatus'> = {
      start(metadata, listener) {
        listener?.onReceiveMessage?.(null);
        listener?.onReceiveStatus?.({ code: cancelled, details, metadata });
      },
      sendMessage: () => undefined,
      halfClose: () => undefined,
      cancelWithStatus: () => undefined,
    };
    return closed as ReturnType<Interceptor>;
  }
};

/** The SDK's own retries are lost where interceptors are given. */
const interceptors = [withDeadline, makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), failWhereClosed];

/** What comes of a workflow, however long it takes; asked for again where the answer is lost. */
export async function resultOf<Kind extends Workflow>(handle: WorkflowHandle<Kind>): Promise<WorkflowResultType<Kind>> {
  for (;;) {
    try {
      return await handle.result();
    } catch (error) {
      if (!isGrpcDeadlineError(error)) throw error;
    }
  }
}

/**
 * Opens a client that starts and asks for workflows. Each of its calls has a deadline.
 *
 * @param connectTimeout Milliseconds. The time for which it is tried, also where nobody listens.
 * @throws {TemporalUnreachableError}
 */
export async function openTemporal(config: TemporalConfig, connectTimeout = 10_000): Promise<Client> {
  try {
    const connection = await Connection.connect({ ...config.connectionOptions, interceptors, connectTimeout });
    return new Client({ connection, namespace: config.namespace ?? 'default' });
  } catch (error) {
    throw new TemporalUnreachableError(config, error, await handshakeTrouble(config));
  }
}

/** gRPC's NOT_FOUND. */
const notFound = 5;
/** gRPC's UNAVAILABLE. */
const unavailable = 14;

/** Whether a call failed because Temporal can't be reached, whatever was asked of it. */
export function isTemporalAway(error: unknown): boolean {
  return error instanceof Error && (error.cause as { code?: unknown } | undefined)?.code === unavailable;
}

/** @param longest milliseconds that it has to answer */
export function isTemporalAnswering(temporal: Client, longest: number): Promise<boolean> {
  const asked = temporal.withDeadline(Date.now() + longest, () => temporal.workflowService.getSystemInfo({}));
  return asked.then(() => true).catch(() => false);
}

/** @throws {Error} where Temporal says that it has no such namespace; what it doesn't tell others will find out. */
export async function checkNamespace({ workflowService, options }: Client, config: TemporalConfig): Promise<void> {
  const { namespace } = options;
  await workflowService.describeNamespace({ namespace }).catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== notFound) return;
    throw new Error(
      `Temporal at ${addressOf(config)} has no namespace "${namespace}": make it with \`temporal operator namespace ` +
        `create --namespace ${namespace}\`, or set TEMPORAL_NAMESPACE to one that is there`,
      { cause: error },
    );
  });
}

/** A client that connects when it is first used, and again after every loss: for asking whether Temporal is there. */
export function openTemporalLazily(config: TemporalConfig): Client {
  const connection = Connection.lazy({ ...config.connectionOptions, interceptors });
  return new Client({ connection, namespace: config.namespace ?? 'default' });
}

/** `TASK_QUEUE_TYPE_WORKFLOW` of Temporal's API. */
const workflowQueue = 1;

/** How many polls for our workflows are under way, or were in the last minutes: none, and no worker is running. */
export async function countPollers(temporal: Client): Promise<number> {
  return (await readPollers(temporal)).length;
}

/** Milliseconds. A worker polls again at least once a minute; the clocks of two machines may differ. */
const longestSilence = 100_000;

/** Whether a worker is there to take up a workflow: of a build that is given work. Of one that was killed this is said for a minute and a half longer. */
export async function isWorkerThere(temporal: Client): Promise<boolean> {
  const [pollers, routing] = [await readPollers(temporal), await readRouting(temporal)];
  return pollers.some(
    ({ lastAccessTime, deploymentOptions }) =>
      Number(lastAccessTime?.seconds) * 1000 > Date.now() - longestSilence &&
      getsWork(routing, namedBuild(deploymentOptions)),
  );
}

async function readPollers(temporal: Client) {
  const { pollers } = await temporal.workflowService.describeTaskQueue({
    namespace: temporal.options.namespace,
    taskQueue: { name: taskQueues.reconciler },
    taskQueueType: workflowQueue,
  });
  return pollers ?? [];
}

/** Whether a run still works; of the newest run where none is named. Throws where Temporal can't be asked. */
export async function isWorkflowOpen(temporal: Client, workflowId: string, runId: string | null): Promise<boolean> {
  try {
    const { status } = await temporal.workflow.getHandle(workflowId, runId ?? undefined).describe();
    return status.name === 'RUNNING' || status.name === 'PAUSED';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** Opens the connection that workers poll with. @throws {TemporalUnreachableError} */
export async function openNativeConnection(config: TemporalConfig): Promise<NativeConnection> {
  // Of no use to commands that only ask, and slow to load.
  const { NativeConnection } = await import('@temporalio/worker');
  try {
    return await NativeConnection.connect(config.connectionOptions);
  } catch (error) {
    throw new TemporalUnreachableError(config, error, await handshakeTrouble(config));
  }
}
