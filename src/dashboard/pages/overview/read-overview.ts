import {
  type Activity,
  commonFindings,
  type CommonFindings,
  readActivity,
} from '../../../database/figures/activity.ts';
import { readWorkSince, type WorkSince } from '../../../database/figures/work-since.ts';
import type { Standing } from '../../../database/figures/standing.ts';
import type { PageContext } from '../../environment.ts';

/** What the first page shows. */
export interface Overview {
  readonly activity: Activity;
  readonly findings: CommonFindings;
  /** What was done since the moment that was chosen. */
  readonly work: WorkSince;
  /** Null where they took too long; they are there the next time. */
  readonly standing: Standing | null;
}

/**
 * @param chosen.since a day ago where not given
 * @throws what says that the database is away
 */
export async function readOverview(
  c: PageContext,
  { hours, since = new Date(Date.now() - 86_400_000) }: { readonly hours: number; readonly since: Date | undefined },
): Promise<Overview> {
  const [standing, rest] = await Promise.all([
    c.var.standing(),
    c.var.read(async (q) => ({
      activity: await readActivity(q, hours),
      work: await readWorkSince(q, since),
      findings: await commonFindings(q),
    })),
  ]);
  return { ...rest, standing };
}
