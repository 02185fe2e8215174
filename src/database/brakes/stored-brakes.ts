import type { EntityType } from '../../domain/entity.ts';
import type { Database, Queryable } from '../connection.ts';
import { lockAllClaims } from '../locks.ts';
import type { Operator } from '../operators/recorded.ts';
import { parseRowId } from '../row-id.ts';
import { type Brake, pauseBrake, type PauseKind, type StoredBrakeName, whatStops } from '../../domain/brake.ts';

/** A row of `artwork_reconciler.brake`. */
export interface StoredBrake extends Brake {
  readonly name: StoredBrakeName;
  readonly since: Date;
  /** What its owner needs to release it. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/**
 * Puts a brake on. One that is on already keeps its `since` and takes the new reason; saying the same again changes and
 * records nothing.
 *
 * @returns the brake as it is now
 */
export async function setBrake(
  q: Queryable,
  brake: {
    readonly name: StoredBrakeName;
    readonly reason: string;
    readonly detail?: Readonly<Record<string, unknown>>;
    readonly by?: Operator;
    /** Leaves one as it is that is on for another `detail.actor`. */
    readonly leaveOthers?: boolean;
  },
): Promise<StoredBrake> {
  // `since` in whole milliseconds, as JavaScript's dates have it: it is compared when the brake is released.
  const { rows } = await q.query<BrakeRow>(
    `with former as (select * from artwork_reconciler.brake where name = $1),
     written as (
       insert into artwork_reconciler.brake as brake (name, reason, detail, since)
       values ($1, $2, $3::jsonb, date_trunc('milliseconds', clock_timestamp()))
       on conflict (name) do update set reason = excluded.reason, detail = excluded.detail
         where not $6 or brake.detail->>'actor' = excluded.detail->>'actor'
       returning name, reason, since, detail
     ),
     recorded as (
       insert into artwork_reconciler.operator_action (actor, action, target, before, after, note)
       select $4, 'set brake', $1, to_jsonb(former), to_jsonb(written), $5
       from written left join former on true
       where $4::text is not null and to_jsonb(former) is distinct from to_jsonb(written)
     )
     select * from written`,
    [
      brake.name,
      brake.reason,
      JSON.stringify(brake.detail ?? {}),
      brake.by?.actor ?? null,
      brake.by?.note ?? null,
      brake.leaveOthers ?? false,
    ],
  );
  if (rows[0] !== undefined) return toStoredBrake(rows[0]);
  const found = (await readStoredBrakes(q)).find(({ name }) => name === brake.name);
  // Taken off by another person between the two statements: then it may be put on.
  return found ?? setBrake(q, brake);
}

/** What a person pauses. */
export interface PauseOrder {
  readonly what: PauseKind;
  /** Of this entity type alone; otherwise of all. */
  readonly entityType?: EntityType | null | undefined;
}

/**
 * Starts no more of it until `resumeWork`: paced audits (this brake is what counts; the state of Temporal's schedule follows
 * it), events, or the events that audits queued. What is in progress ends. Once this returns, no event that is paused
 * becomes `running` by a worker of ours: claims that were being made are waited for.
 *
 * Pausing twice changes nothing. A pause of another person's stays theirs, with their reason; whoever paused may give
 * another note.
 *
 * @returns the pause in force, and whether it is this person's
 */
export async function pauseWork(
  db: Database,
  { what, entityType = null }: PauseOrder,
  by: Operator,
): Promise<StoredBrake & { readonly isTheirs: boolean }> {
  const note = by.note === undefined || by.note === null ? '' : `: ${by.note}`;
  return db.transaction(async (tx) => {
    // One after the other: who pauses again sees the pause, and records nothing.
    if (what === 'audits') await tx.query('select from artwork_reconciler.pace for update');
    else await lockAllClaims(tx);
    const brake = { name: pauseBrake(what, entityType), reason: `paused by ${by.actor}${note}` };
    const set = await setBrake(tx, { ...brake, detail: { actor: by.actor }, by, leaveOthers: true });
    return { ...set, isTheirs: set.detail['actor'] === by.actor };
  });
}

/** Starts it again. @returns the pause that ended; null where there was none */
export async function resumeWork(
  db: Database,
  { what, entityType = null }: PauseOrder,
  by: Operator,
): Promise<StoredBrake | null> {
  return releaseBrake(db, { name: pauseBrake(what, entityType), by });
}

/**
 * Takes a brake off, and returns it as it was; null where it was not on. What it remembered goes with it, so that the
 * very same observations don't put it on again.
 *
 * @param what.since Only the brake that the caller saw: one that was set again since is left alone.
 */
export async function releaseBrake(
  q: Queryable,
  what: { readonly name: StoredBrakeName; readonly since?: Date; readonly by?: Operator },
): Promise<StoredBrake | null> {
  const { rows } = await q.query<BrakeRow>(
    `with released as (
       delete from artwork_reconciler.brake
       where name = $1 and ($2::timestamptz is null or date_trunc('milliseconds', since) = $2)
       returning name, reason, since, detail
     ),
     breaker_forgot as (
       update artwork_reconciler.pace
       set breaker_after = (select coalesce(max(id), 0) from artwork_reconciler.audit), last_probe_at = null
       where exists (select from released where name = 'breaker')
     ),
     disagreements_forgotten as (
       delete from artwork_reconciler.web_service_disagreement
       where exists (select from released where name = 'database_and_ws_disagree')
     ),
     failures_forgotten as (
       delete from artwork_reconciler.event_failures_alike
       where 'writes_fail_' || project in (select name from released)
     ),
     recorded as (
       insert into artwork_reconciler.operator_action (actor, action, target, before, note)
       select $3, 'release brake', $1, to_jsonb(released), $4 from released where $3::text is not null
     )
     select * from released`,
    [what.name, what.since ?? null, what.by?.actor ?? null, what.by?.note ?? null],
  );
  return rows[0] === undefined ? null : toStoredBrake(rows[0]);
}

/** The stored brakes that are on, the oldest first. */
export async function readStoredBrakes(q: Queryable): Promise<readonly StoredBrake[]> {
  const { rows } = await q.query<BrakeRow>(
    `select name, reason, since, detail from artwork_reconciler.brake order by since, name`,
  );
  return rows.map(toStoredBrake);
}

interface BrakeRow {
  readonly name: StoredBrakeName;
  readonly reason: string;
  readonly since: Date;
  readonly detail: Readonly<Record<string, unknown>>;
}

function toStoredBrake(row: BrakeRow): StoredBrake {
  return { ...row, stops: whatStops(row.name) };
}

/** The number of those named in the reason; the others are counted. */
const named = 5;

/**
 * Shows which events have a workflow that can't continue, so that they are dispatched around. Shown no longer where there
 * are none.
 *
 * @param eventIds all of them
 */
export async function noteStuckEvents(q: Queryable, eventIds: readonly number[]): Promise<void> {
  if (eventIds.length === 0) {
    await releaseBrake(q, { name: 'events_stuck' });
    return;
  }
  const others = eventIds.length - named;
  const which = `${eventIds.slice(0, named).join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
  await setBrake(q, {
    name: 'events_stuck',
    reason:
      `the workflow of event ${which} can't continue: Temporal's UI shows why (event-${eventIds[0]}). Other events go ` +
      'on; deploy a release without the fault, or terminate the workflow there',
    detail: { events: eventIds },
  });
}

/** The events that are shown as stuck. */
export async function readStuckEvents(q: Queryable): Promise<readonly number[]> {
  const brake = (await readStoredBrakes(q)).find(({ name }) => name === 'events_stuck');
  const events: unknown = brake?.detail['events'];
  return Array.isArray(events) ? events.flatMap((id) => parseRowId(String(id)) ?? []) : [];
}

/** The pause of all audits in force, or null. */
export async function readAuditsPause(q: Queryable): Promise<StoredBrake | null> {
  return (await readStoredBrakes(q)).find(({ name }) => name === 'audits_paused') ?? null;
}
