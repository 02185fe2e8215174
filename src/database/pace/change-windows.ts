import sql, { type Sql } from 'sql-template-tag';
import { inUtc } from '../../domain/brake.ts';
import { type EntityType, entityTypes } from '../../domain/entity.ts';
import { auditsKeptFor, type PauseWindow, readWindows, type WindowKind } from '../brakes/windows.ts';
import type { Database, Queryable, Transaction } from '../connection.ts';
import { endWaits } from '../entities/make-due.ts';
import { lockAllClaims } from '../locks.ts';
import type { Operator } from '../operators/recorded.ts';

/** When a window is to be, as a person orders it. */
export type WindowOrder =
  | {
      readonly kind: 'times';
      /** Minutes since midnight of UTC; null where it begins at once, which a daily one doesn't. */
      readonly fromMinute: number | null;
      readonly untilMinute: number;
      readonly daily: boolean;
    }
  /** `begins` is null where it begins at once. */
  | { readonly kind: 'moments'; readonly begins: Date | null; readonly ends: Date; readonly daily: false };

/** An order that makes no sense; the message says why. Nothing was changed. */
export class WindowRefusedError extends Error {
  override readonly name = 'WindowRefusedError';
}

/** Days. A longer pause is one that somebody ends. */
const longest = 7;

/** Seconds within which the same order is the same form sent again: one that begins at once begins later each time. */
const sentAgainWithin = 60;

/**
 * Adds a window. Once this returns, one that is on lets no event become `running` by a worker of ours. The same order once more,
 * as a form that is sent twice, adds and records nothing.
 *
 * @throws {WindowRefusedError}
 */
export async function addWindow(
  db: Database,
  {
    order,
    stops,
    entityType = null,
    reason,
    by,
  }: { order: WindowOrder; stops: WindowKind; entityType?: EntityType | null; reason: string; by: Operator },
): Promise<PauseWindow> {
  return db.transaction(async (tx) => {
    if (stops !== 'audits') await lockAllClaims(tx);
    // One after the other, so that each sees the one before.
    await tx.query('lock table artwork_reconciler.pause_window in share row exclusive mode');
    // Long enough for whoever asks when the last one ended.
    await tx.query(
      `delete from artwork_reconciler.pause_window
       where coalesce(ended_at, case when not daily then ends end) < statement_timestamp() - interval '30 days'`,
    );
    const { begins, ends } = await readTimes(tx, order);
    refuseNonsense({ begins, ends, now: await readNow(tx) });
    const { rows } = await tx.query<{ id: number }>(
      `with known as (
         select id from artwork_reconciler.pause_window
         where ended_at is null and stops = $1 and daily = $2 and reason = $5 and actor = $6
           and entity_type is not distinct from $8::artwork_indexer.indexable_entity_type
           and abs(extract(epoch from begins - $3::timestamptz)) < ${sentAgainWithin}
           and abs(extract(epoch from ends - $4::timestamptz)) < ${sentAgainWithin}
         order by id limit 1
       ),
       added as (
         insert into artwork_reconciler.pause_window (stops, daily, begins, ends, reason, actor, entity_type)
         select $1, $2, $3, $4, $5, $6, $8::artwork_indexer.indexable_entity_type
         where not exists (select from known) returning *
       ),
       recorded as (
         insert into artwork_reconciler.operator_action (actor, action, target, after, note)
         select $6, 'add window', 'window', to_jsonb(added), $7 from added
       )
       select id from added union all select id from known`,
      [stops, order.daily, begins, ends, reason, by.actor, by.note ?? reason, entityType],
    );
    const id = rows[0]?.id;
    const added = (await readWindows(tx)).find((window) => window.id === id);
    if (added === undefined) throw new WindowRefusedError('it is over already');
    return added;
  });
}

