import type { Hono, MiddlewareHandler } from 'hono';
import { requireAccess } from '../../config/dashboard-access.ts';
import type { DashboardEnv, DashboardParts } from '../environment.ts';
import { oauthLogin } from './oauth/oauth-login.tsx';
import { openToThisMachine } from './open-to-this-machine.ts';
import { behindProxy } from './proxy/behind-proxy.ts';

/** How the dashboard knows who asks. */
export interface Access {
  /** What comes before all else, while nobody is known yet: who is refused at once; the login and its return. */
  readonly waysIn: Hono<DashboardEnv>;
  /** What everybody may send, whatever their role: the logout. */
  readonly waysOut: Hono<DashboardEnv>;
  /** Sets `person` and `formToken`, or shows the way to the login, or refuses. */
  readonly identify: MiddlewareHandler<DashboardEnv>;
}

/**
 * As `[dashboard] auth` says.
 *
 * @throws {ConfigError} where something that this needs is not set
 */
export function accessOf(parts: DashboardParts): Access {
  requireAccess(parts.config());
  switch (parts.config().dashboard.auth) {
    case 'none':
      return openToThisMachine(parts);
    case 'oauth':
      return oauthLogin(parts);
    case 'proxy':
      return behindProxy(parts);
  }
}
