/** The kinds of requests that are counted, paced and shown apart. */
export const requestKinds = [
  'metadata',
  'download',
  'node',
  'details',
  'tasks',
  'scrape',
  'check_limit',
  'put',
  'copy',
  'delete',
  'ws',
] as const;
export type RequestKind = (typeof requestKinds)[number];

/** How many requests of each kind were made; a kind that was not used is left out. */
export type RequestCounts = Partial<Record<RequestKind, number>>;

/** Adds counts up into a new object. */
export function addCounts(...counts: readonly RequestCounts[]): RequestCounts {
  const sum: RequestCounts = {};
  for (const count of counts) {
    for (const kind of requestKinds) {
      const more = count[kind];
      if (more !== undefined) sum[kind] = (sum[kind] ?? 0) + more;
    }
  }
  return sum;
}
