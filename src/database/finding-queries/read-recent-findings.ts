import type { DecidedOutcome } from '../audit-queries/index.ts';
import type { Queryable } from '../connection.ts';

/** What the newest decided audits found of a check, beside the same number of them before. */
export interface RecentFindings {
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
  readonly is_now: boolean;
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
     select finding->>'check' as "check", decision, is_now, count(distinct place)::int as count
     from (select *, row_number() over () as place from recent) numbered, jsonb_array_elements(findings) finding
     group by 1, 2, 3
     union all
     select null, 'clean', is_now, count(*)::int from recent group by is_now`,
    [half],
  );
  const total = (isNow: boolean): number =>
    rows.find(({ check, is_now }) => check === null && is_now === isNow)?.count ?? 0;
  const checks = new Map<string, RecentFindings>();
  for (const { check, decision, is_now, count } of rows) {
    if (check === null) continue;
    const known = checks.get(check) ?? { decisions: {}, now: 0, before: 0 };
    checks.set(
      check,
      is_now
        ? { ...known, now: known.now + count, decisions: { ...known.decisions, [decision]: count } }
        : { ...known, before: known.before + count },
    );
  }
  return { now: total(true), before: total(false), checks };
}
