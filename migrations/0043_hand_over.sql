-- Up Migration

-- What was handed over to those who can act on it: out of the list of open reviews and of later lists, until an audit finds
-- it gone, or finds something else, or the time is up. One row an entity; most of these are on lists for the archive's
-- staff, and have no review.
create table artwork_reconciler.hand_over (
  audit_entity_id  bigint primary key references artwork_reconciler.audit_entity on delete cascade,
  handed_over_to   text not null check (handed_over_to in ('archive_staff', 'musicbrainz_editors')),
  handed_over_at   timestamptz not null default now(),
  handed_over_by   text not null,
  handed_over_until timestamptz not null,
  -- The checks of which the findings are; it is gone when none of them has one any more.
  checks           text[] not null,
  ticket           text,
  note             text
);
create index hand_over_until on artwork_reconciler.hand_over (handed_over_until);

-- Down Migration

drop table artwork_reconciler.hand_over;
