/** What is counted, here as in `audit --json`, the demo and the metrics. A redirect hop is a request of its own. */
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

export const writeKinds: readonly RequestKind[] = ['put', 'copy', 'delete'];
