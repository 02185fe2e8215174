import type { Config } from '../../config/config.ts';
import type { EntityType } from '../../domain/entity.ts';
import { entityTypeLiterals } from '../entity-types.ts';
import { countOrEstimate } from '../lists/walk.ts';
import type { Operator } from '../operators/recorded.ts';
import type { Database, Queryable } from '../connection.ts';

/** Audits an hour, or a day. */
export type PaceOrder = { readonly perDay: number } | { readonly perHour: number };

/** The pace in force, and who says so. */
export interface Pace {
  readonly perHour: number;
  readonly source: 'configuration' | 'operator';
  /** Null where the configuration says so. */
  readonly setBy: string | null;
  readonly setAt: Date | null;
}

/** The pace that an operator set, else the configuration's. */
export async function readPace(q: Queryable, config: Pick<Config, 'audit'>): Promise<Pace> {
  const { rows } = await q.query<SetPace>(
    'select set_per_hour as "setPerHour", set_per_day as "setPerDay", set_by as "setBy", set_at as "setAt" from artwork_reconciler.pace',
  );
  const set = rows[0];
  const perHour = set === undefined ? null : hourly(set.setPerHour, set.setPerDay);
  if (set === undefined || perHour === null) {
    return {
      perHour: hourly(config.audit.perHour, config.audit.perDay) ?? 0,
      source: 'configuration',
      setBy: null,
      setAt: null,
    };
  }
  return { perHour, source: 'operator', setBy: set.setBy, setAt: set.setAt };
}

/** A pace that an operator set for one entity type alone: the pace of all is for the others then. */
export interface OwnPace extends Pace {
  readonly entityType: EntityType;
  /** Audits that are owed of it: what the pace has come to at its last tick. */
  readonly owed: number;
}

/** The entity types with a pace of their own, by name. */
export async function readOwnPaces(q: Queryable): Promise<readonly OwnPace[]> {
  const { rows } = await q.query<Omit<OwnPace, 'perHour' | 'source'> & Pick<SetPace, 'setPerDay' | 'setPerHour'>>(
    `select entity_type as "entityType", owed, set_per_hour as "setPerHour", set_per_day as "setPerDay",
       set_by as "setBy", set_at as "setAt"
     from artwork_reconciler.own_pace order by entity_type`,
  );
  return rows.map(({ setPerHour, setPerDay, ...own }) => ({
    ...own,
    perHour: hourly(setPerHour, setPerDay) ?? 0,
    source: 'operator',
  }));
}

/**
 * Sets the pace, over restarts and over whatever the file says, until `clearPace`.
 *
 * @param entityType whose audits get a pace of their own; otherwise it is for all that have none
 * @throws {RangeError} where it is not a number above 0; to stop audits there is a pause.
 */
export async function setPace(
  q: Queryable,
  order: PaceOrder,
  by: Operator,
  entityType: EntityType | null = null,
): Promise<void> {
  const perHour = 'perHour' in order ? order.perHour : null;
  const perDay = 'perDay' in order ? order.perDay : null;
  const number = perHour ?? perDay ?? NaN;
  if (!(number > 0 && Number.isFinite(number))) {
    throw new RangeError(
      `the pace is ${number}: expected a number above 0; the pace stays as it was (to stop audits, pause them)`,
    );
  }
  if (entityType === null) await writePace(q, { perHour, perDay }, 'set pace', by);
  else await writeOwnPace(q, { entityType, perHour, perDay }, by);
}

/** Lets the file's pace count again; of an entity type, the pace of all. */
export async function clearPace(q: Queryable, by: Operator, entityType: EntityType | null = null): Promise<void> {
  if (entityType === null) await writePace(q, { perHour: null, perDay: null }, 'clear pace', by);
  else await clearOwnPace(q, entityType, by);
}

interface SetPace {
  readonly setPerHour: number | null;
  readonly setPerDay: number | null;
  readonly setBy: string | null;
  readonly setAt: Date | null;
}

function hourly(perHour: number | null | undefined, perDay: number | null | undefined): number | null {
  if (typeof perHour === 'number') return perHour;
  return typeof perDay === 'number' ? perDay / 24 : null;
}

