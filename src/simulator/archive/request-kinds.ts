import type { RequestKind } from '../../domain/queue/request-count.ts';

/** What is counted, here as in `audit --json`, the demo and the metrics. A redirect hop is a request of its own. */
export { type RequestKind, requestKinds } from '../../domain/queue/request-count.ts';

export const writeKinds: readonly RequestKind[] = ['put', 'copy', 'delete'];
