import { openDependencies, type Dependencies } from '../../src/activities/dependencies.ts';
import { readConfig } from '../../src/config/config.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import type { TestDatabase } from '../support/database.ts';
import { simulatorSettings } from '../support/simulator-settings.ts';

/** What activities are given, outside of any workflow, in repair mode; `settings` by their environment variables. */
export function dependenciesAt(
  database: TestDatabase,
  simulator: Simulator,
  settings: Readonly<Record<string, string>> = {},
): Dependencies {
  const env = {
    ...simulatorSettings(simulator),
    DATABASE_URL: database.url,
    ARCHIVE_CONTACT: 'test@localhost',
    AUDIT_MODE: 'repair',
    ...settings,
  };
  const config = readConfig({ file: '/dev/null', env });
  return openDependencies({ db: database.db, config: () => config, run: () => ({ workflowId: null, runId: 'none' }) });
}

/** Requests without a wait between them, and items that settle at once. */
export const withoutWaits = {
  ARCHIVE_REQUESTS_PER_SECOND: '1000',
  MUSICBRAINZ_REQUESTS_PER_SECOND: '1000',
  AUDIT_SETTLE_MINUTES: '0',
} as const;
