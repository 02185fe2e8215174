import type { Queryable } from '../connection.ts';

/** A check that recent audits had findings of. */
export interface CommonFinding {
  readonly check: string;
  /** Audits. */
  readonly count: number;
}

export interface CommonFindings {
  /** The commonest first. */
  readonly findings: readonly CommonFinding[];
  /** Audits that were looked at. */
  readonly of: number;
}

/** Audits; as many as the breaker looks at, and some more. */
const recent = 500;
const shown = 10;

/** What the newest decided audits found most often, whatever it led to. */
export async function commonFindings(q: Queryable): Promise<CommonFindings> {
  const { rows } = await q.query<CommonFinding & { readonly of: number }>(
    `with recent as materialized (
       select id, findings from artwork_reconciler.audit where decision <> 'not_now' order by id desc limit ${recent}
     ),
     common as (
       select finding->>'check' as "check", count(distinct recent.id)::int as count
       from recent, jsonb_array_elements(recent.findings) finding
       group by finding->>'check'
     )
     select common.*, whole.of
     from (select count(*)::int as of from recent) whole left join common on true
     order by count desc nulls last, "check" limit ${shown}`,
  );
  const findings = rows.flatMap(({ check, count }) => (count === null ? [] : [{ check, count }]));
  return { findings, of: rows[0]?.of ?? 0 };
}
