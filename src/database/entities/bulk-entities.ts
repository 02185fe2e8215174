import { inUtc } from '../../domain/brake.ts';
import type { EntityKey } from '../../domain/entity.ts';
import { priorities } from '../../domain/priorities.ts';
import type { Operator } from '../operators/recorded.ts';
import {
  type BulkKind,
  type BulkOutcome,
  type ChoicePage,
  chooseIds,
  type ChosenRow,
  type RowOutcome,
} from '../operators/bulk-kind.ts';
import { entityTargets, readStandIns } from '../operators/by-list.ts';
import type { Queryable, Transaction } from '../connection.ts';
import { clear } from './claims.ts';
import type { AuditStatus } from './count-by-status.ts';
import type { EntityFilter } from './entity-fields.ts';
import { excludeEntities, type Exclusion, exclusionInWords, includeEntities } from './exclusion.ts';
import { entityList } from './list-entities.ts';

/** An entity of a batch, as it is now; its row is locked. */
interface LockedEntity {
  readonly id: number;
  readonly status: AuditStatus;
  readonly priority: number;
  readonly dueAt: Date | null;
  readonly dueCause: string | null;
  readonly lastAuditAt: Date | null;
  readonly review: number | null;
  readonly exclusion: Exclusion | null;
}

/** What is to become of an entity, and what is said of it. */
interface Judged<What extends string> {
  readonly outcome: BulkOutcome;
  readonly what?: What;
  readonly reason?: string;
}

interface Lever<What extends string> {
  readonly judge: (entity: LockedEntity) => Judged<What>;
  /** Does each thing that `judge` wants to those that it wants it for. */
  readonly carryOut: (tx: Transaction, what: What, ids: readonly number[], by: Operator) => Promise<void>;
  /** What becomes of an entity that is no audit entity yet: it is added with this priority, and then done so; or why nothing does. */
  readonly unknown: { readonly priority: number; readonly then?: What } | { readonly reason: string };
}

/** Has entities audited again, each when its turn comes. */
export const recheckInBulk = entitiesInBulk({
  judge: (entity) => judgeRecheck(entity, 0),
  carryOut: (tx, what, ids) => makeAskedDue(tx, what, ids, 0),
  unknown: { priority: priorities.usual },
});

/** Has entities audited before all others but verifications; those that are not known yet are added. */
export const prioritiseInBulk = entitiesInBulk({
  judge: (entity) => judgeRecheck(entity, priorities.asked),
  carryOut: (tx, what, ids) => makeAskedDue(tx, what, ids, priorities.asked),
  unknown: { priority: priorities.asked },
});

/** Leaves entities alone: they are not audited until they are included again. */
export const excludeInBulk = entitiesInBulk({
  judge({ exclusion, status, review }) {
    if (exclusion !== null) return { outcome: 'skipped', reason: `it is excluded already, by ${exclusion.excludedBy}` };
    if (status === 'repair_queue') {
      return { outcome: 'done', what: 'exclude', reason: 'its repairs that are queued are carried out' };
    }
    return { outcome: 'done', what: 'exclude', ...(review !== null && { reason: `review ${review} is closed` }) };
  },
  carryOut: (tx, _what, ids, by) => excludeEntities(tx, ids, by),
  unknown: { priority: priorities.usual, then: 'exclude' },
});

/** Takes that back: they are due now. */
export const includeInBulk = entitiesInBulk({
  judge: ({ exclusion }) =>
    exclusion === null
      ? { outcome: 'skipped', reason: 'it is not excluded' }
      : { outcome: 'done', what: 'include', reason: `it was excluded by ${exclusion.excludedBy}: ${exclusion.note}` },
  carryOut: (tx, _what, ids) => includeEntities(tx, ids),
  unknown: { reason: 'it is not excluded' },
});

/** Waits that nothing but time ends: an audit before would only be released, or see too early what settles. */
const endsByAsking: ReadonlySet<string | null> = new Set(['report_mode', null]);

