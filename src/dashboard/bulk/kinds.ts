import { z } from 'zod';
import { readStatesNow } from '../../database/bulk-actions/list-bulk-rows.ts';
import { readRecordedAction, type UndoFilter } from '../../database/operators/recorded.ts';
import type { BulkKindName } from '../../database/bulk-actions/kinds.ts';
import { type EntityFilter } from '../../database/entities/entity-fields.ts';
import { entityList } from '../../database/entities/list-entities.ts';
import { handedOverTo } from '../../database/entities/hand-over.ts';
import { operatorActionList } from '../../database/bulk-actions/operator-actions.ts';
import { readList } from '../../database/lists/list.ts';
import type { EventFilter } from '../../database/queue/event-fields.ts';
import { eventList } from '../../database/queue/list-events.ts';
import { reviewList } from '../../database/reviews/list-reviews.ts';
import type { ReviewFilter } from '../../database/reviews/review-fields.ts';
import { describeMessage } from '../../wording/events.ts';
import { filterInWords } from '../../wording/lists.ts';
import { nameInWords, shortened } from '../../wording/text.ts';
import { entityPath } from '../layout/inline.tsx';
import { frontOf, pictureOfEvent } from '../layout/thumbnail.tsx';
import { choice, filterOf, freeText, readFields } from '../forms/parameters.ts';
import { pictureOfReview, reviewTitle } from '../layout/review-title.ts';
import { badField } from '../refusals.ts';
import type { BulkPage } from './bulk-page.ts';

const events = {
  one: 'event',
  many: 'events',
  section: '/events',
  list: eventList,
  needsNote: false,
  filterInWords: (filter) => filterInWords(eventList, { ...eventList.standard, ...(filter as EventFilter) }),
  targetPath: (id) => `/events/${id}`,
  statesNow: (q, id) => readStatesNow(q, id, { of: 'events', states: 'state' }),
  nowPath: (bulk, state) => `/events?${new URLSearchParams({ state, dismissed: 'shown', bulk }).toString()}`,
  async nameTargets(q, ids) {
    const { rows: found } = await readList(
      q,
      eventList,
      { ids, dismissed: 'shown' },
      { limit: ids.length, look: ids.length + 1 },
    );
    return new Map(
      found.map((event) => {
        const { id, state, entityType, action, message, name } = event;
        const known = {
          title: name ? `${nameInWords(name)} — ${action.replace('_', ' ')}` : `event ${id}`,
          detail: `event ${id}: ${entityType} ${action} ${describeMessage(message)}`,
          picture: pictureOfEvent(event),
          state,
        };
        return [id, known];
      }),
    );
  },
} as const satisfies Partial<BulkPage>;

/** The filter of what is done to failed events. @throws {Refusal} 400, also where it chooses others */
function failedEvents(texts: ReadonlyMap<string, readonly string[]>): EventFilter {
  const filter = filterOf(eventList, texts);
  if (filter.states?.join() === 'failed') return filter;
  throw badField('scope', 'state takes failed here: of what matches, only failed events are requeued or dismissed');
}

const requeueEventsPage: BulkPage = {
  ...events,
  selectionOf: failedEvents,
  verb: 'Requeue',
  done: 'queued again',
  along: 'failed because of one of them and go along',
};

const dismissEventsPage: BulkPage = { ...events, selectionOf: failedEvents, verb: 'Dismiss', done: 'dismissed' };

/** The filter of what is taken out of the queue. @throws {Refusal} 400, also where it chooses others */
function queuedEvents(texts: ReadonlyMap<string, readonly string[]>): EventFilter {
  const filter = filterOf(eventList, texts);
  if (filter.states?.join() === 'queued') return filter;
  throw badField(
    'scope',
    'state takes queued here: of what matches, only queued events that audits ordered are withdrawn',
  );
}

const withdrawEventsPage: BulkPage = {
  ...events,
  selectionOf: queuedEvents,
  verb: 'Withdraw',
  done: 'withdrawn',
  along: 'belong to the same repairs and go along',
};

