/** What the SQL about events has in common: conditions on one row of `artwork_indexer.event_queue`, by its alias. */

/** The clock of the statement, not of its transaction: a claim may have waited for a lock since that began. */
export const clock = 'statement_timestamp()';

/** Attempts after which an event has failed for good (artwork-indexer page). */
export const maxAttempts = 5;

/**
 * Queued or running. Written so that artwork-indexer's own index by state is no way in: right after thousands of rows
 * were queued the planner still takes it for a short one.
 */
export const open = (event: string): string => `${event}.state <> 'completed' and ${event}.state <> 'failed'`;
export const ended = (event: string): string => `${event}.state <> 'queued' and ${event}.state <> 'running'`;

/** The first item an event touches, as the gid it is named after; as the indexes of migration 0004 have it. */
export const item = (event: string): string =>
  `lower(left(case when ${event}.action = 'copy_image' then ${event}.message->>'old_gid' else ${event}.message->>'gid' end, 36))`;

/** The second item that a copy touches. Only to be asked of copies. */
export const target = (event: string): string => `lower(left(${event}.message->>'new_gid', 36))`;

/** Both, with nulls for what there is not; a `noop` touches nothing, whatever its message says. */
export const items = (event: string): string => `
  case ${event}.action
    when 'noop' then '{}'
    when 'copy_image' then array[${item(event)}, ${target(event)}]
    else array[${item(event)}]
  end`;

/** The file that a copy is taken from, or that a deletion deletes. */
export const imageFile = (event: string): string => imageOf(event, item(event));

/** The files that an event writes, deletes or reads. An `index` and a `deindex` are about the same one. */
export const files = (event: string): string => `
  case ${event}.action
    when 'copy_image' then array[${imageFile(event)}, ${imageOf(event, target(event))}]
    when 'delete_image' then array[${imageFile(event)}]
    else array[${item(event)} || '/index.json']
  end`;

const imageOf = (event: string, gid: string): string =>
  `${gid} || '/' || (${event}.message->>'artwork_id') || '.' || (${event}.message->>'suffix')`;

/**
 * Whether an event is not before its next attempt. Nor is a new one before its last change, which operators set to a
 * moment to come to postpone it (artwork-indexer page, "What a worker takes, and when").
 *
 * @param delay the SQL parameter with `[events] attempt_delay_seconds`
 */
export const waited = (event: string, delay: string): string =>
  `${event}.last_updated <= ${clock} - ${event}.attempts * ${delay}::float8 * interval '1 second'`;

/**
 * Whether an event is not before a moment that was stored with it, by the alias of its row of `event_not_before`. A wait
 * that begins later than now was stored before the database's clock was set back, and is none.
 */
export const waits = (waiting: string): string => `${waiting}.until > ${clock} and ${waiting}.since <= ${clock}`;

/**
 * Whether the other daemon took an event and left it: it is `running`, without a claim of ours, for too long.
 *
 * @param minutes the SQL parameter with `[events] foreign_running_minutes`
 */
export const leftRunning = (event: string, minutes: string): string => `
  ${event}.state = 'running' and ${event}.last_updated < clock_timestamp() - ${minutes}::float8 * interval '1 minute'
  and not exists (select from artwork_reconciler.event_claim claim where claim.event = ${event}.id)`;

/**
 * A subquery that gives the events that name a gid, open and ended ones, each once and by its index.
 *
 * @param gid the SQL parameter with the gid in lower case
 * @param columns what is wanted of each, `e`
 * @param only a further condition on `e`
 */
export const eventsNaming = (gid: string, columns = 'e.id', only = 'true'): string =>
  [open, ended]
    .flatMap((state) => [
      `${item('e')} = ${gid} and e.action <> 'noop' and ${state('e')}`,
      `${target('e')} = ${gid} and e.action = 'copy_image' and ${state('e')}`,
    ])
    .map((named) => `select ${columns} from artwork_indexer.event_queue e where ${named} and ${only}`)
    .join('\n    union ');
