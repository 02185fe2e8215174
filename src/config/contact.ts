import { type Config, ConfigError } from './config.ts';

/**
 * Refuses to go on without a contact: the archive's staff must be able to reach whoever sends them so many requests.
 * To be called by whatever is about to ask the archive; migrating a database needs none.
 *
 * @throws {ConfigError}
 */
export function requireContact(config: Pick<Config, 'archive'>): void {
  if (config.archive.contact !== null) return;
  throw new ConfigError(null, [
    '[archive] contact is missing: set it (or ARCHIVE_CONTACT) to an address at which you can be reached; it goes into the User-Agent',
  ]);
}
