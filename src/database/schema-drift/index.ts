import type { Database } from '../connection.ts';
import { findUnmetNeeds, musicbrainzNeeds } from '../schema/needs.ts';
import { limitsOfReading } from '../time-limits.ts';
import { compareSchemas, type SchemaDifference } from './compare-schemas.ts';
import { describeSchema } from '../schema/schema-drift.ts';
import { readExpectedSchema } from './expected-schema.ts';

export { differenceInWords, type SchemaDifference } from './compare-schemas.ts';

/**
 * How the database's schema differs from what this version's migrations make, and which of MusicBrainz' columns that this
 * program reads are missing. Reads PostgreSQL's catalogue only.
 */
export async function readSchemaDrift(db: Database, timeoutSeconds: number): Promise<readonly SchemaDifference[]> {
  const expected = await readExpectedSchema();
  return db.transaction(async (tx) => {
    const unmet = await findUnmetNeeds(tx, await musicbrainzNeeds(tx));
    const absent = unmet.filter(({ kind }) => kind === 'absent').map(({ what }) => missing(what));
    return [...compareSchemas(expected, await describeSchema(tx)), ...absent];
  }, limitsOfReading(timeoutSeconds));
}

function missing(name: string): SchemaDifference {
  return { kind: 'missing', name, expected: null, found: null };
}
