import type { Config } from '../../config/config.ts';
import { planRepairMode, type RepairModePlan } from '../../domain/decision/repair-mode-plan.ts';
import { readReportedFindings } from '../audit-queries/index.ts';
import type { Queryable } from '../connection.ts';
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
