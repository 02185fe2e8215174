import type { Client } from '@temporalio/client';
import { openTemporal, type TemporalConfig } from '../temporal.ts';

export interface LazyTemporal {
  /** @throws {TemporalUnreachableError} */
  readonly open: () => Promise<Client>;
  readonly close: () => Promise<void>;
}

/** Milliseconds. A person waits. */
const patience = 3000;

/** One client for all who ask, connected when the first one does; where that fails, the next one tries again. */
export function lazyTemporal(config: TemporalConfig): LazyTemporal {
  let client: Promise<Client> | null = null;
  return {
    async open() {
      client ??= openTemporal(config, patience);
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
