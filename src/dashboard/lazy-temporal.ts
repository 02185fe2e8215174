import type { Client } from '@temporalio/client';
import type { Queryable } from '../database/connection.ts';
import { readIdentity } from '../database/schema/deployment.ts';
import { refuseOtherDatabase } from '../starters/schedules.ts';
import { openTemporal, type TemporalConfig } from '../temporal/connection.ts';

export interface LazyTemporal {
  /** @throws {TemporalUnreachableError} @throws {CopiedDatabaseError | OtherDatabaseError} */
  readonly open: () => Promise<Client>;
  readonly close: () => Promise<void>;
}

/** Milliseconds. A person waits. */
const patience = 3000;

/**
 * One client for all who ask, connected when the first one does, if the namespace is this database's; where that fails,
 * the next one tries again.
 */
export function lazyTemporal(config: TemporalConfig, q: Queryable): LazyTemporal {
  let client: Promise<Client> | null = null;
  const openOwn = async (): Promise<Client> => {
    const opened = await openTemporal(config, patience);
    try {
      await refuseOtherDatabase(opened, await readIdentity(q));
      return opened;
    } catch (error) {
      await opened.connection.close();
      throw error;
    }
  };
  return {
    async open() {
      client ??= openOwn();
      try {
        return await client;
      } catch (error) {
        client = null;
        throw error;
      }
    },
    async close() {
      const opened = await client?.catch(() => null);
      await opened?.connection.close();
    },
  };
}
