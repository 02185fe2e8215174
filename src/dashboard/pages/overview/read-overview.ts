import { type Activity, commonFindings, type CommonFindings } from '../../../database/figures/activity.ts';
import type { WorkSince } from '../../../database/figures/work-since.ts';
import type { Standing } from '../../../database/figures/standing.ts';
import type { TemporalAnswer } from '../../../starters/pause-schedule.ts';
import { type KnownBuild, readBuilds } from '../../../temporal/worker-builds.ts';
import type { PageContext } from '../../environment.ts';
import { askTemporal } from '../../temporal.ts';

/** What the first page shows. */
export interface Overview {
  readonly findings: CommonFindings;
  // Null where they took too long; they are there the next time.
  readonly activity: Activity | null;
  /** What was done since the moment that was chosen. */
  readonly work: WorkSince | null;
  readonly standing: Standing | null;
  /** The builds of the workers, as Temporal answers; null where workers are not versioned. */
  readonly builds: TemporalAnswer<readonly KnownBuild[]> | null;
}

/** Milliseconds. A page that is loaded every few seconds does without rather than wait. */
const temporalPatience = 1000;

/**
 * @param chosen.since a day ago where not given
 * @throws what says that the database is away
 */
export async function readOverview(
  c: PageContext,
  { hours, since = new Date(Date.now() - 86_400_000) }: { readonly hours: number; readonly since: Date | undefined },
): Promise<Overview> {
  const { deployment } = c.var.parts.config().worker;
  const [standing, activity, work, builds, findings] = await Promise.all([
    c.var.standing(),
    c.var.activity(hours),
    c.var.work(since),
    deployment === null ? null : askTemporal(c, temporalPatience, (temporal) => readBuilds(temporal, deployment)),
    c.var.read(commonFindings),
    // For the frame, which asks once all of this is there: nobody shall read of brakes below and of none known above.
    c.var.attention(),
  ]);
  return { standing, activity, work, builds, findings };
}
