import { type Activity, type CommonFindings, commonFindings, readActivity } from '../../../database/activity/index.ts';
import { type Figures, readFigures } from '../../../database/figures/index.ts';
import { readVerifiedShare, type VerifiedShare } from '../../../database/figures/verified-share.ts';
import { readOnly } from '../../../database/read-only.ts';
import { keep, type Kept } from '../../../monitoring/kept.ts';
import type { DashboardParts, PageContext } from '../../environment.ts';

/** What the first page shows. */
export interface Overview {
  readonly activity: Activity;
  readonly findings: CommonFindings;
  /** Null where they took too long; they are there the next time. */
  readonly standing: Standing | null;
}

/** How everything stands now. */
export interface Standing {
  readonly figures: Figures;
  readonly verified: VerifiedShare;
}

/**
 * Reads how everything stands, and gives it to all who ask within `live_seconds`: any number of people may leave the
 * page open.
 */
export function keepStanding(parts: DashboardParts): Kept<Standing> {
  const { db, config, log } = parts;
  const seconds = (): number => config().dashboard.statementSeconds;
  return keep(
    async () => ({
      figures: await readFigures(db, config(), seconds()),
      verified: await readOnly(db, seconds(), (q) => readVerifiedShare(q, config().audit.recheckDays)),
    }),
    {
      keep: () => config().dashboard.liveSeconds * 1000,
      patience: () => seconds() * 1000,
      onError: (error) => log.warn({ error }, 'figures can’t be read'),
    },
  );
}

/** @throws what says that the database is away */
export async function readOverview(c: PageContext, kept: Kept<Standing>, hours: number): Promise<Overview> {
  const [standing, rest] = await Promise.all([
    kept.get(),
    c.var.read(async (q) => ({ activity: await readActivity(q, hours), findings: await commonFindings(q) })),
  ]);
  return { ...rest, standing };
}
