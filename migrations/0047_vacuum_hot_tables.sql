-- Up Migration

-- An audit leaves three dead versions of its entity's row, none of them HOT (status and claimed_at are in indexes). The claim
-- passes the dead entries at the front of its index until a vacuum removes them, and the counts of the overview are the
-- planner's estimates, as old as the last analyze. With a fifth of the table, PostgreSQL's default, both get the worse the more
-- entities there are. Measured while 20,000 of 200,000 were audited: 165 blocks for the next claim, and 21 with these; counts
-- 3.8 % of the entities off, and 0.9 %; 16 % more disk, and 7 %. For 14 vacuums instead of one.
alter table artwork_reconciler.audit_entity
  set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

-- Once the history is as long as it is kept, as many audits are deleted as are added, and their room is used again after a
-- vacuum only: 1,311 bytes an entity, and 1,122 with this.
alter table artwork_reconciler.audit set (autovacuum_vacuum_scale_factor = 0.02);

-- Not the others. A row that is updated before every request (budget) stays in one page of 8 KB over 10,000 updates without any
-- vacuum, each of them HOT, and so do pace and the counts of the hour, which are updated less often. And free room in the pages of audit_entity
-- (fillfactor 90) made no update HOT, and the table larger.

-- Down Migration

alter table artwork_reconciler.audit_entity reset (autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor);
alter table artwork_reconciler.audit reset (autovacuum_vacuum_scale_factor);
