import pg from 'pg';
import type { DatabaseConfig } from '../config/config.ts';
import { inOneLine } from '../terminal/terminal.ts';
import type { Database, Queryable } from './connection.ts';
import { destroy, newClient } from './servers.ts';

/** PostgreSQL's and pgbouncer's words for a server that can't be reached, shuts down, starts up or is full. */
const sqlStates = /^(08...|57P0[123]|53300)$/;
const systemErrors = /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
/** What the driver says itself has no code. */
const driversWords =
  /^(Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/**
 * Whether a statement failed because the database could not be reached, or went away: nobody's fault but the database's,
 * and nothing is known of what the statement did. To be asked of errors of statements only.
 */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { readonly code?: unknown };
  if (typeof code === 'string') return sqlStates.test(code) || systemErrors.test(code);
  return driversWords.test(error.message);
}

/**
 * What else is the database's own trouble, and passes: it has become read-only (a failover), a lock or a statement took too
 * long, transactions were in each other's way, disk or memory is full, a transaction was ended for idling.
 */
const troubles = /^(25006|25P0[34]|40001|40P01|53[124]00|55P03|57014|57P05)$/;

/** The SQLSTATE of a statement that may have been too much itself: it was cancelled, or found no memory; else null. */
export function overburdenedBy(error: unknown): string | null {
  const { code } = (error instanceof Error ? error : {}) as { readonly code?: unknown };
  return code === '57014' || code === '53200' ? code : null;
}

/**
 * Whether a statement failed by a fault of the database's, away or not: none of what it was about. To be asked of errors
 * of statements only.
 */
export function isDatabasesTrouble(error: unknown): boolean {
  if (isDatabaseAway(error)) return true;
  const { code } = (error instanceof Error ? error : {}) as { readonly code?: unknown };
  return typeof code === 'string' && troubles.test(code);
}

/** SQLSTATE too_many_connections. */
const tooManyConnections = '53300';

/** Milliseconds for a connection, and then for a statement. */
const answersWithin = 5_000;

/**
 * Whether the database answers, asked on a connection of its own: those of a pool may all be busy, or none any more. One that
 * takes no more connections, or not this user's, is there, and answers on those that are open.
 */
export async function isAnswering(config: DatabaseConfig): Promise<boolean> {
  const limits = { connectionTimeoutMillis: answersWithin, query_timeout: answersWithin };
  const client = newClient({ ...config, ...limits });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch (error) {
    return error instanceof pg.DatabaseError && (error.code === tooManyConnections || !isDatabasesTrouble(error));
  } finally {
    destroy(client);
  }
}

/**
 * The same database, until the signal: from then on none of its answers is waited for, and what was asked, or is asked still,
 * fails as where its server goes away. What the statements did is not known, likewise.
 *
 * @param answered called with each answer
 */
export function databaseUntil(signal: AbortSignal, db: Database, answered: () => void): Database {
  const waiting = new Set<(error: Error) => void>();
  const given = (): Error => new Error('Connection terminated: the database has not answered, and is not waited for');
  signal.addEventListener('abort', () => waiting.forEach((reject) => reject(given())), { once: true });
  const orGivenUp = <Answer>(ask: () => Promise<Answer>): Promise<Answer> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(given());
      waiting.add(reject);
      void ask()
        .then((answer) => {
          answered();
          resolve(answer);
        }, reject)
        .finally(() => waiting.delete(reject));
    });
  const queries =
    (q: Queryable): Queryable['query'] =>
    (sql, values) =>
      orGivenUp(() => q.query(sql, values));
  return {
    ...db,
    query: queries(db),
    transaction: (work, limits) =>
      orGivenUp(() => db.transaction((tx) => work({ transaction: true, query: queries(tx) }), limits)),
  };
}

/** An error's message names at most this many different reasons. */
const mostReasons = 5;

/**
 * Does the work for each item, one after the other. One that fails keeps no other from its turn.
 *
 * @param endsAll whether every other would fail for the same reason, and need not be tried
 * @returns what came of each
 * @throws when all have been tried, what failed: the error itself, of several an `AggregateError` that names the reasons
 */
export async function tryEach<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
  endsAll: (error: unknown) => boolean = isDatabaseAway,
): Promise<Result[]> {
  const results: Result[] = [];
  const failures: unknown[] = [];
  for (const item of items) {
    try {
      results.push(await work(item));
    } catch (error) {
      failures.push(error);
      if (endsAll(error)) break;
    }
  }
  if (failures.length > 1) throw new AggregateError(failures, inWords(failures, items.length));
  if (failures.length === 1) throw failures[0];
  return results;
}

function inWords(failures: readonly unknown[], all: number): string {
  const reasons = [...new Set(failures.map(inOneLine))];
  const more = reasons.length > mostReasons ? `; and ${reasons.length - mostReasons} more reasons` : '';
  return `${failures.length} of ${all} failed: ${reasons.slice(0, mostReasons).join('; ')}${more}`;
}

/** `tryEach` for work that counts. @returns the sum */
export async function countEach<Item>(...given: Parameters<typeof tryEach<Item, number>>): Promise<number> {
  return (await tryEach(...given)).reduce((sum, count) => sum + count, 0);
}
