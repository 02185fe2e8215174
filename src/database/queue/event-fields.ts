import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { EventOrigin } from '../../domain/decision/delete-guard.ts';
import { type EventAction, eventActions, type EventState } from '../../domain/queue/indexer-event.ts';
import {
  agesOf,
  doneInBulk,
  entity,
  entityTypeField,
  field,
  type FilterOf,
  oneOf,
  someOf,
  text,
} from '../lists/fields.ts';
import { eventsNaming, isDismissed, isRepair, lastReason, originOf, pieceOf, reasonKind } from './event-sql.ts';

/** In the order in which pages show them. */
export const eventStates = ['failed', 'queued', 'running', 'completed'] as const satisfies readonly EventState[];

const stateLiterals: Readonly<Record<EventState, string>> = {
  queued: `'queued'`,
  running: `'running'`,
  failed: `'failed'`,
  completed: `'completed'`,
};

const originsInWords: Readonly<Record<EventOrigin, string>> = {
  audit: 'that audits ordered',
  requeued: 'that people queued again',
  trigger: 'that triggers queued',
};

/**
 * What events are chosen by, as rows `e` of the queue. States are written out, not parameters: only so can the planner
 * tell that a partial index has them all.
 */
export const eventFields = {
  ids: {
    sql: (ids: readonly number[]) => sql`e.id = any (${ids}::bigint[])`,
  },
  states: field({
    parameter: 'state',
    label: 'State',
    kind: someOf(eventStates),
    help: 'in one of these states',
    isAdjective: true,
    words: (states) => states.join(' or '),
    sql: (states) =>
      states.length === 0 ? sql`false` : sql`e.state in (${join(states.map((state) => raw(stateLiterals[state])))})`,
  }),
  entityType: entityTypeField((entityType) => sql`e.entity_type = ${entityType}`),
  action: field<EventAction>({
    parameter: 'action',
    label: 'Action',
    kind: oneOf(eventActions),
    help: 'with this action',
    words: (action) => `with the action ${action}`,
    sql: (action) => sql`e.action = ${action}`,
  }),
  reason: field({
    parameter: 'reason',
    label: 'Text in a reason',
    kind: text(),
    help: 'with this text in one of the reasons why it failed, in any case',
    words: (part) => `with “${part}” in a reason`,
    sql: (part) => hasReason(part.toLowerCase()),
  }),
  alike: field({
    parameter: 'alike',
    label: 'Kind of reason',
    kind: text(1000),
    help: 'that failed last for a reason of this kind, as the page of failed events by reason links to it',
    isFollowed: true,
    words: (kind) => `that failed last for a reason like “${kind}”`,
    sql: (kind) => isLike(kind, pieceOf(kind)),
  }),
  gid: field({
    parameter: 'mbid',
    label: 'MBID or address',
    kind: entity,
    help: 'about this entity: an MBID, or a MusicBrainz or archive.org address',
    words: (gid) => `that name ${gid}`,
    sql: (gid) => sql`e.id = any (array(${eventsNaming(sql`${gid.toLowerCase()}::text`)}))`,
  }),
  bulk: doneInBulk('e.id', ['requeue_events', 'dismiss_events', 'withdraw_events']),
  origin: field<EventOrigin>({
    parameter: 'origin',
    label: 'Queued by',
    kind: oneOf(['audit', 'trigger', 'requeued']),
    help: 'that an audit ordered, a trigger of MusicBrainz queued, or a person queued again',
    words: (origin) => originsInWords[origin],
    sql: (origin) => (origin === 'audit' ? raw(isRepair('e')) : sql`${raw(originOf)} = ${origin}::text`),
  }),
  check: field({
    parameter: 'check',
    label: 'Ordered for',
    hint: 'index.url',
    kind: text(100),
    help: 'that an audit ordered which found this check',
    words: (check) => `that an audit ordered which found ${check}`,
    sql: (check) => sql`exists (
      select from artwork_reconciler.audit_repair repair join artwork_reconciler.audit on audit.id = repair.audit_id
      where repair.event_id = e.id and audit.findings @> jsonb_build_array(jsonb_build_object('check', ${check}::text)))`,
  }),
  ...agesOf('e.created', 'created'),
  dismissed: field({
    parameter: 'dismissed',
    label: 'Dismissed',
    kind: oneOf(['hidden', 'only', 'shown']),
    none: 'hidden',
    help: 'what about those that were dismissed; hidden by default',
    words: (which) =>
      which === 'only' ? 'that were dismissed' : which === 'shown' ? 'dismissed ones too' : 'none that was dismissed',
    sql: (which) =>
      which === 'only' ? raw(isDismissed) : which === 'shown' ? sql`true` : sql`not ${raw(isDismissed)}`,
    otherwise: sql`not ${raw(isDismissed)}`,
  }),
};

/** Which events a list, a count or a bulk action is about. What is left out doesn't matter; all that is given must hold. */
export type EventFilter = FilterOf<typeof eventFields>;

/**
 * Asked of one event after the other (`offset 0` keeps it from becoming a join): whoever asks it of some thousand would
 * else now and then, as the statistics fall, have the reasons of all events read, row by row of an index.
 */
const hasReason = (part: string): Sql => sql`exists (
      select from artwork_indexer.event_failure_reason told
      where told.event = e.id and position(${part}::text in lower(told.failure_reason)) > 0 offset 0)`;

/** In this order: taking a reason to pieces costs much more than looking for one. */
const isLike = (kind: string, piece: string): Sql => sql`(
      select case when position(${piece}::text in reason.last) = 0 then false
        else ${raw(reasonKind('reason.last'))} = ${kind}::text end
      from (select ${raw(lastReason)} as last) as reason)`;
