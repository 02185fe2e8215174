import { userInfo } from 'node:os';
import { Hono } from 'hono';
import type { DashboardEnv, DashboardParts } from '../environment.ts';
import { formTokenOf } from '../forms/form-token.ts';
import { forbidden } from '../refusals.ts';
import type { Access } from './access.ts';
import { browserOf } from './browser.ts';

/**
 * `auth = none`: everybody who reaches the loopback address is an operator, by the name of the user that runs the
 * dashboard. Only addresses of this machine are answered: else a page elsewhere could let its own name resolve to
 * 127.0.0.1, and would be of the same origin.
 */
export function openToThisMachine({ secret }: DashboardParts): Access {
  const person = { name: userInfo().username, role: 'operator' } as const;
  return {
    waysIn: new Hono<DashboardEnv>(),
    waysOut: new Hono<DashboardEnv>(),
    async identify(c, next) {
      if (!isThisMachine(c.req.header('host') ?? '')) {
        throw forbidden('Without a login this dashboard answers to localhost only: see [dashboard] auth.');
      }
      c.set('person', person);
      c.set('formToken', formTokenOf(secret, browserOf(c)));
      await next();
    },
  };
}

function isThisMachine(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i.test(host);
}