const reviews = {
  one: 'review',
  many: 'reviews',
  section: '/reviews',
  list: reviewList,
  selectionOf: (texts) => filterOf(reviewList, texts),
  needsNote: true,
  filterInWords: (filter) => filterInWords(reviewList, filter as ReviewFilter),
  targetPath: (id) => `/reviews/${id}`,
  statesNow: (q, id) => readStatesNow(q, id, { of: 'reviews', states: 'status' }),
  nowPath: (bulk, status) => `/reviews?${new URLSearchParams({ status, handed_over: 'shown', bulk }).toString()}`,
  async nameTargets(q, ids) {
    const { rows } = await readList(
      q,
      reviewList,
      { ids, handedOver: 'shown' },
      { limit: ids.length, look: ids.length + 1 },
    );
    return new Map(
      rows.map((review) => {
        const { id, status, entityType, gid, reviewReason, name } = review;
        const known = {
          title: reviewTitle(review, name),
          detail: `review ${id}: ${entityType} ${gid}: ${shortened(reviewReason)}`,
          picture: pictureOfReview(review, name),
          state: status,
        };
        return [id, known];
      }),
    );
  },
} as const satisfies Partial<BulkPage>;

const resolveReviewsPage: BulkPage = {
  ...reviews,
  verb: 'Resolve',
  done: 'resolved',
  byList: 'the open reviews of these entities: they were seen to',
};
const recheckReviewsPage: BulkPage = {
  ...reviews,
  verb: 'Audit again',
  done: 'to be audited again',
  byList:
    'the entities of these open reviews are audited again: a review of which nothing is found any more closes automatically, the others stay open',
};
const wontFixReviewsPage: BulkPage = {
  ...reviews,
  verb: 'Won’t fix',
  done: 'left as it is',
  byList: 'the open reviews of these entities: they shall stay as they are',
};
const handOverFields = {
  to: choice(handedOverTo).describe('Who can act on it'),
  ticket: freeText(200).describe('Where it was reported, e.g. the number of a ticket'),
};

const handOverReviewsPage: BulkPage = {
  ...reviews,
  needsNote: false,
  verb: 'Hand over',
  done: 'handed over',
  byList:
    'the open reviews of these entities: others see to them, and they are out of the list until an audit finds them gone',
  told: {
    shape: handOverFields,
    read(c, texts) {
      const { to, ticket } = readFields(texts, z.object(handOverFields));
      if (to === undefined) throw badField('to', `to takes one of ${handedOverTo.join(', ')}; it got nothing`);
      const days = c.var.parts.config().audit.handedOverDays;
      return { handOver: { to, days, ...(ticket !== undefined && { ticket }) } };
    },
  },
};
const takeBackReviewsPage: BulkPage = {
  ...reviews,
  needsNote: false,
  verb: 'Take back',
  done: 'taken back',
  byList: 'the open reviews of these entities, which were handed over: they are in the list again',
};
const reopenReviewsPage: BulkPage = { ...reviews, verb: 'Reopen', done: 'reopened' };

const entities = {
  one: 'entity',
  many: 'entities',
  section: '/entities',
  list: entityList,
  selectionOf: (texts) => filterOf(entityList, texts),
  needsNote: false,
  filterInWords: (filter) => filterInWords(entityList, filter as EntityFilter),
  // The address of one takes its kind and MBID: the list has it.
  targetPath: () => '/entities',
  statesNow: (q, id) => readStatesNow(q, id, { of: 'entities', states: 'status' }),
  nowPath: (bulk, status) => `/entities?${new URLSearchParams({ status, bulk }).toString()}`,
  async nameTargets(q, ids) {
    const { rows } = await readList(q, entityList, { ids }, { limit: ids.length, look: ids.length + 1 });
    return new Map(
      rows.map((entity) => [
        entity.id,
        {
          title: entity.name ? nameInWords(entity.name) : `${entity.entityType} without a name`,
          detail: `${entity.entityType} ${entity.gid}`,
          picture: frontOf(entity, entity.name),
          path: entityPath(entity),
          state: entity.status,
        },
      ]),
    );
  },
} as const satisfies Partial<BulkPage>;

