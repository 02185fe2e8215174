import { countReasonKinds, type ReasonKindCount } from '../../../../database/event-queries/index.ts';
import { readOnly } from '../../../../database/read-only.ts';
import type { DashboardParts } from '../../../environment.ts';

/** The failed events that nobody has dismissed, by the kind of reason why they failed last. */
export interface ReasonCounts {
  /** The commonest first. */
  readonly kinds: readonly ReasonKindCount[];
  /** The id down to which events are counted so far; null where all are. */
  readonly countedTo: number | null;
  readonly at: Date;
}

/**
 * Counts page by page beside the requests, and keeps the counts for a while: a hundred thousand failed events take longer
 * than a page may. The first request waits for the first page of events; later ones get what is known by then.
 */
export function reasonCounter(): (parts: DashboardParts) => Promise<ReasonCounts> {
  let known: ReasonCounts | null = null;
  let counting: Promise<ReasonCounts> | null = null;
  return async (parts) => {
    const { reasonSeconds } = parts.config().dashboard;
    const isOld = known === null || Date.now() - known.at.getTime() > reasonSeconds * 1000;
    if (!isOld || (counting !== null && known !== null)) return known!;
    counting ??= count(parts, (counts) => {
      // What is known of all is better than what is known of some.
      if (known === null || known.countedTo !== null || counts.countedTo === null) known = counts;
      if (counts.countedTo === null) counting = null;
    }).catch((error: unknown) => {
      counting = null;
      throw error;
    });
    return known ?? counting;
  };
}

/** @returns the counts after the first page of events; `tell` gets those after each */
async function count(parts: DashboardParts, tell: (counts: ReasonCounts) => void): Promise<ReasonCounts> {
  const kinds = new Map<string, ReasonKindCount>();
  const page = async (before: number | null): Promise<ReasonCounts> => {
    const { scanRows, statementSeconds } = parts.config().dashboard;
    const found = await readOnly(parts.db, statementSeconds, (q) => countReasonKinds(q, { before, limit: scanRows }));
    for (const kind of found.kinds) {
      const earlier = kinds.get(kind.kind);
      kinds.set(kind.kind, earlier === undefined ? kind : { ...earlier, count: earlier.count + kind.count });
    }
    const sorted = [...kinds.values()].sort((one, other) => other.count - one.count || other.newest - one.newest);
    const counts = { kinds: sorted, countedTo: found.next, at: new Date() };
    tell(counts);
    return counts;
  };
  const rest = async (from: number): Promise<void> => {
    for (let before: number | null = from; before !== null;) before = (await page(before)).countedTo;
  };
  const first = await page(null);
  if (first.countedTo !== null) {
    void rest(first.countedTo).catch((error: unknown) => {
      parts.log.warn({ error }, 'failed events were not counted by reason to the end');
      tell({ kinds: [...kinds.values()], countedTo: null, at: new Date(0) });
    });
  }
  return first;
}
