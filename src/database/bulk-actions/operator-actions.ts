import sql, { empty } from 'sql-template-tag';
import { type EntityKey, entityTypes, isMbid } from '../../domain/entity.ts';
import { howToUndo } from './undo.ts';
import type { Queryable } from '../connection.ts';
import { type EntityName, readEntityNames } from '../musicbrainz/entity-kinds.ts';
import { eventList, type ListedEvent } from '../queue/list-events.ts';
import { reviewList } from '../reviews/list-reviews.ts';
import type { Review } from '../reviews/reviews.ts';
import { parseRowId } from '../row-id.ts';
import { age, ago, conditionOf, field, text } from '../lists/fields.ts';
import { type List, readList } from '../lists/list.ts';
import type { WalkedList } from '../lists/walk.ts';

/** A row of `artwork_reconciler.operator_action`. */
export interface OperatorAction {
  readonly id: number;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  /** What it was done to, e.g. `review 7`, `event 12`, `3 events`, `breaker`, `pace`. */
  readonly target: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly note: string | null;
  /** Of rows of a list: what the target is, as it is now; null where it is no entity, event or review, or is gone. */
  readonly subject?: Subject | null;
}

/** What a target names. */
type Subject =
  | { readonly kind: 'entity'; readonly entity: EntityKey; readonly name: EntityName | null }
  | { readonly kind: 'indexer_event'; readonly event: ListedEvent }
  | { readonly kind: 'review'; readonly review: Review };

/** What people call the entity that was acted on, or whose event or review was. */
export function nameOfSubject(subject: Subject | null | undefined): EntityName | null {
  if (!subject) return null;
  switch (subject.kind) {
    case 'entity':
      return subject.name;
    case 'indexer_event':
      return subject.event.name ?? null;
    case 'review':
      return subject.review.name ?? null;
  }
}

/** The entity that a target is, e.g. `release 1a0b…`; null where it is something else. */
function entityIn(target: string): EntityKey | null {
  const [kind, gid, ...more] = target.split(' ');
  const entityType = entityTypes.find((known) => known === kind);
  return entityType !== undefined && isMbid(gid) && more.length === 0 ? { entityType, gid } : null;
}

/** The id in a target of this kind, e.g. of `review 7`; null where it is something else. */
function idIn(target: string, kind: string): number | null {
  const [named, digits = '', ...more] = target.split(' ');
  return named === kind && more.length === 0 ? parseRowId(digits) : null;
}

/** The same rows with what their targets are; a statement or two for each kind of targets, and none where there are none. */
async function withSubjects(q: Queryable, rows: readonly OperatorAction[]): Promise<readonly OperatorAction[]> {
  const all = <Value>(of: (target: string) => Value | null): Value[] => rows.flatMap(({ target }) => of(target) ?? []);
  const [keys, eventIds, reviewIds] = [
    all(entityIn),
    all((target) => idIn(target, eventList.one)),
    all((target) => idIn(target, reviewList.one)),
  ];
  const page = (ids: readonly number[]) => ({ limit: ids.length, look: ids.length + 1 });
  const names = await readEntityNames(q, keys);
  const events =
    eventIds.length === 0
      ? []
      : (await readList(q, eventList, { ids: eventIds, dismissed: 'shown' }, page(eventIds))).rows;
  const reviews =
    reviewIds.length === 0
      ? []
      : (await readList(q, reviewList, { ids: reviewIds, handedOver: 'shown' }, page(reviewIds))).rows;
  const subjectOf = (target: string): Subject | null => {
    const entity = entityIn(target);
    if (entity !== null) return { kind: 'entity', entity, name: names.get(entity.gid) ?? null };
    const event = events.find(({ id }) => id === idIn(target, eventList.one));
    if (event) return { kind: 'indexer_event', event };
    const review = reviews.find(({ id }) => id === idIn(target, reviewList.one));
    return review ? { kind: 'review', review } : null;
  };
  return rows.map((row) => ({ ...row, subject: subjectOf(row.target) }));
}