function judgeRecheck(entity: LockedEntity, priority: number): Judged<'due' | 'raised'> {
  const { status, exclusion, dueAt, dueCause } = entity;
  if (exclusion !== null) return { outcome: 'refused', reason: exclusionInWords(exclusion) };
  if (status === 'audit_in_progress') return { outcome: 'skipped', reason: 'it is being audited now' };
  if (status === 'repair_queue') {
    return { outcome: 'skipped', reason: 'its repairs are in the queue: it is audited once they have ended' };
  }
  if (status === 'manual_review') return { outcome: 'done', what: 'due', reason: reviewStays(entity.review) };
  if (status !== 'unchecked') return { outcome: 'done', what: 'due' };
  const waits = dueAt !== null && !endsByAsking.has(dueCause);
  const when = waits ? `from ${inUtc(dueAt)} on (${dueCause?.replaceAll('_', ' ')})` : 'now';
  if (dueAt !== null && !waits) return { outcome: 'done', what: 'due' };
  if (entity.priority >= priority) return { outcome: 'skipped', reason: `it is due ${when}` };
  return { outcome: 'done', what: 'raised', ...(waits && { reason: `due ${when}` }) };
}

function reviewStays(review: number | null): string {
  return review === null ? 'it waited for a person' : `review ${review} stays open until the audit has decided`;
}

async function makeAskedDue(
  tx: Transaction,
  what: 'due' | 'raised',
  ids: readonly number[],
  priority: number,
): Promise<void> {
  if (what === 'raised') {
    await tx.query(`update artwork_reconciler.audit_entity set priority = $2::smallint where id = any ($1::bigint[])`, [
      ids,
      priority,
    ]);
    return;
  }
  await tx.query(
    `update artwork_reconciler.audit_entity
     set status = 'unchecked', ${clear('due', 'waiting')},
         priority = greatest(priority, $2::smallint)
     where id = any ($1::bigint[])`,
    [ids, priority],
  );
}

function entitiesInBulk<What extends string>(lever: Lever<What>): BulkKind {
  return {
    choose: chooseEntities,
    rowsOf: entityTargets,
    async carryOut(tx, batch) {
      const { rows, actionId } = batch;
      const targets = rows.map(({ target }) => target);
      const standIns = await readStandIns(tx, actionId, targets);
      const ids = await idsOf(tx, standIns);
      const locked = await lockEntities(tx, [...targets.filter((target) => target > 0), ...ids.values()]);
      const outcomes: RowOutcome[] = [];
      const toDo = new Map<What, number[]>();
      const toAdd: { readonly target: number; readonly key: EntityKey }[] = [];
      for (const target of targets) {
        const entity = locked.get(ids.get(target) ?? target);
        const key = standIns.get(target);
        if (entity === undefined) {
          outcomes.push(outcomeOfUnknown(lever, target, key));
          if (key !== undefined && 'priority' in lever.unknown) toAdd.push({ target, key });
          continue;
        }
        const { outcome, what, reason } = lever.judge(entity);
        if (outcome === 'done')
          toDo
            .set(what!, toDo.get(what!) ?? [])
            .get(what!)!
            .push(entity.id);
        outcomes.push({
          target,
          outcome,
          ...(reason !== undefined && { reason }),
          ...(outcome === 'done' && { before: stateOf(entity) }),
        });
      }
      if (!batch.dryRun) await carryOut(tx, lever, { toDo, keys: toAdd.map(({ key }) => key), by: batch.by });
      return outcomes;
    },
  };
}

function outcomeOfUnknown<What extends string>(
  { unknown }: Lever<What>,
  target: number,
  key: EntityKey | undefined,
): RowOutcome {
  if (key === undefined) return { target, outcome: 'refused', reason: `there is no entity ${target}` };
  if ('reason' in unknown) return { target, outcome: 'refused', reason: unknown.reason };
  return { target, outcome: 'done', reason: 'it is new', before: { ...key, is_new: true } };
}

