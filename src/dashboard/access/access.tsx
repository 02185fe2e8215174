import { Hono, type MiddlewareHandler } from 'hono';
import { requireAccess } from '../../config/dashboard-access.ts';
import { loginName } from '../../config/config.ts';
import { isLoopbackHost } from '../../config/value-types.ts';
import type { DashboardEnv, DashboardParts, PageContext } from '../environment.ts';
import { formTokenOf } from '../forms/action-form.tsx';
import { accountName, type Person, type Role, roleOf } from '../person.ts';
import { forbidden, isForPrograms, Refusal } from '../refusals.ts';
import { pageToReturnTo } from './login-attempt.ts';
import { LoginPage, loginRoutes } from './login-routes.tsx';
import { isTrusted, peerAddress } from './peer.ts';
import { browserOf, endSession, readSession } from './session.ts';

/**
 * `auth = none`: everybody who reaches the loopback address is an operator, by the name of the user that runs the
 * dashboard. Refused before anything else is checked:
 *
 * - other names than those of this machine: a page elsewhere could let its own name resolve to 127.0.0.1, and would be
 *   of the same origin;
 * - what says that it came through a proxy: whoever reaches the proxy would be an operator. A proxy that says nothing
 *   (nginx by default) can't be told from a person, so the docs forbid any.
 */
function openToThisMachine({ secret }: DashboardParts): Access {
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

/** Headers that proxies add (RFC 7239, RFC 8586, RFC 9110 section 7.6.3, and what they and CDNs add by custom), in lower case. */
const ofProxies =
  /^(forwarded|x-forwarded(-.*)?|x-real-.*|via|cdn-loop|cf-connecting-ip|(x-|true-|fastly-)?(cluster-)?client-ip|x-(original|envoy)-.*)$/;

/**
 * `auth = proxy`: a proxy in front has done the login and says in a header who it is. Only the configured addresses are
 * believed; whoever comes another way is refused, with the header or without.
 */
function behindProxy({ secret }: DashboardParts): Access {
  return {
    waysIn: new Hono<DashboardEnv>(),
    waysOut: new Hono<DashboardEnv>(),
    async identify(c, next) {
      const person = personOf(c);
      c.set('person', person);
      c.set('formToken', formTokenOf(secret, `${person.name}\0${browserOf(c)}`));
      await next();
    },
  };
}

function personOf(c: PageContext): Person {
  const { parts } = c.var;
  const { proxyAddresses, proxyUserHeader, proxyRoleHeader } = parts.config().dashboard;
  const peer = peerAddress(c);
  const said = inUtf8(c.req.header(proxyUserHeader) ?? '');
  if (!isTrusted(peer, proxyAddresses)) {
    if (said !== '') parts.log.warn({ peer, header: proxyUserHeader }, 'a name from an address that is not trusted');
    throw forbidden('This dashboard is reached through its proxy only ([dashboard] proxy_addresses).');
  }
  const name = accountName(said);
  if (name === null) {
    throw new Refusal(
      401,
      'Not logged in',
      `The proxy has to say in the header ${proxyUserHeader} who you are; it ${said === '' ? 'did not' : 'says something that is no name'}.`,
    );
  }
  const role =
    proxyRoleHeader === null
      ? roleOf(name, parts.config().dashboard)
      : (roles.find((known) => known === c.req.header(proxyRoleHeader)) ?? null);
  if (role === null) throw forbidden(`${name} is not among those who may see this dashboard.`);
  return { name, role };
}

const roles: readonly Role[] = ['operator', 'read-only'];

/** Node reads headers byte by byte; names beyond ASCII come in UTF-8. */
function inUtf8(header: string): string {
  return Buffer.from(header, 'latin1').toString('utf8');
}

/** How the dashboard knows who asks. */
interface Access {
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

/** `auth = oauth`: who has logged in at the login server, and is on one of the lists. */
function oauthLogin({ secret, log }: DashboardParts): Access {
  return {
    waysIn: loginRoutes(),
    waysOut: new Hono<DashboardEnv>().post('/logout', async (c) => {
      const state = await readSession(c);
      if (state.kind === 'current') await endSession(c, state.session.id);
      log.info({ account: c.var.person.name }, 'logged out');
      return c.redirect('/login', 303);
    }),
    async identify(c, next) {
      const state = await readSession(c);
      if (state.kind === 'none') return showWayIn(c, 401, 'Log in', 'The dashboard is for its operators.');
      if (state.kind === 'over') {
        const message = `It ended with a logout, or ${hours(c)} after the login. ${unchanged(c)}`;
        return showWayIn(c, 401, 'The session is over', message);
      }
      const { account, id } = state.session;
      const role = roleOf(account, c.var.parts.config().dashboard);
      if (role === null) {
        await endSession(c, id);
        const message = `${account} is no longer among those who may see this dashboard. ${unchanged(c)}`;
        return showWayIn(c, 403, 'Not allowed', message);
      }
      c.set('person', { name: account, role });
      c.set('formToken', formTokenOf(secret, id));
      c.set('logoutPath', '/logout');
      return next();
    },
  };
}

/** With the page that was asked for to return to; a form's is left, since what it sent is gone. */
function showWayIn(c: PageContext, status: 401 | 403, title: string, message: string): Response | Promise<Response> {
  const { pathname, search } = new URL(c.req.url);
  const returnTo = c.req.method === 'GET' ? pageToReturnTo(`${pathname}${search}`) : '/';
  if (isForPrograms(c)) throw new Refusal(status, title, message);
  return c.html(<LoginPage c={c} title={title} message={message} returnTo={returnTo} />, status);
}

function hours(c: PageContext): string {
  const { sessionHours } = c.var.parts.config().dashboard;
  return sessionHours === 1 ? '1 hour' : `${sessionHours} hours`;
}

function unchanged(c: PageContext): string {
  return c.req.method === 'GET' ? '' : 'Nothing was changed.';
}
