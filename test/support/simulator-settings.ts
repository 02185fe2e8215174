import type { Simulator } from '../../src/simulator/simulator.ts';

/** Where a simulated archive and web service are, as the environment variables that a process takes. */
export function simulatorSettings({ urls }: Pick<Simulator, 'urls'>): Record<string, string> {
  return {
    MUSICBRAINZ_URL: urls.musicbrainz,
    S3_URL: urls.s3,
    S3_LIMIT_URL: urls.limit,
    ARCHIVE_URL: urls.archive,
    ARCHIVE_NODE_URL: urls.node,
    ARCHIVE_CAA_URL: urls.caa,
    ARCHIVE_EAA_URL: urls.eaa,
  };
}

/** The same for a command that audits: with its database, and budgets that nobody waits for. */
export function auditingSettings(simulator: Pick<Simulator, 'urls'>, databaseUrl: string): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    ...simulatorSettings(simulator),
    MUSICBRAINZ_REQUESTS_PER_SECOND: '100',
    ARCHIVE_REQUESTS_PER_SECOND: '100',
    ARCHIVE_CONTACT: 'test@localhost',
  };
}
