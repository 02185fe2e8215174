import { readConfig, type Config } from '../../../src/config/config.ts';

type PaceSettings = Pick<Config, 'audit' | 'events'>;

/** The defaults of the configuration, but for what the test is about. */
export function settingsWith(audit: Partial<Config['audit']> = {}): PaceSettings {
  const defaults = readConfig({ env: { ARCHIVE_CONTACT: 'tests@example.org' } });
  return { events: defaults.events, audit: { ...defaults.audit, ...audit } };
}