/** What it was, to be put back by whoever undoes it. */
function stateOf({ id, status, priority, dueAt, dueCause, lastAuditAt, review, exclusion }: LockedEntity): unknown {
  return {
    entity: id,
    status,
    priority,
    due_at: dueAt,
    due_cause: dueCause,
    last_audit_at: lastAuditAt,
    review,
    ...(exclusion !== null && {
      excluded_at: exclusion.excludedAt,
      excluded_by: exclusion.excludedBy,
      excluded_note: exclusion.note,
    }),
  };
}

async function carryOut<What extends string>(
  tx: Transaction,
  lever: Lever<What>,
  {
    toDo,
    keys,
    by,
  }: {
    readonly toDo: ReadonlyMap<What, readonly number[]>;
    readonly keys: readonly EntityKey[];
    readonly by: Operator;
  },
): Promise<void> {
  for (const [what, ids] of toDo) await lever.carryOut(tx, what, ids, by);
  if (keys.length === 0 || !('priority' in lever.unknown)) return;
  // Whoever adds one of them at this moment is waited for; it then has at least this priority.
  const { rows } = await tx.query<{ id: number }>(
    `insert into artwork_reconciler.audit_entity as entity (entity_type, gid, priority)
     select entity_type::artwork_indexer.indexable_entity_type, gid, $3
     from unnest($1::text[], $2::uuid[]) as asked (entity_type, gid) order by gid
     on conflict (entity_type, gid) do update set priority = greatest(entity.priority, excluded.priority)
     returning id`,
    [keys.map(({ entityType }) => entityType), keys.map(({ gid }) => gid), lever.unknown.priority],
  );
  const { then } = lever.unknown;
  const added = rows.map(({ id }) => id);
  if (then !== undefined) await lever.carryOut(tx, then, added, by);
}

/** The audit entities that stand-ins are by now. */
async function idsOf(q: Queryable, standIns: ReadonlyMap<number, EntityKey>): Promise<ReadonlyMap<number, number>> {
  const found = await entityTargets(q, [...standIns.values()]);
  return new Map(
    [...standIns.keys()].flatMap((target, n) => {
      const now = found[n]!;
      return 'target' in now && now.target > 0 ? [[target, now.target]] : [];
    }),
  );
}

async function lockEntities(tx: Transaction, ids: readonly number[]): Promise<ReadonlyMap<number, LockedEntity>> {
  const { rows } = await tx.query<
    Omit<LockedEntity, 'exclusion'> & { readonly [Key in keyof Exclusion]: Exclusion[Key] | null }
  >(
    `select entity.id, entity.status::text, entity.priority, entity.due_at as "dueAt", entity.due_cause as "dueCause",
       entity.last_audit_at as "lastAuditAt",
       (select review.id from artwork_reconciler.needs_manual_review review
        where review.audit_entity_id = entity.id and review.status = 'open') as review,
       exclusion.excluded_at as "excludedAt", exclusion.excluded_by as "excludedBy", exclusion.note
     from artwork_reconciler.audit_entity entity
     left join artwork_reconciler.exclusion on exclusion.audit_entity_id = entity.id
     where entity.id = any ($1::bigint[])
     order by entity.id
     for update of entity`,
    [ids],
  );
  return new Map(
    rows.map(({ excludedAt, excludedBy, note, ...entity }) => [
      entity.id,
      {
        ...entity,
        exclusion: excludedAt === null ? null : { excludedAt, excludedBy: excludedBy ?? '', note: note ?? '' },
      },
    ]),
  );
}

/** Chosen in the list's order, page by page; or by ids. */
export async function chooseEntities(
  tx: Transaction,
  selection: unknown,
  page: ChoicePage,
): Promise<{ readonly rows: readonly ChosenRow[]; readonly next: unknown }> {
  const { ids, next } = await chooseIds(tx, entityList, selection as EntityFilter, page);
  return { rows: ids.map(inOrder), next };
}

/** Any order does: each is done alone. */
const inOrder = (id: number): ChosenRow => ({ target: id, place: '1970-01-01T00:00:00Z' });
