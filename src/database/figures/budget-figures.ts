import type { Service } from '../budget.ts';
import type { Queryable } from '../connection.ts';

/** How the requests to one service stand, over all processes. */
export interface BudgetFigures {
  readonly service: Service;
  /** Seconds for which turns are taken already; 0 where the next request may go at once. */
  readonly bookedSeconds: number;
  /** What is left of a cool-down; 0 where none is in force. */
  readonly coolDownSeconds: number;
}

const services: readonly Service[] = ['archive', 'musicbrainz'];

/** One row a service, also for one that was never asked. */
export async function readBudgetFigures(q: Queryable): Promise<readonly BudgetFigures[]> {
  const left = (until: string): string =>
    `extract(epoch from greatest(${until}, clock_timestamp()) - clock_timestamp())::float8`;
  const { rows } = await q.query<BudgetFigures>(
    `select service, ${left('next_free_at')} as "bookedSeconds",
       ${left('coalesce(cool_down_until, clock_timestamp())')} as "coolDownSeconds"
     from artwork_reconciler.budget`,
  );
  return services.map(
    (service) => rows.find((row) => row.service === service) ?? { service, bookedSeconds: 0, coolDownSeconds: 0 },
  );
}
