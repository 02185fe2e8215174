import { type ProjectName, projectNames } from '../../domain/entity.ts';
import { keysBrake, type StoredBrakeName } from '../../domain/brake.ts';
import { releaseBrake, type StoredBrake } from '../brakes/stored-brakes.ts';
import type { Operator } from '../operators/recorded.ts';
import type { Database, Queryable, Transaction } from '../connection.ts';
import { probeMinutes } from '../queue/stops.ts';

const nextProbe = `clock_timestamp() + interval '${probeMinutes} minutes'`;

/**
 * The part of a statement that lets one event through while archive.org refuses a project's keys, or its writes fail alike,
 * and no other for ten minutes. For a claim's last statement, when nothing else is in the event's way. `let_through` is
 * true where the event may be claimed: always, where nothing of that kind stops its project. Where it is false, some
 * may have been taken: `returnProbes`.
 *
 * The probe's row, not the brake's, is what two claims at once meet on: whoever comes second waits for it, and finds
 * that the time has moved. A time further ahead than ten minutes is of a clock that was set back since.
 *
 * $1 is the event, $2 the names of the brakes (`probedBrakes`).
 */
export const takingProbes = `
  stop as materialized (
    select name, since from artwork_reconciler.brake where name = any ($2::text[]) order by name
  ),
  probed as (
    insert into artwork_reconciler.event_probe as probe (brake, at, event)
    select name, ${nextProbe}, $1::bigint from stop
    on conflict (brake) do update set at = excluded.at, event = excluded.event
      where probe.at <= clock_timestamp() or probe.at > ${nextProbe}
        or probe.at <= (select since from stop where stop.name = probe.brake)
    returning brake
  ),
  let_through as materialized (
    select (select count(*) from stop) = (select count(*) from probed) as let_through
  )`;

/** Lets another event be tried at once in the place of one that ended without answering what it was tried for. */
export async function returnProbes(tx: Transaction, eventId: number): Promise<void> {
  await tx.query(`update artwork_reconciler.event_probe set at = clock_timestamp(), event = null where event = $1`, [
    eventId,
  ]);
}

/** Notes that an event which may have been tried has reported: that brake stays on, until the next one is tried. */
export async function endProbe(tx: Transaction, eventId: number, brake: StoredBrakeName): Promise<void> {
  await tx.query('update artwork_reconciler.event_probe set event = null where event = $1 and brake = $2', [
    eventId,
    brake,
  ]);
}

/**
 * Lets events be tried at once where keys are refused: an operator has given new ones (SIGHUP). Those that were given
 * back for the refused keys may be among them.
 *
 * @returns the projects whose keys are refused
 */
export async function tryKeysNow(q: Queryable): Promise<readonly string[]> {
  const { rows } = await q.query<{ project: ProjectName }>(
    `with refused as materialized (
       select project.name, brake.name as brake from unnest($1::text[]) as project (name)
       join artwork_reconciler.brake on brake.name = 'keys_refused_' || project.name
     ),
     allowed as (
       insert into artwork_reconciler.event_probe as probe (brake, at)
       select brake, clock_timestamp() from refused
       on conflict (brake) do update set at = excluded.at, event = null
     )
     select name as project from refused order by name`,
    [projectNames],
  );
  const refused = rows.map(({ project }) => project);
  await wakeWaiting(q, refused.map(keysBrake));
  return refused;
}

/**
 * Ends the waiting of events that were released for these brakes. To be called in a statement after the one that takes
 * a brake off: that one waits for those that are just being released.
 */
async function wakeWaiting(q: Queryable, brakes: readonly StoredBrakeName[]): Promise<void> {
  await q.query('delete from artwork_reconciler.event_not_before where brake = any ($1::text[])', [brakes]);
}

/**
 * Takes a brake off as an operator asks for it, or automatically. The events that were released for it are woken up.
 *
 * @param what.since Only the brake that the operator saw: one that was set again since is left alone.
 * @returns the brake as it was; null where it was not on, or not that one
 */
export async function takeBrakeOff(
  db: Database,
  what: { readonly name: StoredBrakeName; readonly since?: Date; readonly by?: Operator },
): Promise<StoredBrake | null> {
  return db.transaction(async (tx) => {
    const released = await releaseBrake(tx, what);
    if (released !== null) await wakeWaiting(tx, [what.name]);
    return released;
  });
}
