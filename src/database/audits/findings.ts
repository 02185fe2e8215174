import type { Config } from '../../config/config.ts';
import { isRepair, policies } from '../../domain/checks/finding.ts';
import {
  planRepairMode,
  type RepairModePlan,
  type ReportedFindings,
  type WaitingGroup,
} from '../../domain/decision/repair-mode-plan.ts';
import type { RequestCounts } from '../../domain/queue/request-count.ts';
import type { Queryable } from '../connection.ts';
import type { AuditStatus, DecidedOutcome } from '../entities/count-by-status.ts';
import type { CappedCount } from '../lists/walk.ts';
import { readPace } from '../pace/rate.ts';

/**
 * What repair mode would queue from what report mode has found, at the pace and rates of now.
 *
 * @param most entities that are read; null reads all
 */
export async function readRepairModePlan(
  q: Queryable,
  config: Pick<Config, 'archive' | 'audit' | 'musicbrainz'>,
  most: number | null,
): Promise<RepairModePlan> {
  const { audit, archive, musicbrainz } = config;
  const { perHour } = await readPace(q, config);
  return planRepairMode(await readReportedFindings(q, most), {
    auditsPerHour: perHour,
    archiveRequestsPerSecond: archive.requestsPerSecond,
    webServiceRequestsPerSecond: musicbrainz.requestsPerSecond,
    maxWaitingRepairs: audit.maxWaitingRepairs,
    tickSeconds: audit.tickSeconds,
    breakerShare: audit.breakerShare,
    breakerExcept: audit.breakerExcept,
  });
}

/**
 * What audits in report mode found to repair, of the entities that wait for repair mode, and how common each check is.
 *
 * @param most entities of each kind that are read; null reads all, which takes seconds with hundreds of thousands of them
 */
export async function readReportedFindings(q: Queryable, most: number | null): Promise<ReportedFindings> {
  const waiting = await readWaiting(q, most);
  const entities = waiting.groups.reduce((sum, group) => sum + group.entities, 0);
  return { ...waiting, decided: await readDecided(q, most), isPart: most !== null && entities >= most };
}

const repairPolicies = policies.filter(isRepair);

interface WaitingRow {
  readonly groups: readonly WaitingGroup[];
  readonly events: Partial<ReportedFindings['events']>;
  readonly requests: RequestCounts;
}

/**
 * The entities that wait: those that become due when the mode is changed, by the index on why they wait, each with its
 * newest decided audit. Both ends of a merge order the same copy: an event that is queued already is not queued twice.
 *
 * Strategy: one statement, so that each entity's newest audit is looked for once, which is most of the time.
 */
