import type { Config } from '../../config/config.ts';
import { planRepairMode, type RepairModePlan } from '../../domain/decision/repair-mode-plan.ts';
import { readReportedFindings } from '../audits/findings.ts';
import type { Queryable } from '../connection.ts';
import { countOrEstimate } from '../lists/walk.ts';
import { readPace } from './rate.ts';

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
  readonly hours: number;
}

/** What one pass over all entities takes at a pace, if nothing brakes it. */
export async function readFullPass(q: Queryable, perHour: number): Promise<FullPass> {
  const { count: entities, isEstimate } = await countOrEstimate(q, 'from artwork_reconciler.audit_entity');
  return { entities, isEstimate, hours: entities / perHour };
}
