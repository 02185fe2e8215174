import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Sql } from 'sql-template-tag';

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
export class PreparedStatements {
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
export const lostPlan: ReadonlySet<unknown> = new Set([
  '0A000', // feature_not_supported: "cached plan must not change result type", after a change of a table
  '26000', // invalid_sql_statement_name
  '42P05', // duplicate_prepared_statement
]);

const probe = 'artwork_reconciler_probe';

/**
 * Whether what is prepared on a connection is there in its next transaction: on a direct one, where the process that answers
 * is the one that the connection was told of; and through pgbouncer from 1.21 on with `max_prepared_statements`, which is seen
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
