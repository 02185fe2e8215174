import { clock } from './event-sql.ts';

/** Minutes between two events that are tried while a project's keys are refused (life-cycles page, "Never the event's fault"). */
export const keyProbeMinutes = 10;

/**
 * What keeps all events of an entity type from being started: a subquery of `entity_type`, `project` and `reason`, one
 * row for each stop; none where they run. Where the keys are refused and it is time to try one event, that is no stop.
 */
export const stops = `
  select project.entity_type, project.name as project, stop.reason
  from (values
    ('release'::artwork_indexer.indexable_entity_type, 'caa'),
    ('event'::artwork_indexer.indexable_entity_type, 'eaa')
  ) as project (entity_type, name)
  cross join lateral (
    select 'events are paused: ' || brake.reason as reason
    from artwork_reconciler.brake where brake.name = 'events_paused'
    union all
    select format('nothing is asked of %s until %s: %s', budget.service, budget.cool_down_until, budget.cool_down_reason)
    from artwork_reconciler.budget where budget.cool_down_until > ${clock}
    union all
    select format('archive.org refuses the keys of %s: %s', project.name, brake.reason)
    from artwork_reconciler.brake
    left join artwork_reconciler.event_key_probe probe on probe.project = project.name
    where brake.name = 'keys_refused_' || project.name
      -- What is known of an earlier stop of these keys says nothing about this one.
      and ${clock} < case when probe.at > brake.since then probe.at else brake.since + interval '${keyProbeMinutes} minutes' end
  ) as stop`;
