import { Hono, type MiddlewareHandler } from 'hono';
import { isLoopbackHost } from '../../config/listen-address.ts';
import { loginName } from '../../config/login-name.ts';
import type { DashboardEnv, DashboardParts } from '../environment.ts';
import { formTokenOf } from '../forms/form-token.ts';
import { forbidden } from '../refusals.ts';
import type { Access } from './access.ts';
import { browserOf } from './browser.ts';

/**
 * `auth = none`: everybody who reaches the loopback address is an operator, by the name of the user that runs the
 * dashboard. Refused before anything else is looked at:
 *
 * - other names than those of this machine: a page elsewhere could let its own name resolve to 127.0.0.1, and would be
 *   of the same origin;
 * - what says that it came through a proxy: whoever reaches the proxy would be an operator. A proxy that says nothing
 *   (nginx by default) can't be told from a person, so the docs forbid any.
 */
export function openToThisMachine({ secret }: DashboardParts): Access {
  const person = { name: loginName(), role: 'operator' } as const;
  return {
    waysIn: new Hono<DashboardEnv>().use(onlyThisMachine),
    waysOut: new Hono<DashboardEnv>(),
    async identify(c, next) {
      c.set('person', person);
      c.set('formToken', formTokenOf(secret, browserOf(c)));
      await next();
    },
  };
}

const onlyThisMachine: MiddlewareHandler<DashboardEnv> = async (c, next) => {
  if (!isLoopbackHost((c.req.header('host') ?? '').replace(/:\d{1,5}$/, ''))) {
    throw forbidden('Without a login this dashboard answers to localhost only: see [dashboard] auth.');
  }
  const header = [...c.req.raw.headers.keys()].find((name) => ofProxies.test(name));
  if (header !== undefined) {
    throw forbidden(
      `This request came through a proxy (it has the header ${header}), and without a login everybody who reaches the ` +
        'proxy would be an operator: set [dashboard] auth to oauth or proxy, or connect without one.',
    );
  }
  await next();
};

/** Headers that proxies add (RFC 7239, RFC 9110 section 7.6.3, and the custom before them), in lower case. */
const ofProxies = /^(forwarded|x-forwarded-.*|x-real-ip|via)$/;
