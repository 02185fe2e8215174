import { inForce } from '../brakes/budget.ts';
import { windowsThatStopEvents } from '../brakes/windows.ts';
import { projectTable } from '../entity-types.ts';
import { clock } from './event-sql.ts';

/**
 * Minutes between two events that are tried while a project's keys are refused, or its writes fail alike (life-cycles
 * page, "Never the event's fault" and "Brakes").
 */
export const probeMinutes = 10;

/**
 * What keeps all events of an entity type from being started: a subquery of `entity_type`, `project` and `reason`, one
 * row for each stop; none where they run. Where it is time to try one event, that is no stop, nor is a time further ahead
 * than the rule allows: then the clock was set back.
 */
export const stops = `
  select project.entity_type, project.name as project, stop.reason
  from ${projectTable}
  cross join lateral (
    select 'events are paused: ' || brake.reason as reason
    from artwork_reconciler.brake where brake.name in ('events_paused', 'events_paused_' || project.name)
    union all
    select format('nothing is asked of %s until %s: %s', budget.service, budget.cool_down_until, budget.cool_down_reason)
    from artwork_reconciler.budget where ${inForce}
    union all
    select format('a window without events ends %s: %s', windows.until, windows.reason)
    from (${windowsThatStopEvents}) windows where coalesce(windows.entity_type = project.entity_type, true)
    union all
    select format(tried.words, project.name, brake.reason)
    from (values
      ('keys_refused_', 'archive.org refuses the keys of %s: %s'),
      ('writes_fail_', 'the writes of %s are stopped: %s')
    ) as tried (brake, words)
    join artwork_reconciler.brake on brake.name = tried.brake || project.name
    left join artwork_reconciler.event_probe probe on probe.brake = brake.name
    cross join lateral (
      -- What is known of an earlier stop says nothing about this one.
      select case when probe.at > brake.since then probe.at else brake.since + interval '${probeMinutes} minutes' end as at
    ) next
    where next.at > ${clock} and next.at <= ${clock} + interval '${probeMinutes} minutes'
  ) as stop`;
