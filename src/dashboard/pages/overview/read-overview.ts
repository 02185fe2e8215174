import {
  type Activity,
  commonFindings,
  type CommonFindings,
  readActivity,
} from '../../../database/figures/activity.ts';
import type { Standing } from '../../../database/figures/standing.ts';
import type { PageContext } from '../../environment.ts';

/** What the first page shows. */
export interface Overview {
  readonly activity: Activity;
  readonly findings: CommonFindings;
  /** Null where they took too long; they are there the next time. */
  readonly standing: Standing | null;
}

/**
 * @throws what says that the database is away
 */
export async function readOverview(
  c: PageContext,
  { hours }: { readonly hours: number },
): Promise<Overview> {
  const [standing, rest] = await Promise.all([
    c.var.standing(),
    c.var.read(async (q) => ({
      activity: await readActivity(q, hours),
      findings: await commonFindings(q),
    })),
  ]);
  return { ...rest, standing };
}
