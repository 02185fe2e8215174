/** As artwork-indexer's own scripts leave a database: names of indexes and functions are its own affair. */
export const artworkIndexerSchema = `
  create schema artwork_indexer;
  set search_path = artwork_indexer;
  create type indexable_entity_type as enum ('event', 'release');
  create type event_queue_action as enum ('index', 'copy_image', 'delete_image', 'deindex', 'noop');
  create type event_state as enum ('queued', 'running', 'failed', 'completed');
  create table event_queue (
    id bigserial, state event_state not null default 'queued', entity_type indexable_entity_type not null,
    action event_queue_action not null, message jsonb not null, depends_on bigint[],
    created timestamptz not null default now(), attempts smallint not null default 0,
    last_updated timestamptz not null default now(), constraint pk_of_theirs primary key (id));
  create unique index one_of_a_kind on event_queue (entity_type, action, message) where state = 'queued';
  create index by_state on event_queue (state, created);
  create table event_failure_reason (event bigint not null references event_queue on delete cascade,
    failure_reason text not null, created timestamptz not null default now());
  create function set_it() returns trigger language plpgsql as 'begin new.last_updated := now(); return new; end';
  create trigger theirs before update on event_queue for each row
    when (new.last_updated is not distinct from old.last_updated) execute function set_it();
  insert into event_queue (entity_type, action, message) values ('release', 'noop', '{}');
  reset search_path;`;