const fields = {
  /** One of these, to the letter: what the page of an entity asks for, its reviews and events among them. */
  targets: {
    sql: (targets: readonly string[]) => sql`record.target = any (${targets}::text[])`,
  },
  actor: field({
    parameter: 'actor',
    label: 'Who',
    kind: text(),
    help: 'by this person',
    words: (actor) => `by ${actor}`,
    sql: (actor) => sql`record.actor = ${actor}`,
  }),
  action: field({
    parameter: 'action',
    label: 'What',
    kind: text(),
    none: 'anything',
    choiceInWords: (action) => action,
    help: 'of this kind, e.g. `set pace`',
    words: (action) => `of the kind “${action}”`,
    sql: (action) => sql`record.action = ${action}`,
  }),
  target: field({
    parameter: 'target',
    label: 'On',
    hint: 'review 7',
    kind: text(),
    help: 'on what has this text in its name, in any case',
    words: (part) => `on “${part}”`,
    sql: (part) => sql`position(lower(${part}) in lower(record.target)) > 0`,
  }),
  newerThan: field({
    parameter: 'newer',
    flag: 'newer-than',
    label: 'Newer than',
    hint: '3d',
    kind: age,
    help: 'done since, e.g. 90m, 12h or 3d',
    words: (seconds, say) => `of the last ${say.age(seconds)}`,
    sql: (seconds) => sql`record.at >= ${ago(seconds)}`,
  }),
};

/** What to do instead of undoing it; null where it can be undone. */
function insteadOfUndo({ action, target }: OperatorAction): string | null {
  const how = howToUndo(action, target);
  return 'instead' in how ? how.instead : null;
}

/** What people did, the newest first. */
export const operatorActionList: List<OperatorAction, typeof fields> = {
  name: 'operator-record',
  one: 'record',
  many: 'records',
  order: 'the newest first',
  fields,
  standard: {},
  columns: [
    { name: 'id', value: ({ id }) => id },
    { name: 'at', value: ({ at }) => at },
    { name: 'actor', value: ({ actor }) => actor },
    { name: 'action', value: ({ action }) => action },
    { name: 'target', value: ({ target }) => target },
    { name: 'name', value: ({ subject }) => nameOfSubject(subject)?.name ?? null },
    { name: 'artist', value: ({ subject }) => nameOfSubject(subject)?.artist ?? null },
    { name: 'before', value: ({ before }) => before },
    { name: 'after', value: ({ after }) => after },
    { name: 'note', value: ({ note }) => note },
    { name: 'can_be_undone', value: ({ action, target }) => 'kind' in howToUndo(action, target) },
    { name: 'instead_of_undo', value: (row) => insteadOfUndo(row) },
  ],
  table: 'artwork_reconciler.operator_action record',
  id: 'record.id',
  complete: withSubjects,
  /** By the primary key; targets that are named, and moments, have an index of their own. */
  walk(_q, filter): WalkedList {
    const { targets, newerThan, ...others } = filter;
    const indexed = { ...(targets && { targets }), ...(newerThan !== undefined && { newerThan }) };
    return {
      walk: {
        alias: 'record',
        from: sql`artwork_reconciler.operator_action record`,
        where: conditionOf(fields, indexed),
        order: [{ sql: 'record.id', type: 'bigint', direction: 'desc' }],
      },
      join: { filter: empty, columns: empty },
      columns: sql`record.id, record.at, record.actor, record.action, record.target, record.before, record.after, record.note`,
      filter: conditionOf(fields, others),
    };
  },
};

/** What was recorded last of these targets, by their names to the letter, the newest first. */
export async function readActionsOn(
  q: Queryable,
  targets: readonly string[],
  limit: number,
): Promise<readonly OperatorAction[]> {
  return (await readList(q, operatorActionList, { targets }, { limit, look: limit + 1 })).rows;
}

/** What somebody wrote last about closing or reopening a review, among the newest records; null where nothing. */
export async function readLastReviewNote(q: Queryable, actor: string): Promise<string | null> {
  const { rows } = await q.query<{ note: string }>(
    `select note
     from (select actor, action, note, id from artwork_reconciler.operator_action order by id desc limit 1000) newest
     where actor = $1 and note is not null and action in ('resolve review', 'wont fix review')
     order by id desc limit 1`,
    [actor],
  );
  return rows[0]?.note ?? null;
}

/** The actions of the newest records, to choose from. */
export async function recentActions(q: Queryable): Promise<readonly string[]> {
  const { rows } = await q.query<{ action: string }>(
    `select distinct action
     from (select action from artwork_reconciler.operator_action order by id desc limit 5000) newest
     order by action`,
  );
  return rows.map(({ action }) => action);
}