/** When a window begins and ends first: times of day are those of the one that is on, or else of the next. */
async function readTimes(tx: Transaction, order: WindowOrder): Promise<{ readonly begins: Date; readonly ends: Date }> {
  if (order.kind === 'moments') return { begins: order.begins ?? (await readNow(tx)), ends: order.ends };
  const { fromMinute, untilMinute } = order;
  if (fromMinute === null) {
    const begins = await readNow(tx);
    const passed = begins.getTime() % aDay;
    const left = (untilMinute * 60_000 - passed + aDay) % aDay;
    return { begins, ends: new Date(begins.getTime() + (left === 0 ? aDay : left)) };
  }
  const minutes = (untilMinute - fromMinute + 1440) % 1440;
  const { rows } = await tx.query<{ begins: Date; ends: Date }>(
    // The last such time of day that has begun; where that window is over, the next day's.
    sql`select begins, begins + make_interval(mins => ${minutes}) as ends
     from (
       select last + make_interval(hours => case when last + make_interval(mins => ${minutes}) > statement_timestamp() then 0 else 24 end) as begins
       from (
         select today - make_interval(hours => case when today > statement_timestamp() then 24 else 0 end) as last
         from (
           select (date_trunc('day', statement_timestamp() at time zone 'UTC') + make_interval(mins => ${fromMinute})) at time zone 'UTC' as today
         ) of_day
       ) lasts
     ) times`,
  );
  return rows[0]!;
}

/** Milliseconds. */
const aDay = 86_400_000;

async function readNow(q: Queryable): Promise<Date> {
  const { rows } = await q.query<{ now: Date }>(`select date_trunc('milliseconds', statement_timestamp()) as now`);
  return rows[0]!.now;
}

function refuseNonsense({ begins, ends, now }: { begins: Date; ends: Date; now: Date }): void {
  const days = (ends.getTime() - begins.getTime()) / aDay;
  if (days === 0) throw new WindowRefusedError('it begins and ends at the same time');
  if (days < 0) throw new WindowRefusedError(`it ends (${inUtc(ends)}) before it begins (${inUtc(begins)})`);
  if (ends <= now) throw new WindowRefusedError(`it is over already: it ends ${inUtc(ends)}`);
  if (days <= longest) return;
  throw new WindowRefusedError(
    `it lasts ${Number(days.toFixed(1))} days, and a window ${longest} at most: a pause without an end is one that somebody ends`,
  );
}

/**
 * Ends a window for good, whether it is on or to come. Audits that waited for it are due, unless another keeps them.
 *
 * @returns it as it was; null where there is none of that id any more
 */
export async function endWindow(
  db: Database,
  window: { readonly id: number; readonly by: Operator },
): Promise<PauseWindow | null> {
  return db.transaction((tx) => endWindowIn(tx, window));
}

/** The same in the caller's transaction, or, as a dry run, says what would be. */
export async function endWindowIn(
  tx: Transaction,
  { id, by, dryRun = false }: { readonly id: number; readonly by: Operator; readonly dryRun?: boolean },
): Promise<PauseWindow | null> {
  const window = (await readWindows(tx)).find((each) => each.id === id);
  if (window === undefined) return null;
  if (dryRun) return window;
  if (!(await writeEnd(tx, { id, endedAt: sql`statement_timestamp()`, action: 'end window', by }))) return null;
  for (const entityType of entityTypes) {
    if ((await auditsKeptFor(tx, entityType)) === null) await endWaits(tx, { cause: 'window', entityType });
  }
  return window;
}

/**
 * Lets a window that was ended early continue, or be to come again.
 *
 * @returns false where there is none of that id that would be on or to come; nothing was changed
 */
export async function restoreWindow(
  tx: Transaction,
  { id, by, dryRun }: { readonly id: number; readonly by: Operator; readonly dryRun: boolean },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    sql`select from artwork_reconciler.pause_window
     where id = ${id} and ended_at is not null and (daily or ends > statement_timestamp()) for update`,
  );
  if (rowCount === 0) return false;
  if (dryRun) return true;
  await lockAllClaims(tx);
  return writeEnd(tx, { id, endedAt: sql`null`, action: 'restore window', by });
}

/** @returns whether it changed anything */
async function writeEnd(
  tx: Transaction,
  { id, endedAt, action, by }: { id: number; endedAt: Sql; action: string; by: Operator },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    sql`with former as (select * from artwork_reconciler.pause_window where id = ${id} for update),
     ended as (
       update artwork_reconciler.pause_window kept set ended_at = ${endedAt}
       from former where former.id = kept.id and (former.ended_at is null) <> (${endedAt}::timestamptz is null)
       returning kept.*
     ),
     recorded as (
       insert into artwork_reconciler.operator_action (actor, action, target, before, after, note)
       select ${by.actor}, ${action}, 'window', to_jsonb(former), to_jsonb(ended), ${by.note ?? null}
       from former join ended on true
     )
     select from ended`,
  );
  return rowCount === 1;
}
