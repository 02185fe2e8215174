import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { Config } from '../../config/config.ts';
import { projectTable } from '../entity-types.ts';

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

/** For how long an event waits before its next attempt: as an interval, from its last change. */
export const delayOf = (event: string, { events }: EventSettings): Sql =>
  sql`${raw(event)}.attempts * make_interval(secs => ${events.attemptDelaySeconds})`;

/**
 * Whether an event's next attempt is not due yet. Nor is a new one before its last change, which operators set to a
 * moment to come to postpone it (artwork-indexer page, "What a worker takes, and when").
 */
export const waited = (event: string, settings: EventSettings): Sql =>
  sql`${raw(event)}.last_updated <= ${raw(clock)} - ${delayOf(event, settings)}`;

/**
 * Whether an event is not due until a moment that was stored with it, by the alias of its row of `event_not_before`. A wait
 * that begins later than now was stored before the database's clock was set back, and is none.
 */
export const waits = (waiting: string): string => `${waiting}.until > ${clock} and ${waiting}.since <= ${clock}`;

/**
 * Whether the other daemon took an event and left it: it is `running`, without a claim of ours, for too long.
 *
 * @param minutes `[events] foreign_running_minutes`
 */
export function leftRunning(alias: string, minutes: number): Sql {
  const event = raw(alias);
  return sql`
    ${event}.state = 'running' and ${event}.last_updated < clock_timestamp() - make_interval(secs => ${minutes * 60})
    and not exists (select from artwork_reconciler.event_claim claim where claim.event = ${event}.id)`;
}

/** Who wrote an event `e`; `trigger` also stands for any other writer. */
export const originOf = `coalesce((
    select origin.origin from artwork_reconciler.event_origin origin where origin.event = e.id), 'trigger')`;

/** Whether an audit ordered an event. One that a trigger had queued already stays the trigger's. */
export const isRepair = (event: string): string => `exists (
    select from artwork_reconciler.event_origin origin where origin.event = ${event}.id and origin.origin = 'audit')`;

/** Pauses of repairs that are on: a subquery of `entity_type` and `reason`. */
export const pausesOfRepairs = `
    select project.entity_type, brake.reason from ${projectTable}
    join artwork_reconciler.brake on brake.name in ('repairs_paused', 'repairs_paused_' || project.name)`;

/** Whether an event is of an entity type whose repairs are paused: the pauses are read once, not with each row. */
export const isOfPausedType = (event: string): string =>
  `${event}.entity_type = any (array(select pause.entity_type from (${pausesOfRepairs}) as pause))`;

/** Whether an event is kept from being started by `repairs pause`. */
export const isHeld = (event: string): string => `(${isOfPausedType(event)} and ${isRepair(event)})`;

/**
 * A subquery that gives the events that name a gid, open and ended ones, each once and by its index.
 *
 * @param gid a text: the gid in lower case
 * @param columns what is wanted of each, `e`
 * @param only a further condition on `e`
 */
export function eventsNaming(gid: Sql, columns = 'e.id', only = 'true'): Sql {
  const named = [open, ended].flatMap((state) => [
    sql`${raw(item('e'))} = ${gid} and e.action <> 'noop' and ${raw(state('e'))}`,
    sql`${raw(target('e'))} = ${gid} and e.action = 'copy_image' and ${raw(state('e'))}`,
  ]);
  return join(
    named.map((each) => sql`select ${raw(columns)} from artwork_indexer.event_queue e where ${each} and ${raw(only)}`),
    '\n    union ',
  );
}

/** Whether a failed event is dismissed: by a person, and not failed again since. */
export const isDismissed = `exists (
    select from artwork_reconciler.event_dismissal dismissal
    where dismissal.event = e.id and dismissal.last_updated = e.last_updated)`;

/**
 * What of an event is another text after each change of it, a dismissal included: whoever decides about it names the one
 * that they saw. Null where there is no event.
 */
export const eventVersion = `e.last_updated::text || coalesce((
    select ' dismissed ' || dismissal.at::text from artwork_reconciler.event_dismissal dismissal
    where dismissal.event = e.id and dismissal.last_updated = e.last_updated), '')`;

/** Characters of a reason that tell its kind. */
const told = 1000;

/** What differs from event to event in a reason: addresses, moments, MBIDs with what is named after them, other names and
 * numbers with a digit. A number of up to three digits stays: 404 is not 503. */
const variable = [
  'https?://[^[:space:],)]*[^[:space:],):.]',
  '[0-9]{4}-[0-9]{2}-[0-9]{2}[tT ][0-9:.]+[zZ]?',
  '(mbid-)?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(-[0-9]+)?(_[0-9a-z_]+)?([.][a-z]{3,4})?',
  '[0-9a-zA-Z_-]*[0-9][0-9a-zA-Z_-]{3,}([.][a-z]{3,4})?',
].join('|');

/**
 * The SQL of a reason without what differs from event to event, and without the request that it names: of S3's error
 * documents status, code and message (`readReason`, domain/queue/failure-reason.ts, in SQL).
 */
export const reasonKind = (reason: string): string => `
  regexp_replace(
    regexp_replace(
      regexp_replace(
        case when position('<Code>' in left(${reason}, ${told})) > 0
          then concat('HTTP ', substring(${reason} from 'HTTP ([0-9]{3})'), ' ', substring(${reason} from '<Code>\\s*([^<[:space:]]*)'),
            ': ' || rtrim(substring(${reason} from '<Message>([^<]*)'), '. '))
          else regexp_replace(left(${reason}, ${told}), ' \\((DELETE|GET|PUT) [^()]*\\)', '')
        end,
        '${variable}', '…', 'g'),
      '\\mevent [0-9]+', 'event …', 'g'),
    '\\s+', ' ', 'g')`;

/**
 * The longest word of a kind that stands in every reason of that kind as it is: cheap to look for, so that what can't be
 * of the kind is never taken to pieces.
 */
export function pieceOf(kind: string): string {
  return kind.split(/[^A-Za-z]+/).reduce((longest, piece) => (piece.length > longest.length ? piece : longest), '');
}

/** The SQL of why an event `e` failed last. */
export const lastReason = `(
      select told.failure_reason from artwork_indexer.event_failure_reason told
      where told.event = e.id order by told.created desc limit 1
    )`;

/** What of the configuration the queue's rules depend on. */
export interface EventSettings {
  readonly events: Pick<Config['events'], 'attemptDelaySeconds' | 'foreignRunningMinutes'>;
}

/** What, beside them, is needed where an event ends and its entities are made due. */
export interface EndSettings extends EventSettings {
  readonly audit: Pick<Config['audit'], 'recentDays' | 'settleMinutes'>;
}
