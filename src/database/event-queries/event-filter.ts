import type { EntityType } from '../../domain/entity.ts';
import type { EventAction, EventState } from '../../domain/queue/indexer-event.ts';
import { lastReason, pieceOf, reasonKind } from './reason-kind.ts';
import { eventsNaming } from './event-sql.ts';

/** Which events a list, a count or a bulk action is about. What is left out doesn't matter; all that is given must hold. */
export interface EventFilter {
  readonly ids?: readonly number[];
  readonly states?: readonly EventState[];
  readonly entityType?: EntityType;
  readonly action?: EventAction;
  /** An MBID that the message names, in any case. */
  readonly gid?: string;
  /** A part of one of its failure reasons, in any case. */
  readonly reason?: string;
  /** The kind of the reason why it failed last, as `reasonKind` has it. */
  readonly alike?: string;
  readonly createdBefore?: Date;
  readonly createdAfter?: Date;
  /** Failed events that a person has dismissed: `hidden` unless told otherwise. */
  readonly dismissed?: 'hidden' | 'only' | 'shown';
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

const stateLiterals: Readonly<Record<EventState, string>> = {
  queued: `'queued'`,
  running: `'running'`,
  failed: `'failed'`,
  completed: `'completed'`,
};

/**
 * The condition on a row `e` of the queue that a filter stands for. States are written out, not parameters: only so can
 * the planner tell that a partial index has them all.
 *
 * @param values the statement's parameters; the filter's are added to them
 */
export function conditionOf(filter: EventFilter, values: unknown[]): string {
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const conditions: string[] = [];
  if (filter.ids) conditions.push(`e.id = any (${parameter(filter.ids)}::bigint[])`);
  if (filter.states) {
    const states = filter.states.map((state) => stateLiterals[state]);
    conditions.push(states.length === 0 ? 'false' : `e.state in (${states.join(', ')})`);
  }
  if (filter.entityType) conditions.push(`e.entity_type = ${parameter(filter.entityType)}`);
  if (filter.action) conditions.push(`e.action = ${parameter(filter.action)}`);
  if (filter.gid !== undefined) {
    conditions.push(`e.id = any (array(${eventsNaming(`${parameter(filter.gid.toLowerCase())}::text`)}))`);
  }
  if (filter.reason !== undefined) conditions.push(hasReason(parameter(filter.reason.toLowerCase())));
  if (filter.alike !== undefined) {
    conditions.push(isAlike(parameter(filter.alike), parameter(pieceOf(filter.alike))));
  }
  if (filter.createdBefore) conditions.push(`e.created < ${parameter(filter.createdBefore)}::timestamptz`);
  if (filter.createdAfter) conditions.push(`e.created >= ${parameter(filter.createdAfter)}::timestamptz`);
  if (filter.dismissed === 'only') conditions.push(isDismissed);
  else if (filter.dismissed !== 'shown') conditions.push(`not ${isDismissed}`);
  return conditions.length === 0 ? 'true' : conditions.join('\n    and ');
}

/**
 * Asked of one event after the other (`offset 0` keeps it from becoming a join): whoever asks it of some thousand would
 * else now and then, as the statistics fall, have the reasons of all events read, row by row of an index.
 */
const hasReason = (part: string): string => `exists (
      select from artwork_indexer.event_failure_reason told
      where told.event = e.id and position(${part}::text in lower(told.failure_reason)) > 0 offset 0)`;

/** In this order: taking a reason to pieces costs much more than looking for one. */
const isAlike = (kind: string, piece: string): string => `(
      select case when position(${piece}::text in lower(reason.last)) = 0 then false
        else ${reasonKind('reason.last')} = ${kind}::text end
      from (select ${lastReason} as last) as reason)`;
