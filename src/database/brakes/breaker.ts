import sql from 'sql-template-tag';
import type { ReturnCause } from '../../audit/steps.ts';
import type { Config } from '../../config/config.ts';
import type { Queryable, Transaction } from '../connection.ts';
import { releaseBrake, setBrake, type StoredBrake } from './stored-brakes.ts';

type BreakerSettings = Pick<
  Config['audit'],
  'breakerExcept' | 'breakerShare' | 'breakerWindow' | 'mode' | 'probeMinutes'
>;

/** Consecutive audits that don't show it, before the breaker releases itself (life-cycles page, "Breaker"). */
const probesToRelease = 10;

/**
 * Obstacles that are nobody's fault and pass automatically; an audit released for one of them does not count as one
 * that "could not be judged".
 */
const harmlessCauses: readonly ReturnCause[] = [
  'pending_events',
  'cool_down',
  'keys_refused',
  'settling',
  'stopped',
  'window',
];

/** What too many recent audits have in common: one finding, or that they came to nothing. */
type Commonness =
  | { readonly kind: 'finding'; readonly check: string; readonly count: number; readonly of: number }
  | { readonly kind: 'not_judged'; readonly count: number; readonly of: number };

/**
 * Whether the breaker, as it is on, stops nothing: in report mode nothing is queued, so that a finding which many share
 * does no harm. Once the mode is repair, the same brake stops audits.
 */
export function onlyWarns({ name, detail }: StoredBrake, mode: BreakerSettings['mode']): boolean {
  return mode === 'report' && name === 'breaker' && detail['kind'] === 'finding';
}

/**
 * Puts the breaker on where the recent audits call for it, or, where `probe_minutes` is set, releases it where they
 * don't show any more what put it on. A mere warning is judged again each time, as audits continue. To be called before
 * audits are started.
 *
 * The window begins again after each release; it is judged once it is half full.
 */
export async function updateBreaker(
  tx: Transaction,
  breaker: StoredBrake | null,
  settings: BreakerSettings,
): Promise<StoredBrake | null> {
  const warning = breaker !== null && onlyWarns(breaker, settings.mode) ? breaker : null;
  if (breaker === null || warning !== null) {
    // Of the two the failure comes first: it stops audits in any mode.
    const common = (await commonFailure(tx, settings)) ?? (await commonFinding(tx, settings));
    if (common === null) {
      if (warning !== null) await releaseBrake(tx, { name: 'breaker', since: warning.since });
      return null;
    }
    if (warning !== null && common.kind === 'finding' && common.check === warning.detail['check']) return warning;
    return setBrake(tx, { name: 'breaker', reason: inWords(common), detail: await detailOf(tx, common) });
  }
  if (settings.probeMinutes === null || !(await showsNoMore(tx, breaker))) return breaker;
  await releaseBrake(tx, { name: 'breaker', since: breaker.since });
  return null;
}

async function commonFinding(q: Queryable, settings: BreakerSettings): Promise<Commonness | null> {
  const { rows } = await q.query<{ check: string; count: number; of: number }>(
    `with recent as materialized (
       select id, findings from artwork_reconciler.audit
       where identity = 'live' and decision <> 'not_now'
         and id > (select breaker_after from artwork_reconciler.pace)
       order by id desc limit $1
     )
     select finding->>'check' as check, count(distinct recent.id)::int as count, (select count(*) from recent)::int as of
     from recent, jsonb_array_elements(recent.findings) finding
     where finding->>'policy' not in ('report', 'ignore') and not finding->>'check' = any ($2::text[])
     group by finding->>'check'
     order by count desc, finding->>'check' limit 1`,
    [settings.breakerWindow, settings.breakerExcept],
  );
  const most = rows[0];
  return most !== undefined && isUnusual(most, settings) ? { kind: 'finding', ...most } : null;
}

async function commonFailure(q: Queryable, settings: BreakerSettings): Promise<Commonness | null> {
  const { rows } = await q.query<{ count: number; of: number }>(
    sql`select count(*) filter (where ${notJudged})::int as count, count(*)::int as of
     from (
       select decision, cause from artwork_reconciler.audit
       where id > (select breaker_after from artwork_reconciler.pace)
       order by id desc limit ${settings.breakerWindow}
     ) recent`,
  );
  const failures = rows[0];
  return failures !== undefined && isUnusual(failures, settings) ? { kind: 'not_judged', ...failures } : null;
}

const notJudged = sql`decision = 'not_now' and not coalesce(cause, '') = any (${harmlessCauses}::text[])`;

function isUnusual(common: { readonly count: number; readonly of: number }, settings: BreakerSettings): boolean {
  const enough = common.of >= settings.breakerWindow / 2;
  return enough && common.count > 0 && common.count >= settings.breakerShare * common.of;
}

function inWords(common: Commonness): string {
  const share = `${common.count} of the last ${common.of} audits`;
  return common.kind === 'finding'
    ? `${share} of live entities found ${common.check}: a change of schema, a fault of ours or of the archive is likelier than that many drifted items`
    : `${share} could not be judged: the archive, the web service or this program has a fault`;
}

async function detailOf(q: Queryable, common: Commonness): Promise<Record<string, unknown>> {
  const { rows } = await q.query<{ newest: number }>(
    'select coalesce(max(id), 0) as newest from artwork_reconciler.audit',
  );
  return { ...common, afterAudit: rows[0]?.newest ?? 0 };
}

/** Whether the last ten audits that could have shown it, of those since the brake was put on, did not. */
async function showsNoMore(q: Queryable, breaker: StoredBrake): Promise<boolean> {
  const { kind, check, afterAudit } = breaker.detail;
  // A containment test: whether any finding of the list is of this check.
  const hasFinding = sql`findings @> jsonb_build_array(jsonb_build_object('check', ${check}::text))`;
  const [shows, isJudged] =
    kind === 'finding' ? [hasFinding, sql`identity = 'live' and decision <> 'not_now'`] : [notJudged, sql`true`];
  const { rows } = await q.query<{ seen: number; shown: number }>(
    sql`select count(*)::int as seen, count(*) filter (where shown)::int as shown
     from (
       select ${shows} as shown from artwork_reconciler.audit
       where id > ${Number(afterAudit ?? 0)} and ${isJudged}
       order by id desc limit ${probesToRelease}
     ) probe`,
  );
  const probes = rows[0];
  return probes !== undefined && probes.seen === probesToRelease && probes.shown === 0;
}
