import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import type { DatabaseConfig, Server, Servers, SessionAttributes } from '../config/config.ts';

/** Milliseconds for all of the servers together. Less than a connection may take: the one that is found is connected to after. */
const patience = 7_000;

/** The one that was found last is asked first: one that drops packets would cost every connection its share of the time. */
const found = new WeakMap<Servers, Server>();

/** The class that a pool's connections are of, and a single one. */
export function clientClass({ among }: DatabaseConfig): typeof pg.Client {
  if (among === undefined) return pg.Client;
  return class extends pg.Client {
    readonly #config: DatabaseConfig;
    constructor(config: DatabaseConfig) {
      super(config);
      this.#config = config;
    }

    override connect(): Promise<this>;
    override connect(callback: (error: Error) => void): void;
    override connect(callback?: (error: Error) => void): Promise<this> | void {
      const connected = this.#toOneOfThem();
      if (callback === undefined) return connected;
      // `pg` tells success by null, and its type doesn't say so.
      connected.then(() => callback(null as unknown as Error), callback);
    }

    async #toOneOfThem(): Promise<this> {
      // A pool keeps the password where no copy takes it along.
      const { password } = this;
      Object.assign(this, await findServer({ ...this.#config, ...(password && { password }) }, among));
      await super.connect();
      return this;
    }
  };
}

/** A single connection, not yet connected. */
export function newClient(config: DatabaseConfig): pg.Client {
  return new (clientClass(config))(config);
}

/** @throws {Error} with the last server's code, where none will do: which is what with each */
async function findServer(config: DatabaseConfig, among: Servers): Promise<Server> {
  const { servers } = among;
  const last = found.get(among);
  const refused: string[] = [];
  let code: unknown;
  for (const server of last === undefined ? servers : [last, ...servers.filter((other) => other !== last)]) {
    const asked = await ask(config, server, patience / servers.length);
    const why = 'error' in asked ? asked.error.message : whyNot(asked, among.sessionAttributes);
    if (why === null) {
      found.set(among, server);
      return server;
    }
    refused.push(`${server.host}:${server.port}: ${why}`);
    code = 'error' in asked ? (asked.error as { code?: unknown }).code : readOnlyTransaction;
  }
  throw Object.assign(new Error(refused.join('; ')), { code });
}

/** SQLSTATE read_only_sql_transaction: of no use to us now, and it may pass. */
const readOnlyTransaction = '25006';

interface Answer {
  readonly isReadOnly: boolean;
  readonly isStandby: boolean;
}

function whyNot({ isReadOnly, isStandby }: Answer, wanted: SessionAttributes): string | null {
  if (wanted === 'read-write' && isReadOnly) return 'it is read-only';
  if (wanted === 'primary' && isStandby) return 'it is a standby';
  return null;
}

async function ask(
  config: DatabaseConfig,
  server: Server,
  timeout: number,
): Promise<Answer | { readonly error: Error }> {
  const client = new pg.Client({ ...config, connectionTimeoutMillis: timeout, query_timeout: timeout });
  client.on('error', () => undefined);
  // An address that is given whole (TLS) names the first server: host and port count as they stand here.
  Object.assign(client, server);
  try {
    await client.connect();
    const { rows } = await client.query<Answer>(
      `select current_setting('transaction_read_only')::boolean as "isReadOnly", pg_is_in_recovery() as "isStandby"`,
    );
    return rows[0]!;
  } catch (error) {
    return { error: error as Error };
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** On which the queue's trigger says that events were queued (migration 0046). */
const announcements = 'artwork_reconciler_events';

/** Where to listen; null where that isn't configured. */
export function listeningConfig({ listenUrl, ...config }: DatabaseConfig): DatabaseConfig | null {
  if (listenUrl === undefined) return null;
  return listenUrl === 'same' ? config : { connectionString: listenUrl };
}

export interface ListenerEvents {
  readonly announced: () => void;
  /** Null: it listens from now on; else why it doesn't. */
  readonly changed: (trouble: Error | null) => void;
}

/** A first pause in milliseconds, doubled for each try that fails, up to the longest. */
export interface ListenerPauses {
  readonly first: number;
  readonly longest: number;
}

const usualPauses: ListenerPauses = { first: 1_000, longest: 60_000 };

/**
 * Milliseconds of quiet after which TCP asks whether the other end is there still: a question to PostgreSQL would be a
 * transaction each time.
 */
const aliveAfter = 10_000;

/**
 * Listens on a connection of its own for as long as it isn't closed, and connects again where it is lost. Nobody may rely
 * on it: while it is away nothing is announced. So whoever connects again announces: something may have come meanwhile.
 */
export function listen(
  config: DatabaseConfig,
  { announced, changed }: ListenerEvents,
  { first, longest }: ListenerPauses = usualPauses,
): { close(): void } {
  const closing = new AbortController();
  const keep = async (): Promise<void> => {
    for (let pause = first; !closing.signal.aborted; pause = Math.min(2 * pause, longest)) {
      const listening = (): void => {
        pause = first;
        changed(null);
        announced();
      };
      const why = await listenUntilLost(config, { announced, listening }, { first, longest }, closing.signal).catch(
        (error: unknown) => error as Error,
      );
      if (!closing.signal.aborted) changed(why);
      await wait(pause, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  };
  void keep();
  return { close: () => closing.abort() };
}

/** @returns why the connection was lost */
async function listenUntilLost(
  config: DatabaseConfig,
  { announced, listening }: { readonly announced: () => void; readonly listening: () => void },
  pauses: ListenerPauses,
  signal: AbortSignal,
): Promise<Error> {
  const client = newListener(config);
  const lost = new Promise<Error>((resolve) => {
    client.on('error', resolve);
    client.on('end', () => resolve(new Error('the connection was closed')));
  });
  const close = (): void => destroy(client);
  signal.addEventListener('abort', close, { once: true });
  try {
    await beginListening(client, announced);
    // Where it was to end while a server was looked for, there was no connection yet that could be cut.
    signal.throwIfAborted();
    await holdListenerLock(client, pauses, signal);
    listening();
    return await lost;
  } finally {
    signal.removeEventListener('abort', close);
    destroy(client);
  }
}

/**
 * @throws {Error} where nobody can listen there: it can't be reached, is a standby, or is pgbouncer, which passes no
 *   announcement on, and where a `listen` would stay with a connection that others are given
 */
export async function tryListening(config: DatabaseConfig, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = newListener(config);
  client.on('error', () => undefined);
  try {
    await beginListening(client, () => undefined);
    await work(client);
  } finally {
    destroy(client);
  }
}

function newListener(config: DatabaseConfig): pg.Client {
  return newClient({
    ...config,
    application_name: listenerName,
    connectionTimeoutMillis: 10_000,
    query_timeout: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: aliveAfter,
  });
}

/** What `pg_stat_activity` says of it. */
export const listenerName = 'artwork-reconciler listener';

async function beginListening(client: pg.Client, announced: () => void): Promise<void> {
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  // What stands in between names itself as the one to cancel at, not the process that answers.
  if (rows[0]?.pid !== (client as unknown as { readonly processID: unknown }).processID) {
    throw new Error('a pooler as pgbouncer is in between, which passes no notifications on');
  }
  client.on('notification', announced);
  await client.query(`listen ${announcements}`);
}

/**
 * Without this lock the queue's trigger notifies nobody. It never waits for it, as a statement that waits keeps
 * notifications back: transactions that are queuing events have it, shared, and so may another listener, which is as good.
 */
async function holdListenerLock(
  client: pg.Client,
  { first, longest }: ListenerPauses,
  signal: AbortSignal,
): Promise<void> {
  for (let pause = first; ; pause = Math.min(2 * pause, longest)) {
    const { rows } = await client.query<{ held: boolean }>(
      `select pg_try_advisory_lock(hashtextextended('artwork_reconciler.listener', 0)) as held`,
    );
    if (rows[0]?.held === true) return;
    await wait(pause, undefined, { signal });
  }
}

/** At once, whatever it is at: closing it in order would wait for an answer, perhaps of somebody who is gone. */
export function destroy(client: pg.Client): void {
  streamOf(client).destroy();
}

/** What a connection's messages are written to: `pg` has it, and its types don't. */
export function streamOf(client: pg.ClientBase): Socket {
  return (client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream;
}
