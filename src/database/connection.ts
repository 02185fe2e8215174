import pg from 'pg';
import type { Sql } from 'sql-template-tag';
import type { Servers } from '../config/config.ts';
import { lostPlan, PreparedStatements } from './prepared-statements.ts';
import { exactInteger } from './row-id.ts';
import { clientClass } from './servers.ts';
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
  // One that is cut while it is in use is told by the next statement, and not used again. Without a listener from the very
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
 * A statement by itself is a transaction too, so that its limits end with it. All three are sent at once and cost one
 * round trip; where the statement fails, PostgreSQL takes `commit` for `rollback`.
 */
async function single<Row extends pg.QueryResultRow>(
  { client, query }: Asking,
  statement: Sql | string,
  values: readonly unknown[] | undefined,
): Promise<pg.QueryResult<Row>> {
  const [begun, result, ended] = await Promise.allSettled([
    client.query(beginWith(timeLimits.usual)),
    query<Row>(statement, values),
    client.query('commit'),
  ]);
  for (const each of [begun, result, ended]) if (each.status === 'rejected') throw each.reason;
  return (result as PromiseFulfilledResult<pg.QueryResult<Row>>).value;
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
