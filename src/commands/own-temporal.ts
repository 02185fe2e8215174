import type { Client } from '@temporalio/client';
import type { DatabaseConfig } from '../config/config.ts';
import { readIdentity } from '../database/schema/deployment.ts';
import { refuseOtherDatabase } from '../starters/schedules.ts';
import { openTemporal, readTemporalConfig } from '../temporal/connection.ts';
import { withDatabase } from './database.ts';

/**
 * Temporal, where its namespace is this database's: what is started there is done by the workers of whoever owns it.
 *
 * @throws {TemporalUnreachableError}
 * @throws {DatabaseUnreachableError}
 * @throws {CopiedDatabaseError | OtherDatabaseError}
 */
export async function openOwnTemporal(database: DatabaseConfig): Promise<Client> {
  const identity = await withDatabase(database, readIdentity);
  const temporal = await openTemporal(readTemporalConfig());
  try {
    await refuseOtherDatabase(temporal, identity);
    return temporal;
  } catch (error) {
    await temporal.connection.close();
    throw error;
  }
}
