/** An item of an actionable list of the audit of 2021. */
export interface Audit2021Item {
  readonly gid: string;
  readonly musicbrainzUrl: string;
  readonly archiveUrl: string;
  /** Names of checks, or what else is to be said: the importer takes those that it knows. */
  readonly checks: readonly string[];
}

/**
 * A line as the lists of 2021 have it (domain page img-129.md), with its end:
 * `{mbid}\t{MB url}\t{archive.org url}\t{check; check; …}`. `import img-129` reads it back.
 */
export function audit2021Line({ gid, musicbrainzUrl, archiveUrl, checks }: Audit2021Item): string {
  const columns = [gid, musicbrainzUrl, archiveUrl, checks.join('; ')];
  // A tab or line break would make other columns of what follows.
  return `${columns.map((text) => text.replace(/[\t\r\n]+/g, ' ')).join('\t')}\n`;
}
