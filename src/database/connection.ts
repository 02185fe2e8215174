import { createHash } from 'node:crypto';
import pg from 'pg';
import type { Sql } from 'sql-template-tag';
import type { Servers } from '../config/config.ts';
import { exactInteger } from './row-id.ts';
import { clientClass, streamOf } from './servers.ts';
import { beginWith, limitsOfReading, noLimits, timeLimits, type TimeLimits } from './time-limits.ts';

/**
 * Anything that runs one statement: the pool, or a transaction's client. A statement that is put together is a template,
 * which has its values with it; one that stands in one place is a text with `$1` and so on.
 */
export interface Queryable {
  query<Row extends pg.QueryResultRow>(
    statement: Sql | string,
    values?: readonly unknown[],
  ): Promise<pg.QueryResult<Row>>;
}

/** A client inside a transaction. A function that takes this must be called in one. */
export type Transaction = Queryable & { readonly transaction: true };

/** The database of MusicBrainz, which holds our schemas too. */
export interface Database extends Queryable {
  /**
   * Runs `work` in one transaction: all of it is committed, or, where `work` throws, nothing.
   *
   * @param limits how long it may take; the usual ones unless said otherwise
   */
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>, limits?: TimeLimits): Promise<Result>;
  /** Waits for statements in progress and closes all connections. */
  close(): Promise<void>;
}

const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, exactInteger);
/** Parents, all of them: one that is null is none, for artwork-indexer too. */
function parseParents(text: string): readonly number[] {
  const ids = text === '{}' ? [] : text.slice(1, -1).split(',');
  return ids.flatMap((id) => (id === 'NULL' ? [] : [exactInteger(id)]));
}
types.setTypeParser(1016 /* int8[] */, parseParents);

/**
 * Milliseconds. A connection whose other end is gone without a word would keep who waits for it waiting for ever. More than
 * PostgreSQL's own limits allow (time-limits.ts): a statement is to be ended there.
 */
const patience = { connectionTimeoutMillis: 10_000, query_timeout: 120_000, keepAlive: true };

/**
 * Moments are read as PostgreSQL writes them by default; a role or a database may have another style. This one setting
 * may be made outside a transaction: pgbouncer keeps it for each of its clients. The pool waits for it, though its type
 * knows nothing of promises.
 */
function onConnect(client: pg.ClientBase, prepared: PreparedStatements | null): void {
  const set = client.query(`set datestyle = 'ISO'`);
  return set.then(() => prepared?.lookAt(client)) as unknown as undefined;
}

/**
 * Opens a pool. No connection is made before the first statement.
 *
 * Works through pgbouncer in transaction mode: no statement is named where names aren't kept, nothing but the date style is
 * `SET` outside a transaction, and no LISTEN or session lock is taken (the one-transaction locks of event claims are
 * `pg_advisory_xact_lock`).
 *
 * @param config.prepare for processes that make the same statements again and again: see `PreparedStatements`
 * @param config.unlimited for benches: nothing has a time limit, and a single statement is no transaction (`vacuum`)
 */
export function openDatabase(
  config: pg.PoolConfig & {
    readonly among?: Servers;
    readonly onError?: (error: Error) => void;
    readonly unlimited?: boolean;
    readonly prepare?: boolean;
  },
): Database {
  const { onError, unlimited = false, prepare = false, ...given } = config;
  const prepared = prepare ? new PreparedStatements() : null;
  const poolConfig = unlimited ? { ...given, query_timeout: 0 } : given;
  const usual = unlimited ? noLimits : timeLimits.usual;
  const pool = new pg.Pool({
    ...patience,
    application_name: 'artwork-reconciler',
    ...poolConfig,
    Client: clientClass(config),
    types,
    pipeline: true,
    onConnect: (client) => onConnect(client, prepared),
  });
  // An idle connection that is cut (a restarted PostgreSQL or pgbouncer) is replaced by the pool at the next statement.
  pool.on('error', (error) => onError?.(error));
  // One that is cut while it is in use is reported by the next statement, and not used again. Without a listener from the very
  // beginning it would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    query: (statement, values) =>
      unlimited
        ? pool.query(statement, values as unknown[] | undefined)
        : withClient(pool, (client) => single(asking(client, prepared), statement, values)),
    transaction: (work, limits = usual) =>
      withClient(pool, (client) => inTransaction(asking(client, prepared), work, limits)),
    close: () => pool.end(),
  };
}

/** How a connection is asked: by prepared statements, where there are any. */
interface Asking {
  readonly client: pg.PoolClient;
  readonly query: Queryable['query'];
}

function asking(client: pg.PoolClient, prepared: PreparedStatements | null): Asking {
  return {
    client,
    query: (statement, values) =>
      prepared === null
        ? client.query(statement, values as unknown[] | undefined)
        : prepared.query(client, statement, values),
  };
}

async function withClient<Result>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  let isUseless = false;
  try {
    return await work(client);
  } catch (error) {
    const { code } = error as { code?: unknown };
    isUseless = code === '25006' || lostPlan.has(code);
    throw error;
  } finally {
    // Where a transaction could not be ended, its connection goes; so it does where its server has become read-only, as
    // another may be the one to write to by now, and where it has plans that are none any more.
    client.release(client.getTransactionStatus() !== 'I' || isUseless);
  }
}

/**
 * A single statement is a transaction too, so that its limits end with it. All three are sent at once and cost one
 * round trip; where the statement fails, PostgreSQL takes `commit` for `rollback`.
 */
