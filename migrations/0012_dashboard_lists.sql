-- Up Migration

-- What the dashboard's lists of entities and reviews are read by, page after page in an index's order. With 5,000,000
-- entities and 200,000 reviews no list may read a table whole, whatever its filter.

-- Entities that wait, by when they are due: with the id, so that a page may begin among a thousand of one moment. (The
-- pacer wakes them by it, as before.)
drop index artwork_reconciler.audit_entity_due;
create index audit_entity_due on artwork_reconciler.audit_entity (due_at, id)
  where status = 'unchecked' and due_at is not null;
-- The same by why they wait: a few that settle stand among millions that wait for their repairs to be allowed.
create index audit_entity_due_cause on artwork_reconciler.audit_entity (due_cause, due_at, id)
  where status = 'unchecked' and due_at is not null;
-- Last audited before or after a moment, whatever they are now.
create index audit_entity_last_audit on artwork_reconciler.audit_entity (last_audit_at, id)
  where last_audit_at is not null;
-- Few among the clean ones, with which they share the index for the next recheck.
create index audit_entity_legacy on artwork_reconciler.audit_entity (last_audit_at, id) where status = 'legacy';
-- What is out of the usual turn.
create index audit_entity_priority on artwork_reconciler.audit_entity (priority, id) where priority <> 100;

-- What a person did to one thing: part of each entity's page.
create index operator_action_target on artwork_reconciler.operator_action (target, id desc);

-- What a review is about, so that those with the same reasons are seen, and closed, together: all of its reasons, without
-- what differs from entity to entity (texts in quotes, MBIDs, numbers), so of ten thousand reviews there are some dozens.
-- A function in the database and a generated column, so that it holds for what an operator's SQL inserts, too.
create function artwork_reconciler.review_group(reasons jsonb, review_reason text) returns text
language sql immutable parallel safe as $function$
  -- An index entry has at most 2,700 bytes.
  select case when length(whole) <= 400 then whole else left(whole, 360) || '… ' || md5(whole) end
  from (
    select coalesce(string_agg(distinct shape, ' + ' order by shape), '') as whole
    from (
      select left(
          regexp_replace(
            regexp_replace(
              regexp_replace(
                regexp_replace(
                  regexp_replace(left(reason, 1000), '"(\\.|[^"\\])*("|$)', '"…"', 'g'),
                  '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}', '…', 'g'),
                '\s+', ' ', 'g'),
              ' \([0-9]+\)', '', 'g'),
            '[0-9]+([., ]+[0-9]+)*', 'n', 'g'),
          160) collate "C" as shape
      from (
        select case when jsonb_typeof(each) = 'object' then each->>'reason' end as reason
        from jsonb_array_elements(case jsonb_typeof(reasons) when 'array' then reasons else '[]' end) as each
        union all
        select review_reason where reasons = '[]'
      ) as told
      where reason is not null
    ) as shaped
  ) as joined
$function$;

-- Which checks' findings it is about.
create function artwork_reconciler.review_checks(reasons jsonb) returns text[]
language sql immutable parallel safe as $function$
  select coalesce(array_agg(distinct each->>'check' order by each->>'check'), '{}')
  from jsonb_array_elements(case jsonb_typeof(reasons) when 'array' then reasons else '[]' end) as each
  where jsonb_typeof(each) = 'object' and each->>'check' is not null
$function$;

alter table artwork_reconciler.needs_manual_review
  add column reason_group text generated always as (artwork_reconciler.review_group(reasons, review_reason)) stored,
  add column checks text[] generated always as (artwork_reconciler.review_checks(reasons)) stored;

drop index artwork_reconciler.needs_manual_review_status;
create index needs_manual_review_status on artwork_reconciler.needs_manual_review (status, created_at, id);
create index needs_manual_review_group
  on artwork_reconciler.needs_manual_review (status, reason_group, created_at, id);
create index needs_manual_review_regressed on artwork_reconciler.needs_manual_review (status, created_at, id)
  where regressed;
-- Without a pending list, which would only move the cost to whoever reads.
create index needs_manual_review_checks on artwork_reconciler.needs_manual_review using gin (checks)
  with (fastupdate = off);

-- Down Migration

drop index artwork_reconciler.needs_manual_review_checks;
drop index artwork_reconciler.needs_manual_review_regressed;
drop index artwork_reconciler.needs_manual_review_group;
drop index artwork_reconciler.needs_manual_review_status;
alter table artwork_reconciler.needs_manual_review drop column checks, drop column reason_group;
create index needs_manual_review_status on artwork_reconciler.needs_manual_review (status, created_at);
drop function artwork_reconciler.review_checks(jsonb);
drop function artwork_reconciler.review_group(jsonb, text);
drop index artwork_reconciler.operator_action_target;
drop index artwork_reconciler.audit_entity_priority;
drop index artwork_reconciler.audit_entity_legacy;
drop index artwork_reconciler.audit_entity_last_audit;
drop index artwork_reconciler.audit_entity_due_cause;
drop index artwork_reconciler.audit_entity_due;
create index audit_entity_due on artwork_reconciler.audit_entity (due_at)
  where status = 'unchecked' and due_at is not null;
