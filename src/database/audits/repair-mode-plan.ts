import type { Config } from '../../config/config.ts';
import { planRepairMode, type RepairModePlan } from '../../domain/decision/repair-mode-plan.ts';
import { readReportedFindings } from './findings.ts';
import type { Queryable } from '../connection.ts';
import { entityTypeLiterals } from '../entity-types.ts';
import { countOrEstimate } from '../lists/walk.ts';
import { type OwnPace, readPace } from '../pace/rate.ts';

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

/** How long it takes until every entity had its turn. */
export interface FullPass {
  readonly entities: number;
  /** Whether that is the planner's estimate: more are not counted one by one. */
  readonly isEstimate: boolean;
  /** Audits that one entity's turn takes: 1, and one more where repairs were queued, which are verified. */
  readonly auditsEach: number;
  readonly hours: number;
}

/** Audits, the newest, by which that is reckoned: some hours of the default pace. */
const looked = 10_000;

/**
 * What one pass over all entities takes at a pace, if nothing brakes it.
 *
 * @param own the paces of entity types that have one of their own: the pass has ended when the slowest has
 */
export async function readFullPass(
  q: Queryable,
  perHour: number,
  own: readonly Pick<OwnPace, 'entityType' | 'perHour'>[] = [],
): Promise<FullPass> {
  const { count: entities, isEstimate } = await countOrEstimate(q, 'from artwork_reconciler.audit_entity');
  const { rows } = await q.query<{ decided: number; repaired: number }>(
    `select count(*)::int as decided,
            count(*) filter (where decision = 'repair_queue' and mode = 'repair')::int as repaired
     from (select decision, mode from artwork_reconciler.audit order by id desc limit ${looked}) newest
     where decision <> 'not_now'`,
  );
  const { decided = 0, repaired = 0 } = rows[0] ?? {};
  // Where all that is known are repairs, nothing was verified yet: then each takes two.
  const auditsEach = decided === 0 ? 1 : Math.min(2, decided / Math.max(1, decided - repaired));
  let others = entities;
  let slowest = 0;
  for (const pace of own) {
    const ofType = `from artwork_reconciler.audit_entity where entity_type = ${entityTypeLiterals[pace.entityType]}`;
    const { count } = await countOrEstimate(q, ofType);
    others -= count;
    slowest = Math.max(slowest, count / pace.perHour);
  }
  const hours = auditsEach * Math.max(slowest, Math.max(others, 0) / perHour);
  return { entities, isEstimate, auditsEach, hours };
}
