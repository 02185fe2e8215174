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
