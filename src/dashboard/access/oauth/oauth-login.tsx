import { Hono } from 'hono';
import type { DashboardEnv, DashboardParts, PageContext } from '../../environment.ts';
import { formTokenOf } from '../../forms/form-token.ts';
import type { Access } from '../access.ts';
import { roleOf } from '../roles.ts';
import { endSession, readSession } from '../session.ts';
import { pageToReturnTo } from './login-attempt.ts';
import { LoginPage } from './login-page.tsx';
import { loginRoutes } from './login-routes.tsx';

/** `auth = oauth`: who has logged in at the login server, and is on one of the lists. */
export function oauthLogin({ secret, log }: DashboardParts): Access {
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
  c.header('cache-control', 'no-store');
  return c.html(<LoginPage c={c} title={title} message={message} returnTo={returnTo} />, status);
}

function hours(c: PageContext): string {
  const { sessionHours } = c.var.parts.config().dashboard;
  return sessionHours === 1 ? '1 hour' : `${sessionHours} hours`;
}

function unchanged(c: PageContext): string {
  return c.req.method === 'GET' ? '' : 'Nothing was changed.';
}
