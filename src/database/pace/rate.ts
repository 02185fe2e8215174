import type { Config } from '../../config/config.ts';
import type { Operator } from '../brakes/stored-brakes.ts';
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

/**
 * Sets the pace, over restarts and over whatever the file says, until `clearPace`.
 *
 * @throws {RangeError} where it is not a number above 0; to stop audits there is a pause.
 */
export async function setPace(q: Queryable, order: PaceOrder, by: Operator): Promise<void> {
  const perHour = 'perHour' in order ? order.perHour : null;
  const perDay = 'perDay' in order ? order.perDay : null;
  const number = perHour ?? perDay ?? NaN;
  if (!(number > 0 && Number.isFinite(number))) {
    throw new RangeError(
      `the pace is ${number}: expected a number above 0; the pace stays as it was (to stop audits, pause them)`,
    );
  }
  await writePace(q, { perHour, perDay }, 'set pace', by);
}

/** Lets the file's pace count again. */
export async function clearPace(q: Queryable, by: Operator): Promise<void> {
  await writePace(q, { perHour: null, perDay: null }, 'clear pace', by);
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

/**
 * Sets or clears the pace for an operator who saw another one: where it was changed since, it stays as it is.
 *
 * @param change.order null lets the configuration's pace count again
 * @param change.seenSetAt when the pace that the operator saw was set; null where that was the configuration's; not given:
 *   whatever it is
 * @returns whether the pace is now what was asked for, and the pace in force
 * @throws {RangeError} where the order is no number above 0
 */
export async function changePace(
  db: Database,
  config: Pick<Config, 'audit'>,
  change: { readonly order: PaceOrder | null; readonly seenSetAt?: Date | null; readonly by: Operator },
): Promise<{ readonly done: boolean; readonly pace: Pace }> {
  return db.transaction(async (tx) => {
    await tx.query('select from artwork_reconciler.pace for update');
    const found = await readPace(tx, config);
    const isAsSeen = change.seenSetAt === undefined || found.setAt?.getTime() === change.seenSetAt?.getTime();
    // What was sent twice is done once.
    if (!isAsSeen) return { done: isDone(found, change.order, change.by), pace: found };
    if (change.order === null) await clearPace(tx, change.by);
    else await setPace(tx, change.order, change.by);
    return { done: true, pace: await readPace(tx, config) };
  });
}

function isDone(pace: Pace, order: PaceOrder | null, by: Operator): boolean {
  if (order === null) return pace.source === 'configuration';
  const perHour = 'perHour' in order ? order.perHour : order.perDay / 24;
  return pace.setBy === by.actor && pace.perHour === perHour;
}