async function readWaiting(
  q: Queryable,
  most: number | null,
): Promise<Pick<ReportedFindings, 'events' | 'groups' | 'requests'>> {
  const { rows } = await q.query<WaitingRow>(
    `with waiting as materialized (
       select entity.entity_type, entity.gid, newest.id as audit_id, newest.identity, newest.requests,
         array(select distinct finding->>'check' from jsonb_array_elements(newest.findings) finding
               where finding->>'policy' = any ($2::text[]) order by 1) as checks
       from artwork_reconciler.audit_entity entity
       cross join lateral (
         select * from artwork_reconciler.audit
         where audit.audit_entity_id = entity.id and audit.decision <> 'not_now'
         order by audit.id desc limit 1
       ) newest
       where entity.status = 'unchecked' and entity.due_at is not null and entity.due_cause = 'report_mode'
         and newest.decision = 'repair_queue' and newest.mode = 'report'
       order by entity.due_at desc, entity.id desc
       limit $1
     ), ordered as materialized (
       select waiting.entity_type, waiting.gid, waiting.checks, repair.action, repair.message
       from waiting join artwork_reconciler.audit_repair repair using (audit_id)
     ), of_groups as (
       select checks,
              count(*) filter (where action = 'copy_image' and message->>'new_gid' = gid::text) as copies_here,
              count(*) filter (where action = 'copy_image' and message->>'old_gid' = gid::text) as copies_away,
              count(*) filter (where action = 'delete_image') as deletions,
              count(*) filter (where action = 'deindex') as deindexes
       from ordered group by checks
     ), groups as (
       select checks, count(*) as entities, count(*) filter (where identity = 'live') as live
       from waiting group by checks
     ), events as (
       select action, count(*) as count
       from (select distinct entity_type, action, message from ordered) event group by action
     ), requests as (
       select request.key as kind, sum(request.value::int) as count
       from waiting cross join lateral jsonb_each_text(waiting.requests) request group by request.key
     )
     select
       (select coalesce(jsonb_agg(jsonb_build_object('checks', groups.checks, 'entities', entities, 'live', live,
                 'copiesHere', coalesce(copies_here, 0), 'copiesAway', coalesce(copies_away, 0),
                 'deletions', coalesce(deletions, 0), 'deindexes', coalesce(deindexes, 0)) order by groups.checks), '[]')
        from groups left join of_groups using (checks)) as groups,
       (select coalesce(jsonb_object_agg(action, count), '{}') from events) as events,
       (select coalesce(jsonb_object_agg(kind, count), '{}') from requests) as requests`,
    [most, repairPolicies],
  );
  const { groups = [], events = {}, requests = {} } = rows[0] ?? {};
  return { groups, requests, events: { index: 0, copy_image: 0, delete_image: 0, deindex: 0, ...events } };
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

/** How many entities' newest decided audit has a finding of each check, counted no further than `most` of each. */
export async function readCheckCounts(
  q: Queryable,
  checks: readonly string[],
  most: number,
): Promise<ReadonlyMap<string, CappedCount>> {
  const { rows } = await q.query<CappedCount & { readonly check: string }>(
    `select named.check, least(counted.count, $2)::int as count, counted.count <= $2 as exact
     from unnest($1::text[]) as named ("check")
     cross join lateral (
       select count(*) as count
       from (select from artwork_reconciler.standing_finding standing
             where standing.check_name = named.check limit $2 + 1) found
     ) counted`,
    [checks, most],
  );
  return new Map(rows.map(({ check, count, exact }) => [check, { count, exact }]));
}

/** What the newest decided audits found of a check, beside the same number of them before. */
interface RecentFindings {
  /** Audits of the newest ones that found it, by what they decided. */
  readonly decisions: Readonly<Partial<Record<DecidedOutcome, number>>>;
  readonly now: number;
  readonly before: number;
}

export interface RecentAudits {
  /** Decided audits in each half; fewer than asked for where there are no more. */
  readonly now: number;
  readonly before: number;
  readonly checks: ReadonlyMap<string, RecentFindings>;
}

interface Row {
  readonly check: string | null;
  readonly decision: DecidedOutcome;
  readonly isNow: boolean;
  readonly count: number;
}

/**
 * What was found lately, by check. Whole numbers of audits rather than days, so that it costs the same whatever the pace.
 *
 * @param half audits now, and as many before
 */
export async function readRecentFindings(q: Queryable, half: number): Promise<RecentAudits> {
  const { rows } = await q.query<Row>(
    `with recent as materialized (
       select decision::text, findings, row_number() over (order by id desc) <= $1 as is_now
       from (select id, decision, findings from artwork_reconciler.audit
             order by id desc limit 2 * $1) newest
       where decision <> 'not_now'
     )
     select finding->>'check' as "check", decision, is_now as "isNow", count(distinct place)::int as count
     from (select *, row_number() over () as place from recent) numbered, jsonb_array_elements(findings) finding
     group by 1, 2, 3
     union all
     select null, 'clean', is_now, count(*)::int from recent group by is_now`,
    [half],
  );
  const total = (isNow: boolean): number => rows.find((row) => row.check === null && row.isNow === isNow)?.count ?? 0;
  const checks = new Map<string, RecentFindings>();
  for (const { check, decision, isNow, count } of rows) {
    if (check === null) continue;
    const known = checks.get(check) ?? { decisions: {}, now: 0, before: 0 };
    checks.set(
      check,
      isNow
        ? { ...known, now: known.now + count, decisions: { ...known.decisions, [decision]: count } }
        : { ...known, before: known.before + count },
    );
  }
  return { now: total(true), before: total(false), checks };
}

/** What has become of the entities that have a finding of a check, over the first `most` of them. */
export async function readStatusMix(
  q: Queryable,
  check: string,
  most: number,
): Promise<readonly { readonly status: AuditStatus; readonly count: number }[]> {
  const { rows } = await q.query<{ status: AuditStatus; count: number }>(
    `select entity.status::text, count(*)::int as count
     from (select audit_entity_id from artwork_reconciler.standing_finding
           where check_name = $1 order by audit_entity_id limit $2) standing
     join artwork_reconciler.audit_entity entity on entity.id = standing.audit_entity_id
     group by entity.status order by count desc`,
    [check, most],
  );
  return rows;
}