/** Setting what is set already changes and records nothing. */
async function writePace(
  q: Queryable,
  pace: { readonly perHour: number | null; readonly perDay: number | null },
  action: string,
  by: Operator,
): Promise<void> {
  await q.query(
    `with former as (
       select set_per_hour, set_per_day from artwork_reconciler.pace
       where (set_per_hour, set_per_day) is distinct from ($1::float8, $2::float8) for update
     ),
     written as (
       update artwork_reconciler.pace
       set set_per_hour = $1, set_per_day = $2,
           set_by = case when coalesce($1::float8, $2::float8) is not null then $4::text end,
           set_at = case when coalesce($1::float8, $2::float8) is not null then now() end
       from former
       returning pace.set_per_hour, pace.set_per_day
     )
     insert into artwork_reconciler.operator_action (actor, action, target, before, after, note)
     select $4, $3, 'pace', to_jsonb(former), to_jsonb(written), $5 from former, written`,
    [pace.perHour, pace.perDay, action, by.actor, by.note ?? null],
  );
}

/** Setting what is set already changes and records nothing. What is owed already stays. */
async function writeOwnPace(
  q: Queryable,
  pace: { readonly entityType: EntityType; readonly perHour: number | null; readonly perDay: number | null },
  by: Operator,
): Promise<void> {
  await q.query(
    `with former as (
       select entity_type, set_per_hour, set_per_day from artwork_reconciler.own_pace
       where entity_type = $1::artwork_indexer.indexable_entity_type for update
     ),
     written as (
       insert into artwork_reconciler.own_pace as own (entity_type, set_per_hour, set_per_day, set_by)
       values ($1::artwork_indexer.indexable_entity_type, $2, $3, $4)
       on conflict (entity_type) do update
         set set_per_hour = $2, set_per_day = $3, set_by = $4, set_at = default
         where (own.set_per_hour, own.set_per_day) is distinct from ($2::float8, $3::float8)
       returning entity_type, set_per_hour, set_per_day
     )
     insert into artwork_reconciler.operator_action (actor, action, target, before, after, note)
     select $4, 'set pace', 'pace', to_jsonb(former), to_jsonb(written), $5 from written left join former on true`,
    [pace.entityType, pace.perHour, pace.perDay, by.actor, by.note ?? null],
  );
}

async function clearOwnPace(q: Queryable, entityType: EntityType, by: Operator): Promise<void> {
  await q.query(
    `with former as (
       delete from artwork_reconciler.own_pace where entity_type = $1::artwork_indexer.indexable_entity_type
       returning entity_type, set_per_hour, set_per_day
     )
     insert into artwork_reconciler.operator_action (actor, action, target, before, note)
     select $2, 'clear pace', 'pace', to_jsonb(former), $3 from former`,
    [entityType, by.actor, by.note ?? null],
  );
}

/** A pace as records of changes have it. */
export interface RecordedPace {
  readonly entity_type?: EntityType;
  readonly set_per_hour: number | null;
  readonly set_per_day: number | null;
}

/** What an operator set, as a record of it would say; null where an entity type has no pace of its own. */
export async function readRecordedPace(q: Queryable, entityType: EntityType | null): Promise<RecordedPace | null> {
  const table = entityType === null ? 'pace' : 'own_pace where entity_type::text = $1';
  const { rows } = await q.query<{ perHour: number | null; perDay: number | null }>(
    `select set_per_hour as "perHour", set_per_day as "perDay" from artwork_reconciler.${table}`,
    entityType === null ? [] : [entityType],
  );
  const [set] = rows;
  return set === undefined ? null : { set_per_hour: set.perHour, set_per_day: set.perDay };
}

/** A change of the pace. */
export interface PaceChange {
  /** Null lets the configuration's pace count again; of an entity type, the pace of all. */
  readonly order: PaceOrder | null;
  /** Whose audits get a pace of their own; otherwise it is for all that have none. */
  readonly entityType?: EntityType | null | undefined;
  /** When the pace that was seen was set; null where none was; not given: whatever it is. */
  readonly seenSetAt?: Date | null | undefined;
  readonly by: Operator;
}

