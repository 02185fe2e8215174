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
