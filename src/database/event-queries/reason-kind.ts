/** Characters of a reason that tell its kind. */
const told = 300;

/**
 * The SQL of a reason without what differs from event to event: moments, numbers of events, MBIDs, file names, ids of
 * requests. A number of up to three digits stays: 404 is not 503.
 */
export const reasonKind = (reason: string): string => `
  regexp_replace(
    regexp_replace(
      lower(left(${reason}, ${told})),
      '[0-9]{4}-[0-9]{2}-[0-9]{2}[t ][0-9:.]+z?|event [0-9]+|[0-9a-z_-]*[0-9][0-9a-z_-]{3,}', '#', 'g'),
    '\\s+', ' ', 'g')`;

/**
 * The longest piece of a kind that stands in every reason of that kind as it is: cheap to look for, so that what can't be
 * of the kind is never taken to pieces.
 */
export function pieceOf(kind: string): string {
  return kind.split(/[# ]/).reduce((longest, piece) => (piece.length > longest.length ? piece : longest), '');
}

/** The SQL of why an event `e` failed last. */
export const lastReason = `(
      select told.failure_reason from artwork_indexer.event_failure_reason told
      where told.event = e.id order by told.created desc limit 1
    )`;
