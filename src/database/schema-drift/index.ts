import type { Database } from '../connection.ts';
import { limitsOfReading } from '../time-limits.ts';
import { compareSchemas, type SchemaDifference } from './compare-schemas.ts';
import { describeSchema } from './describe-schema.ts';
import { readExpectedSchema } from './expected-schema.ts';

export { differenceInWords, type SchemaDifference } from './compare-schemas.ts';

/** How the database's schema differs from what this version's migrations make. Reads PostgreSQL's catalogue only. */
export async function readSchemaDrift(db: Database, timeoutSeconds: number): Promise<readonly SchemaDifference[]> {
  const expected = await readExpectedSchema();
  return db.transaction(
    async (tx) => compareSchemas(expected, await describeSchema(tx)),
    limitsOfReading(timeoutSeconds),
  );
}
