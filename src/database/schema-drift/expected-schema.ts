import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { SchemaObject } from '../schema/schema-drift.ts';

/** Written by scripts/write-expected-schema.js from a database that was just migrated, triggers included. */
const file = resolve(import.meta.dirname, '../../../migrations/expected/schema.txt');

/** What the schema is like after the migrations of this version. */
export async function readExpectedSchema(): Promise<readonly SchemaObject[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const [name, definition] = line.split('\t');
    return { name: name!, definition: definition ?? '' };
  });
}

/** The lines of that file. */
export function formatSchema(objects: readonly SchemaObject[]): string {
  const lines = objects.map(({ name, definition }) => `${name}\t${definition}`.trimEnd());
  return ['# Written by `npm run expected-schema`: what the migrations make. Not to be edited.', ...lines, ''].join(
    '\n',
  );
}
