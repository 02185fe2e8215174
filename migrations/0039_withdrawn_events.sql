-- Up Migration

-- What was done to one event: the records of commands list the ids. Now of what was withdrawn, too.
drop index artwork_reconciler.operator_action_events;
create index operator_action_events on artwork_reconciler.operator_action using gin (after jsonb_path_ops)
  where action in ('requeue events', 'dismiss events', 'withdraw events');

-- Down Migration

drop index artwork_reconciler.operator_action_events;
create index operator_action_events on artwork_reconciler.operator_action using gin (after jsonb_path_ops)
  where action in ('requeue events', 'dismiss events');