async function single<Row extends pg.QueryResultRow>(
  { client, query }: Asking,
  statement: Sql | string,
  values: readonly unknown[] | undefined,
): Promise<pg.QueryResult<Row>> {
  const [begun, result, ended] = await Promise.allSettled(
    inOneWrite(client, () => [
      client.query(beginWith(timeLimits.usual)),
      query<Row>(statement, values),
      client.query('commit'),
    ]),
  );
  for (const each of [begun, result, ended]) if (each.status === 'rejected') throw each.reason;
  return (result as PromiseFulfilledResult<pg.QueryResult<Row>>).value;
}

/** What `send` writes to a connection, written to its socket at once: a write costs more than most of what is written. */
function inOneWrite<Sent>(client: pg.PoolClient, send: () => Sent): Sent {
  const stream = streamOf(client);
  stream.cork();
  try {
    return send();
  } finally {
    stream.uncork();
  }
}

async function inTransaction<Result>(
  { client, query }: Asking,
  work: (transaction: Transaction) => Promise<Result>,
  limits: TimeLimits,
): Promise<Result> {
  try {
    await client.query(beginWith(limits));
    const result = await work({ transaction: true, query });
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/**
 * Runs queries on one snapshot, in a transaction that can't write, each statement with a time limit: a page that would
 * take long is given up, and the database is free for the work again. Set for the transaction only, as pgbouncer wants it.
 *
 * @param seconds for each statement
 * @throws {pg.DatabaseError} with the code 57014 (query_canceled) where a statement took longer
 */
export async function readOnly<Result>(
  db: Database,
  seconds: number,
  work: (q: Queryable) => Promise<Result>,
): Promise<Result> {
  return db.transaction(async (tx) => {
    // Before any `select`: the first one takes the snapshot, and the isolation can't be changed any more.
    await tx.query('set transaction isolation level repeatable read, read only');
    return work(tx);
  }, limitsOfReading(seconds));
}

/** A text is prepared from its third time on: most of those that are put together for one purpose never come so far. */
const worthIt = 3;

/** Texts that are prepared at most, on each connection: its server keeps a plan of each. The steps have about 60. */
const mostPrepared = 150;

/**
 * Which statements are prepared, by a name of their text: the same in all connections of a process. Planning what an audit or
 * an event asks takes PostgreSQL several times as long as carrying it out; of a prepared statement it keeps a plan that
 * serves any values, where that costs no more than one for these (`plan_cache_mode`).
 *
 * For processes that ask the same again and again, by what stands in the program: what people filter by would fill the
 * server with plans, and one plan for a rare check and a common one is right for neither.
 */
class PreparedStatements {
  readonly #uses = new Map<string, number>();
  readonly #names = new Map<string, string>();
  /** The connections that keep what is prepared from one transaction to the next. */
  readonly #keeping = new WeakSet<pg.ClientBase>();

  /** To be called once for each connection, before it is used. */
  async lookAt(client: pg.ClientBase): Promise<void> {
    if (await keepsStatements(client)) this.#keeping.add(client);
  }

  query<Row extends pg.QueryResultRow>(
    client: pg.ClientBase,
    statement: Sql | string,
    values: readonly unknown[] | undefined,
  ): Promise<pg.QueryResult<Row>> {
    const text = typeof statement === 'string' ? statement : statement.text;
    const given = typeof statement === 'string' ? values : statement.values;
    const name = this.#keeping.has(client) && given !== undefined ? this.#nameOf(text) : undefined;
    return client.query<Row>(
      name === undefined ? { text, values: asArray(given) } : { name, text, values: asArray(given) },
    );
  }

  #nameOf(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined || this.#names.size >= mostPrepared) return known;
    const uses = (this.#uses.get(text) ?? 0) + 1;
    // Of texts that come once and never again not all are kept in mind.
    if (this.#uses.size > 10 * mostPrepared) this.#uses.clear();
    this.#uses.set(text, uses);
    if (uses < worthIt) return undefined;
    this.#uses.delete(text);
    // The plain SHA-1 of Git: 63 bytes are a name's limit in PostgreSQL.
    const name = `ar_${createHash('sha1').update(text).digest('hex')}`;
    this.#names.set(text, name);
    return name;
  }
}

/** `pg` sends what has no values at all by the simple protocol, of which several statements may be one text. */
function asArray(values: readonly unknown[] | undefined): unknown[] {
  return values === undefined ? (undefined as unknown as unknown[]) : [...values];
}

/** What a statement failed with whose plan, or name, the connection has lost: it is of no use any more. */
const lostPlan: ReadonlySet<unknown> = new Set([
  '0A000', // feature_not_supported: "cached plan must not change result type", after a change of a table
  '26000', // invalid_sql_statement_name
  '42P05', // duplicate_prepared_statement
]);

const probe = 'artwork_reconciler_probe';

/**
 * Whether what is prepared on a connection is there in its next transaction: on a direct one, where the process that answers
 * is the one that the connection was opened with; and through pgbouncer from 1.21 on with `max_prepared_statements`, which is seen
 * by its giving the server names of its own. Where one passes names on, two clients would come upon each other's.
 */
async function keepsStatements(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  if (rows[0]?.pid === (client as unknown as { readonly processID: unknown }).processID) return true;
  try {
    await client.query('begin');
    await client.query({ name: probe, text: 'select 1' });
    const { rowCount } = await client.query('select from pg_prepared_statements where name = $1', [probe]);
    if (rowCount !== 0) await client.query(`deallocate ${probe}`);
    await client.query('commit');
    return rowCount === 0;
  } catch {
    await client.query('rollback').catch(() => undefined);
    return false;
  }
}
