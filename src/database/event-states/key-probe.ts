import { entityTypes, type EntityType } from '../../domain/entity.ts';
import { projectNames, projects, type Project } from '../../domain/project.ts';
import { keysBrake, type StoredBrakeName } from '../brakes/brake.ts';
import type { Queryable, Transaction } from '../connection.ts';
import { keyProbeMinutes } from '../event-queries/stops.ts';

/**
 * Lets one event through while archive.org refuses a project's keys, and no other for ten minutes. To be asked last,
 * when nothing else is in the event's way.
 *
 * The probe's row, not the brake's, is what two claims at once meet on: whoever comes second waits for it, and finds
 * that the time has moved.
 *
 * @returns whether the event may be claimed; always, where no keys are refused
 */
export async function takeKeyProbe(tx: Transaction, entityType: EntityType): Promise<boolean> {
  const { rows } = await tx.query<{ may: boolean }>(
    `with refused as materialized (
       select since from artwork_reconciler.brake where name = 'keys_refused_' || $1
     ),
     taken as (
       insert into artwork_reconciler.event_key_probe as probe (project, at)
       select $1, ${nextProbe} from refused
       on conflict (project) do update set at = excluded.at
         where probe.at <= clock_timestamp() or probe.at <= (select since from refused)
       returning project
     )
     select not exists (select from refused) or exists (select from taken) as may`,
    [projects[entityType].name],
  );
  return rows[0]?.may ?? false;
}

const nextProbe = `clock_timestamp() + interval '${keyProbeMinutes} minutes'`;

/**
 * Lets events be tried at once where keys are refused: an operator has given new ones (SIGHUP). Those that were given
 * back for the refused keys may be among them.
 *
 * @returns the projects whose keys are refused
 */
export async function tryKeysNow(q: Queryable): Promise<readonly string[]> {
  const { rows } = await q.query<{ project: Project['name'] }>(
    `with refused as materialized (
       select project.name from unnest($1::text[]) as project (name)
       join artwork_reconciler.brake on brake.name = 'keys_refused_' || project.name
     ),
     allowed as (
       insert into artwork_reconciler.event_key_probe as probe (project, at)
       select name, clock_timestamp() from refused
       on conflict (project) do update set at = excluded.at
     )
     select name as project from refused order by name`,
    [projectNames],
  );
  const refused = rows.map(({ project }) => project);
  await wakeRefused(q, refused.map(keysBrake));
  return refused;
}

/**
 * Ends the waiting of events that were given back because their project's key was refused, as these brakes say. To be
 * called in a statement after the one that takes a brake off: that one waits for those that are just being given back.
 */
export async function wakeRefused(q: Queryable, brakes: readonly StoredBrakeName[]): Promise<void> {
  const types = entityTypes.filter((entityType) => brakes.includes(keysBrake(projects[entityType].name)));
  await q.query(
    `delete from artwork_reconciler.event_not_before waiting
     using artwork_indexer.event_queue e
     where e.id = waiting.event and waiting.keys_refused and e.entity_type::text = any ($1::text[])`,
    [types],
  );
}
