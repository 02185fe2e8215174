import { type EntityType, type ProjectName, projectNames, projects } from '../../domain/entity.ts';
import { keysBrake, probedBrakes, type StoredBrakeName } from '../../domain/brake.ts';
import { type Operator, releaseBrake, type StoredBrake } from '../brakes/stored-brakes.ts';
import type { Database, Queryable, Transaction } from '../connection.ts';
import { probeMinutes } from '../queue/stops.ts';

/**
 * Lets one event through while archive.org refuses a project's keys, or its writes fail alike, and no other for ten
 * minutes. To be asked last, when nothing else is in the event's way.
 *
 * The probe's row, not the brake's, is what two claims at once meet on: whoever comes second waits for it, and finds
 * that the time has moved. A time further ahead than ten minutes is of a clock that was set back since.
 *
 * @returns whether the event may be claimed; always, where nothing of that kind stops its project
 */
export async function takeProbes(
  tx: Transaction,
  { eventId, entityType }: { readonly eventId: number; readonly entityType: EntityType },
): Promise<boolean> {
  const { rows } = await tx.query<{ wanted: number; taken: number }>(
    `with stop as materialized (
       select name, since from artwork_reconciler.brake where name = any ($1::text[]) order by name
     ),
     taken as (
       insert into artwork_reconciler.event_probe as probe (brake, at, event)
       select name, ${nextProbe}, $2 from stop
       on conflict (brake) do update set at = excluded.at, event = excluded.event
         where probe.at <= clock_timestamp() or probe.at > ${nextProbe}
           or probe.at <= (select since from stop where stop.name = probe.brake)
       returning brake
     )
     select (select count(*)::int from stop) as wanted, (select count(*)::int from taken) as taken`,
    [probedBrakes(projects[entityType].name), eventId],
  );
  const { wanted = 0, taken = 0 } = rows[0] ?? {};
  if (taken < wanted) await returnProbes(tx, eventId);
  return taken === wanted;
}

const nextProbe = `clock_timestamp() + interval '${probeMinutes} minutes'`;

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
