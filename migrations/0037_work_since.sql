-- Up Migration

-- `status --since` says by whom and for what, too: `repair` (key: the check that it was queued for), `review` (key: the person
-- who answered it), and `answered` (key: service, kind and answer of a request, as workers add them up while the hour lasts).
alter table artwork_reconciler.activity_hour
  drop constraint activity_hour_what_check,
  add constraint activity_hour_what_check
    check (what in ('audit', 'not_now', 'request', 'attempt', 'answer', 'repair', 'review', 'answered'));

-- The last week is counted again, for the new ones: that changes nothing of the others.
update artwork_reconciler.activity_place
set counted_to = least(counted_to, (date_trunc('hour', now() at time zone 'UTC') at time zone 'UTC') - interval '7 days');

-- Down Migration

delete from artwork_reconciler.activity_hour where what in ('repair', 'review', 'answered');
alter table artwork_reconciler.activity_hour
  drop constraint activity_hour_what_check,
  add constraint activity_hour_what_check check (what in ('audit', 'not_now', 'request', 'attempt', 'answer'));
