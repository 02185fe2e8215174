import pg from 'pg';

/** Anything that runs one statement: the pool, or a transaction's client. */
export interface Queryable {
  query<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<pg.QueryResult<Row>>;
}

/** A client inside a transaction. A function that takes this must be called in one. */
export type Transaction = Queryable & { readonly transaction: true };

/** The database of MusicBrainz, which holds our schemas too. */
export interface Database extends Queryable {
  /** Runs `work` in one transaction: all of it is committed, or, where `work` throws, nothing. */
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
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
types.setTypeParser(1016 /* int8[] */, (text: string) =>
  // Parents, all of them: one that is null is none, for artwork-indexer too.
  text === '{}'
    ? []
    : text
        .slice(1, -1)
        .split(',')
        .flatMap((id) => (id === 'NULL' ? [] : [parseBigint(id)])),
);

/** Milliseconds. A connection whose other end is gone without a word would keep who waits for it waiting for ever. */
const patience = { connectionTimeoutMillis: 10_000, query_timeout: 120_000, keepAlive: true };

/**
 * Opens a pool. No connection is made before the first statement.
 *
 * Works through pgbouncer in transaction mode: no statement is named, nothing is `SET` outside a transaction, and no
 * LISTEN or session lock is taken (the one-transaction locks of event claims are `pg_advisory_xact_lock`).
 */
export function openDatabase(config: pg.PoolConfig & { readonly onError?: (error: Error) => void }): Database {
  const { onError, ...poolConfig } = config;
  const pool = new pg.Pool({ ...patience, application_name: 'artwork-reconciler', ...poolConfig, types });
  // An idle connection that is cut (a restarted PostgreSQL or pgbouncer) is replaced by the pool at the next statement.
  pool.on('error', (error) => onError?.(error));
  return {
    query: (sql, values) => pool.query(sql, values as unknown[] | undefined),
    transaction: (work) => inTransaction(pool, work),
    close: () => pool.end(),
  };
}

async function inTransaction<Result>(
  pool: pg.Pool,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // A connection cut between two statements is reported here only; the next statement fails and ends the transaction.
  const onClientError = (error: Error): void => void (broken = error);
  client.on('error', onClientError);
  try {
    await client.query('begin');
    const result = await work({
      transaction: true,
      query: (sql, values) => client.query(sql, values as unknown[] | undefined),
    });
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((rollbackError: unknown) => {
      broken = rollbackError instanceof Error ? rollbackError : new Error(String(rollbackError));
    });
    throw error;
  } finally {
    client.off('error', onClientError);
    client.release(broken);
  }
}
