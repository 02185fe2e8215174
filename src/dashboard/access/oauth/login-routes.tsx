import { Hono } from 'hono';
import type { DashboardEnv, PageContext } from '../../environment.ts';
import { forbidden, Refusal } from '../../refusals.ts';
import { limitLogins } from '../login-rate.ts';
import { visitorAddress } from '../peer.ts';
import { roleOf } from '../roles.ts';
import { beginSession } from '../session.ts';
import { explainLogin } from './explain-login.ts';
import { beginAttempt, longestLoginMinutes, pageToReturnTo, takeAttempt } from './login-attempt.ts';
import { LoginPage } from './login-page.tsx';
import { askForAccount, loginAddress, returnPath } from './login-server.ts';

/** To the login server and back. */
export function loginRoutes(): Hono<DashboardEnv> {
  const [starts, returns] = [limitLogins(), limitLogins()];
  return new Hono<DashboardEnv>()
    .get('/login', (c) => {
      const returnTo = pageToReturnTo(c.req.query('return'));
      return c.html(
        <LoginPage c={c} title="Log in" message="The dashboard is for its operators." returnTo={returnTo} />,
      );
    })
    .get('/login/start', async (c) => {
      const wait = limited(c, starts);
      if (wait !== null) return tooMany(c, wait);
      const attempt = beginAttempt(c, pageToReturnTo(c.req.query('return')));
      return c.redirect(await loginAddress(c.var.parts.config().dashboard, attempt), 303);
    })
    .get(returnPath, async (c) => {
      const wait = limited(c, returns);
      return wait === null ? finishLogin(c) : tooMany(c, wait);
    });
}

async function finishLogin(c: PageContext): Promise<Response> {
  const { log, config } = c.var.parts;
  const attempt = takeAttempt(c);
  try {
    if (attempt === null) {
      const message = `This login was not begun in this browser, or longer than ${longestLoginMinutes} minutes ago.`;
      throw new Refusal(400, 'Not logged in', message);
    }
    const settings = config().dashboard;
    const account = await askForAccount(settings, new URL(c.req.url).searchParams, attempt);
    const role = roleOf(account, settings);
    if (role === null) throw forbidden(`${account} is not among those who may see this dashboard.`);
    beginSession(c, account);
    log.info({ account, role }, 'logged in');
    return c.redirect(attempt.returnTo, 303);
  } catch (error) {
    const { refusal, why } = explainLogin(error);
    log.warn({ why, status: refusal.status, address: visitorAddress(c) }, 'login failed');
    const { status, title, message } = refusal;
    return c.html(<LoginPage c={c} title={title} message={message} returnTo={attempt?.returnTo ?? '/'} />, status);
  }
}

function limited(c: PageContext, limit: ReturnType<typeof limitLogins>): number | null {
  const { loginsPerMinute, loginsPerMinuteOverall } = c.var.parts.config().dashboard;
  return limit(visitorAddress(c), { perAddress: loginsPerMinute, overall: loginsPerMinuteOverall });
}

function tooMany(c: PageContext, seconds: number): Response | Promise<Response> {
  c.header('retry-after', String(seconds));
  const message = `There were too many logins in the last minute. Try again in ${seconds} seconds.`;
  return c.html(<LoginPage c={c} title="Too many logins" message={message} returnTo="/" />, 429);
}
