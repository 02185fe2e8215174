-- Up Migration

-- Who asked for an event that `index` queued.
create index operator_action_index_event on artwork_reconciler.operator_action ((after->'event'))
  where action = 'index entity';

-- Down Migration

drop index artwork_reconciler.operator_action_index_event;
