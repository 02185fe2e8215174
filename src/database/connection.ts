import pg from 'pg';
import { beginWith, noLimits, type TimeLimits, timeLimits } from './time-limits.ts';

/** Anything that runs one statement: the pool, or a transaction's client. */
export interface Queryable {
  query<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<pg.QueryResult<Row>>;
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
  /** Waits for statements in hand and closes all connections. */
  close(): Promise<void>;
}

/** Artwork, edit and event ids exceed 32 bits but not JavaScript's 53; a larger one would be read wrongly, so it is refused. */
function parseBigint(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} from the database exceeds 2^53`);
  return value;
}

const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, parseBigint);
/**
 * Parents, all of them: one that is null is none, for artwork-indexer too. One beyond 2^53 comes inexact, and names no row:
 * such a row's own id would be refused. An error here would take every row of the page with it.
 */
function parseParents(text: string): readonly number[] {
  const ids = text === '{}' ? [] : text.slice(1, -1).split(',');
  return ids.flatMap((id) => (id === 'NULL' ? [] : [Number(id)]));
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
function onConnect(client: pg.ClientBase): void {
  return client.query(`set datestyle = 'ISO'`) as unknown as undefined;
}

/**
 * Opens a pool. No connection is made before the first statement.
 *
 * Works through pgbouncer in transaction mode: no statement is named, nothing but the date style is `SET` outside a
 * transaction, and no LISTEN or session lock is taken (the one-transaction locks of event claims are
 * `pg_advisory_xact_lock`).
 *
 * @param config.unlimited for benches: nothing has a time limit, and a single statement is no transaction (`vacuum`)
 */
export function openDatabase(
  config: pg.PoolConfig & { readonly onError?: (error: Error) => void; readonly unlimited?: boolean },
): Database {
  const { onError, unlimited = false, ...given } = config;
  const poolConfig = unlimited ? { ...given, query_timeout: 0 } : given;
  const usual = unlimited ? noLimits : timeLimits.usual;
  const pool = new pg.Pool({
    ...patience,
    application_name: 'artwork-reconciler',
    ...poolConfig,
    types,
    pipeline: true,
    onConnect,
  });
  // An idle connection that is cut (a restarted PostgreSQL or pgbouncer) is replaced by the pool at the next statement.
  pool.on('error', (error) => onError?.(error));
  // One that is cut while it is in use is told by the next statement, and not used again. Without a listener from the very
  // beginning it would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    query: (sql, values) =>
      unlimited
        ? pool.query(sql, values as unknown[] | undefined)
        : withClient(pool, (client) => single(client, sql, values)),
    transaction: (work, limits = usual) => withClient(pool, (client) => inTransaction(client, work, limits)),
    close: () => pool.end(),
  };
}

async function withClient<Result>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  try {
    return await work(client);
  } finally {
    // Where a transaction could not be ended, its connection goes.
    client.release(client.getTransactionStatus() !== 'I');
  }
}

/**
 * A statement by itself is a transaction too, so that its limits end with it. All three are sent at once and cost one
 * round trip; where the statement fails, PostgreSQL takes `commit` for `rollback`.
 */
async function single<Row extends pg.QueryResultRow>(
  client: pg.PoolClient,
  sql: string,
  values: readonly unknown[] | undefined,
): Promise<pg.QueryResult<Row>> {
  const [begun, result, ended] = await Promise.allSettled([
    client.query(beginWith(timeLimits.usual)),
    client.query<Row>(sql, values as unknown[] | undefined),
    client.query('commit'),
  ]);
  for (const each of [begun, result, ended]) if (each.status === 'rejected') throw each.reason;
  return (result as PromiseFulfilledResult<pg.QueryResult<Row>>).value;
}

async function inTransaction<Result>(
  client: pg.PoolClient,
  work: (transaction: Transaction) => Promise<Result>,
  limits: TimeLimits,
): Promise<Result> {
  try {
    await client.query(beginWith(limits));
    const result = await work({
      transaction: true,
      query: (sql, values) => client.query(sql, values as unknown[] | undefined),
    });
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}
