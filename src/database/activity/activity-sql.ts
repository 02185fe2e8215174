/**
 * What the counting of hours and the reading of the current one have in common: rows of `hour`, `what`, `key`, `count`.
 * Hours begin as UTC's do.
 */
const hourOf = (moment: string): string => `date_trunc('hour', ${moment} at time zone 'UTC') at time zone 'UTC'`;

/** Decisions of audits. @param audits a subquery of `decided_at` and `decision`; an index has both */
export const decisions = (audits: string): string => `
  select ${hourOf('decided_at')} as hour, 'audit' as what, decision::text as key, count(*) as count
  from (${audits}) decided group by 1, 3`;

/** Why audits were given back. @param audits a subquery of `decided_at`, `decision` and `cause` */
export const causes = (audits: string): string => `
  select ${hourOf('decided_at')} as hour, 'not_now' as what, coalesce(cause, 'other') as key, count(*) as count
  from (${audits}) decided where decision = 'not_now' group by 1, 3`;

/** Requests that audits made. @param audits a subquery of `decided_at` and `requests` */
export const requests = (audits: string): string => `
  select ${hourOf('decided_at')} as hour, 'request' as what, request.key, sum(request.value::numeric)::bigint as count
  from (${audits}) decided, jsonb_each_text(decided.requests) request group by 1, 3`;

/** How attempts at events ended. @param attempts a subquery of `ended_at`, `outcome` and `status`; an index has them */
export const attempts = (attempts: string): string => `
  select ${hourOf('ended_at')} as hour, 'attempt' as what, outcome as key, count(*) as count
  from (${attempts}) ended group by 1, 3`;

/** What the archive answered to attempts that failed. @param attempts as above */
export const answers = (attempts: string): string => `
  select ${hourOf('ended_at')} as hour, 'answer' as what, coalesce(status::text, 'none') as key, count(*) as count
  from (${attempts}) ended where outcome in ('queued', 'failed') group by 1, 3`;

/** The beginning of the hour that a moment is in. */
export const beginningOfHour = hourOf;