/**
 * Sets or clears the pace for an operator who saw another one: where it was changed since, it stays as it is.
 *
 * @returns whether the pace is now what was asked for, and the pace in force
 * @throws {RangeError} where the order is no number above 0
 */
export async function changePace(
  db: Database,
  config: Pick<Config, 'audit'>,
  { order, entityType = null, seenSetAt, by }: PaceChange,
): Promise<{ readonly done: boolean; readonly pace: Pace }> {
  return db.transaction(async (tx) => {
    await tx.query('select from artwork_reconciler.pace for update');
    const found = await readPaceOf(tx, config, entityType);
    const setAt = found.isOwn ? found.pace.setAt : null;
    const isAsSeen = seenSetAt === undefined || setAt?.getTime() === seenSetAt?.getTime();
    // What was sent twice is done once.
    if (!isAsSeen) return { done: isDone(found, order, by), pace: found.pace };
    if (order === null) await clearPace(tx, by, entityType);
    else await setPace(tx, order, by, entityType);
    return { done: true, pace: (await readPaceOf(tx, config, entityType)).pace };
  });
}

/** The pace of an entity type, or of all, and whether somebody set it for just these. */
async function readPaceOf(
  q: Queryable,
  config: Pick<Config, 'audit'>,
  entityType: EntityType | null,
): Promise<{ readonly pace: Pace; readonly isOwn: boolean }> {
  const own = (await readOwnPaces(q)).find((each) => each.entityType === entityType);
  const pace = own ?? (await readPace(q, config));
  return { pace, isOwn: own !== undefined || (entityType === null && pace.source === 'operator') };
}

function isDone(
  { pace, isOwn }: { readonly pace: Pace; readonly isOwn: boolean },
  order: PaceOrder | null,
  by: Operator,
): boolean {
  if (order === null) return !isOwn;
  const perHour = 'perHour' in order ? order.perHour : order.perDay / 24;
  return isOwn && pace.setBy === by.actor && pace.perHour === perHour;
}

/** How long it takes until every entity had its turn. */
export interface FullPass {
  readonly entities: number;
  /** Whether that is the planner's estimate: more are not counted one by one. */
  readonly isEstimate: boolean;
  /** Audits that one entity's turn takes: 1, and one more where repairs were queued, which are verified. */
  readonly auditsEach: number;
  readonly hours: number;
}

/** Audits, the newest, by which that is reckoned: some hours of the default pace. */
const looked = 10_000;

/**
 * What one pass over all entities takes at a pace, if nothing brakes it.
 *
 * @param own the paces of entity types that have one of their own: the pass has ended when the slowest has
 */
export async function readFullPass(
  q: Queryable,
  perHour: number,
  own: readonly Pick<OwnPace, 'entityType' | 'perHour'>[] = [],
): Promise<FullPass> {
  const { count: entities, isEstimate } = await countOrEstimate(q, 'from artwork_reconciler.audit_entity');
  const { rows } = await q.query<{ decided: number; repaired: number }>(
    `select count(*)::int as decided,
            count(*) filter (where decision = 'repair_queue' and mode = 'repair')::int as repaired
     from (select decision, mode from artwork_reconciler.audit order by id desc limit ${looked}) newest
     where decision <> 'not_now'`,
  );
  const { decided = 0, repaired = 0 } = rows[0] ?? {};
  // Where all that is known are repairs, nothing was verified yet: then each takes two.
  const auditsEach = decided === 0 ? 1 : Math.min(2, decided / Math.max(1, decided - repaired));
  let others = entities;
  let slowest = 0;
  for (const pace of own) {
    const ofType = `from artwork_reconciler.audit_entity where entity_type = ${entityTypeLiterals[pace.entityType]}`;
    const { count } = await countOrEstimate(q, ofType);
    others -= count;
    slowest = Math.max(slowest, count / pace.perHour);
  }
  const hours = auditsEach * Math.max(slowest, Math.max(others, 0) / perHour);
  return { entities, isEstimate, auditsEach, hours };
}
