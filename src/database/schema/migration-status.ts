import { readdir, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Queryable } from '../connection.ts';

export const migrationsFolder = resolve(import.meta.dirname, '../../../migrations');

export interface MigrationStatus {
  /** In the order in which they run; names without the ending. */
  readonly migrations: readonly { readonly name: string; readonly applied: boolean }[];
  /** Names that the database knows and this code doesn't. */
  readonly unknown: readonly string[];
}

/** What is applied and what isn't. */
export async function readMigrationStatus(q: Queryable): Promise<MigrationStatus> {
  const names = (await readdir(migrationsFolder))
    .filter((file) => /^\d+_.*\.(sql|js)$/.test(file))
    .map((file) => file.replace(/\.(sql|js)$/, ''))
    .sort();
  const table = await q.query<{ found: boolean }>(
    "select to_regclass('artwork_reconciler.migration') is not null as found",
  );
  const applied = table.rows[0]!.found
    ? (await q.query<{ name: string }>('select name from artwork_reconciler.migration order by id')).rows.map(
        ({ name }) => name,
      )
    : [];
  return {
    migrations: names.map((name) => ({ name, applied: applied.includes(name) })),
    unknown: applied.filter((name) => !names.includes(name)),
  };
}

/** Rows that go with a table, or that have a value in a column that goes. */
export interface Loss {
  /** `artwork_reconciler.pace`, or `artwork_reconciler.pace.brakes`. */
  readonly what: string;
  /** Counted to `mostRows + 1`. */
  readonly rows: number;
}

/** Counting more costs time, and nobody decides otherwise for it. */
export const mostRows = 10_000;

/**
 * What would be lost if some migrations were undone: of the tables and columns that their down parts drop, those that
 * hold something. What a migration itself put there, or a default did, is not counted.
 */
export async function readLosses(q: Queryable, names: readonly string[]): Promise<readonly Loss[]> {
  const dropped = (await Promise.all(names.map(readDown))).flatMap(droppedBy);
  const losses: Loss[] = [];
  for (const { table, column } of dropped) {
    const condition = await holdsSomething(q, table, column);
    if (condition === null) continue;
    const { rows } = await q.query<{ count: number }>(
      `select count(*)::int as count from (select from ${table} where ${condition} limit ${mostRows + 1}) capped`,
    );
    const count = rows[0]?.count ?? 0;
    if (count > 0) losses.push({ what: column === null ? table : `${table}.${column}`, rows: count });
  }
  return losses;
}

/** Of those in JavaScript nothing is read: they make and drop indexes. */
async function readDown(name: string): Promise<string> {
  const sql = await readFile(resolve(migrationsFolder, `${name}.sql`), 'utf8').catch((error: { code?: string }) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return /^-- Down Migration$([^]*)/m.exec(sql)?.[1] ?? '';
}

function droppedBy(down: string): readonly { readonly table: string; readonly column: string | null }[] {
  const tables = [...down.matchAll(/drop table (artwork_reconciler\.\w+)/g)].map(([, table]) => ({
    table: table!,
    column: null,
  }));
  const columns = [...down.matchAll(/alter table (artwork_reconciler\.\w+)([^;]*)/g)].flatMap(([, table, actions]) =>
    [...actions!.matchAll(/drop column (\w+)/g)].map(([, column]) => ({ table: table!, column: column! })),
  );
  return [...tables, ...columns.filter(({ table }) => tables.every((gone) => gone.table !== table))];
}

/** The condition of rows that hold something; null where the table or the column isn't there, or is made from others. */
async function holdsSomething(q: Queryable, table: string, column: string | null): Promise<string | null> {
  const { rows } = await q.query<{ name: string; initial: string | null }>(
    `select attname::text as name, pg_get_expr(adbin, adrelid) as initial
     from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
     where attrelid = to_regclass($1) and attnum > 0 and not attisdropped and attgenerated = ''
       and ($2::text is null or attname = $2)`,
    [table, column],
  );
  if (rows.length === 0) return null;
  // A migration makes a deployment's identity, and would make another one.
  if (table === 'artwork_reconciler.deployment') return null;
  // A table of one row was filled by its migration.
  if (column === null && !rows.some(({ name }) => name === 'only_row')) return 'true';
  return rows.map(({ name, initial }) => `${name} is distinct from ${initial ?? 'null'}`).join(' or ');
}
