import type { Hono, MiddlewareHandler } from 'hono';
import type { DashboardEnv, DashboardParts } from '../environment.ts';
import { openToThisMachine } from './open-to-this-machine.ts';

/** How the dashboard knows who asks. */
export interface Access {
  /** Ways in that need nobody known: login, its return, logout. */
  readonly routes: Hono<DashboardEnv>;
  /** Sets `person` and `formToken`, or sends to the login, or refuses. */
  readonly identify: MiddlewareHandler<DashboardEnv>;
}

/** As `[dashboard] auth` says. */
export function accessOf(parts: DashboardParts): Access {
  const { auth } = parts.config().dashboard;
  switch (auth) {
    case 'none':
      return openToThisMachine(parts);
    case 'oauth':
    case 'proxy':
      throw new Error(`[dashboard] auth = ${auth} is not there yet`);
  }
}
