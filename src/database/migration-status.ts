import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Queryable } from './connection.ts';

export const migrationsFolder = resolve(import.meta.dirname, '../../migrations');

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
