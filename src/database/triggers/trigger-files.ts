import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type EntityType, entityTypes } from '../../domain/entity.ts';

/** Beside the migrations but not one of them: the triggers are asked for by name. */
const folder = resolve(import.meta.dirname, '../../../migrations/triggers');

/** One trigger of ours on a table of MusicBrainz'. */
export interface Trigger {
  readonly name: string;
  /** With its schema. */
  readonly table: string;
  /** The statement that makes it. */
  readonly create: string;
}

/** The statements that make our functions, or replace them by what they are now. */
export async function readFunctions(entityTypes: readonly EntityType[]): Promise<readonly string[]> {
  return Promise.all(['queue', ...entityTypes.map((type) => `${type}-functions`)].map(readSql));
}

/** The names of all functions that this version makes, without their schema. */
export async function readFunctionNames(): Promise<readonly string[]> {
  const statements = await readFunctions(entityTypes);
  return statements.flatMap((sql) =>
    [...sql.matchAll(/^create or replace function artwork_reconciler\.(\w+)/gm)].map(([, name]) => name!),
  );
}

/** The triggers that fill the queue with what happens to one kind of entity. */
export async function readTriggers(entityType: EntityType): Promise<readonly Trigger[]> {
  const sql = await readSql(`${entityType}-triggers`);
  return [...sql.matchAll(/^create trigger (\w+)[^;]*?\son ([a-z_]+\.[a-z_]+)[^;]*;/gm)].map(
    ([create, name, table]) => ({ name: name!, table: table!, create }),
  );
}

function readSql(name: string): Promise<string> {
  return readFile(resolve(folder, `${name}.sql`), 'utf8');
}
