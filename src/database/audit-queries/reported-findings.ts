import { isRepair, policies } from '../../domain/finding.ts';
import type { ReportedFindings, WaitingGroup } from '../../domain/repair-mode-plan.ts';
import type { RequestCounts } from '../../domain/request-count.ts';
import type { Queryable } from '../connection.ts';

/**
 * What audits in report mode found to repair, of the entities that wait for repair mode, and how common each check is.
 *
 * @param most entities of each kind that are read; null reads all, which takes a minute with a million of them
 */
export async function readReportedFindings(q: Queryable, most: number | null): Promise<ReportedFindings> {
  const groups = await readGroups(q, most);
  const waiting = groups.reduce((sum, { entities }) => sum + entities, 0);
  return {
    groups,
    events: await readEvents(q, most),
    requests: await readRequests(q, most),
    decided: await readDecided(q, most),
    isPart: most !== null && waiting >= most,
  };
}

/**
 * The entities that wait, each with its newest decided audit: those that become due when the mode is changed, by the
 * index on why they wait.
 */
const waitingAudits = `
  select entity.id, entity.entity_type, entity.gid, newest.id as audit_id, newest.identity, newest.findings, newest.requests
  from artwork_reconciler.audit_entity entity
  cross join lateral (
    select * from artwork_reconciler.audit
    where audit.audit_entity_id = entity.id and audit.decision <> 'not_now'
    order by audit.id desc limit 1
  ) newest
  where entity.status = 'unchecked' and entity.due_at is not null and entity.due_cause = 'report_mode'
    and newest.decision = 'repair_queue' and newest.mode = 'report'
  order by entity.due_at desc, entity.id desc
  limit $1`;

const repairPolicies = policies.filter(isRepair);

async function readGroups(q: Queryable, most: number | null): Promise<readonly WaitingGroup[]> {
  const { rows } = await q.query<WaitingGroup>(
    `with waiting as materialized (${waitingAudits})
     select repaired.checks, count(*)::int as entities, (count(*) filter (where waiting.identity = 'live'))::int as live,
            sum(ordered.copies_here)::int as "copiesHere", sum(ordered.copies_away)::int as "copiesAway",
            sum(ordered.deletions)::int as deletions, sum(ordered.deindexes)::int as deindexes
     from waiting
     cross join lateral (
       select coalesce(array_agg(distinct finding->>'check' order by finding->>'check'), '{}') as checks
       from jsonb_array_elements(waiting.findings) finding where finding->>'policy' = any ($2::text[])
     ) repaired
     cross join lateral (
       select count(*) filter (where action = 'copy_image' and message->>'new_gid' = waiting.gid::text) as copies_here,
              count(*) filter (where action = 'copy_image' and message->>'old_gid' = waiting.gid::text) as copies_away,
              count(*) filter (where action = 'delete_image') as deletions,
              count(*) filter (where action = 'deindex') as deindexes
       from artwork_reconciler.audit_repair where audit_id = waiting.audit_id
     ) ordered
     group by repaired.checks
     order by repaired.checks`,
    [most, repairPolicies],
  );
  return rows;
}

/** Both ends of a merge order the same copy: an event that is queued already is not queued twice. */
async function readEvents(q: Queryable, most: number | null): Promise<ReportedFindings['events']> {
  const { rows } = await q.query<{ action: keyof ReportedFindings['events']; count: number }>(
    `with waiting as materialized (${waitingAudits})
     select action, count(*)::int as count
     from (
       select distinct waiting.entity_type, repair.action, repair.message
       from waiting join artwork_reconciler.audit_repair repair using (audit_id)
     ) event
     group by action`,
    [most],
  );
  return {
    index: 0,
    copy_image: 0,
    delete_image: 0,
    deindex: 0,
    ...Object.fromEntries(rows.map((row) => [row.action, row.count])),
  };
}

async function readRequests(q: Queryable, most: number | null): Promise<RequestCounts> {
  const { rows } = await q.query<{ kind: string; count: number }>(
    `with waiting as materialized (${waitingAudits})
     select request.key as kind, sum(request.value::int)::int as count
     from waiting cross join lateral jsonb_each_text(waiting.requests) request
     group by request.key`,
    [most],
  );
  return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
}

/** Of what the breaker judges: findings that repair or review, of live entities. */
async function readDecided(q: Queryable, most: number | null): Promise<ReportedFindings['decided']> {
  const { rows } = await q.query<{ check: string | null; count: number }>(
    `with newest as materialized (
       select audit.findings
       from artwork_reconciler.audit
       where audit.identity = 'live' and audit.decision <> 'not_now' and not exists (
         select from artwork_reconciler.audit later
         where later.audit_entity_id = audit.audit_entity_id and later.id > audit.id and later.decision <> 'not_now')
       order by audit.id desc
       limit $1
     )
     select null as check, count(*)::int as count from newest
     union all
     select finding->>'check', count(*)::int
     from newest cross join lateral (
       select distinct on (each->>'check') each as finding from jsonb_array_elements(newest.findings) each
       where each->>'policy' not in ('report', 'ignore')
     ) found
     group by finding->>'check'`,
    [most],
  );
  return {
    audits: rows.find(({ check }) => check === null)?.count ?? 0,
    checks: Object.fromEntries(rows.flatMap(({ check, count }) => (check === null ? [] : [[check, count]]))),
  };
}