const recheckEntitiesPage: BulkPage = { ...entities, verb: 'Audit again', done: 'due again' };
const prioritiseEntitiesPage: BulkPage = {
  ...entities,
  verb: 'Prioritise',
  done: 'prioritised',
  byList: 'they are audited before others; clean ones are due again, and new ones are added',
};
const excludeEntitiesPage: BulkPage = {
  ...entities,
  verb: 'Exclude',
  done: 'excluded',
  needsNote: true,
  byList: 'they are not audited until they are included again; events of MusicBrainz are carried out as ever',
};
const includeEntitiesPage: BulkPage = {
  ...entities,
  verb: 'Include',
  done: 'included again',
  byList: 'takes an exclusion back: they are due now',
};
const indexEntitiesPage: BulkPage = {
  ...entities,
  verb: 'Index',
  done: 'queued to be indexed',
  byList: 'index.json and XML are uploaded again',
};

/** What undoes a recorded action: begun from the record, with no filter of its own. */
const undo = {
  verb: 'Undo',
  done: 'as they were before',
  needsNote: false,
  selectionOf: null,
  filterInWords: (filter) => `what action ${(filter as UndoFilter).action} of the record did`,
} as const satisfies Partial<BulkPage>;

/** Changes of pace, mode, pauses and windows, by their records. */
const settings = {
  one: 'setting',
  many: 'settings',
  section: '/record',
  list: operatorActionList,
  targetPath: () => '/schedule',
  statesNow: async () => [],
  nowPath: () => '/schedule',
  async nameTargets(q, ids) {
    const named = await Promise.all(ids.map((id) => readRecordedAction(q, id)));
    return new Map(
      named.flatMap((action) => {
        if (action === null) return [];
        const { id, kind, target, actor } = action;
        const title = `${kind.replaceAll('_', ' ')}: ${target.replaceAll('_', ' ')}`;
        return [[id, { title, detail: `action ${id}, by ${actor}`, picture: null, state: '' }] as const];
      }),
    );
  },
} as const satisfies Partial<BulkPage>;

/** The kinds that people begin, with their words. */
export const bulkPages = {
  requeue_events: requeueEventsPage,
  dismiss_events: dismissEventsPage,
  withdraw_events: withdrawEventsPage,
  resolve_reviews: resolveReviewsPage,
  wont_fix_reviews: wontFixReviewsPage,
  reopen_reviews: reopenReviewsPage,
  hand_over_reviews: handOverReviewsPage,
  take_back_reviews: takeBackReviewsPage,
  recheck_reviews: recheckReviewsPage,
  undo_events: { ...events, ...undo },
  undo_reviews: { ...reviews, ...undo },
  undo_entities: { ...entities, ...undo },
  undo_settings: { ...settings, ...undo },
  recheck_entities: recheckEntitiesPage,
  prioritise_entities: prioritiseEntitiesPage,
  exclude_entities: excludeEntitiesPage,
  include_entities: includeEntitiesPage,
  index_entities: indexEntitiesPage,
} as const satisfies Readonly<Record<BulkKindName, BulkPage>>;

/** What can be done to what a list names. */
export const listedKinds = Object.entries(bulkPages as Readonly<Record<BulkKindName, BulkPage>>).flatMap(
  ([kind, page]) => (page.byList === undefined ? [] : [{ kind: kind as BulkKindName, page, words: page.byList }]),
);

/** What everything that a filter matches is, for a kind that can be begun so. @throws {Refusal} 400 */
export function chosenBy(kind: BulkKindName, texts: ReadonlyMap<string, readonly string[]>): object {
  const page: BulkPage = bulkPages[kind];
  return page.selectionOf?.(texts) ?? {};
}

/** Null for what only a newer version knows. */
export function bulkPageOf(kind: string): BulkPage | null {
  return Object.hasOwn(bulkPages, kind) ? bulkPages[kind as BulkKindName] : null;
}
