import { Hono } from 'hono';
import { redactorOf } from '../../../config/secrets.ts';
import { countLogin } from '../../../database/logins.ts';
import type { DashboardEnv, PageContext } from '../../environment.ts';
import { forbidden, Refusal } from '../../refusals.ts';
import { visitorAddress } from '../peer.ts';
import { roleOf } from '../roles.ts';
import { beginSession } from '../session.ts';
import { explainLogin } from './explain-login.ts';
import {
  beginAttempt,
  forgetAttempt,
  type LoginAttempt,
  longestLoginMinutes,
  pageToReturnTo,
  readAttempt,
} from './login-attempt.ts';
import { LoginPage } from './login-page.tsx';
import { askForAccount, loginAddress, returnPath } from './login-server.ts';

/** To the login server and back. */
export function loginRoutes(): Hono<DashboardEnv> {
  const limited = limitLogins();
  return new Hono<DashboardEnv>()
    .get('/login', (c) => {
      const returnTo = pageToReturnTo(c.req.query('return'));
      return c.html(
        <LoginPage c={c} title="Log in" message="The dashboard is for its operators." returnTo={returnTo} />,
      );
    })
    .get('/login/start', async (c) => {
      const wait = await limited(c, 'start');
      if (wait !== null) return tooMany(c, wait);
      const attempt = beginAttempt(c, pageToReturnTo(c.req.query('return')));
      return c.redirect(await loginAddress(c.var.parts.config().dashboard, attempt), 303);
    })
    .get(returnPath, async (c) => {
      const attempt = readAttempt(c);
      // Whatever it is, the same answer is worth nothing a second time in this browser.
      forgetAttempt(c);
      // What has no login of this browser before it costs nothing, and so counts for nothing.
      const wait = attempt === null ? null : await limited(c, 'return');
      return wait === null ? finishLogin(c, attempt) : tooMany(c, wait);
    });
}

async function finishLogin(c: PageContext, attempt: LoginAttempt | null): Promise<Response> {
  const { log, config } = c.var.parts;
  const answer = new URL(c.req.url).searchParams;
  const sent = new Set([config().dashboard.oauthClientSecret, answer.get('code'), attempt?.verifier, attempt?.nonce]);
  try {
    if (attempt === null) {
      const message = `This login was not begun in this browser, or longer than ${longestLoginMinutes} minutes ago.`;
      throw new Refusal(400, 'Not logged in', message);
    }
    const settings = config().dashboard;
    const account = await askForAccount(settings, answer, attempt, (token) => sent.add(token));
    const role = roleOf(account, settings);
    if (role === null) throw forbidden(`${account} is not among those who may see this dashboard.`);
    await beginSession(c, account);
    log.info({ account, role }, 'logged in');
    return c.redirect(attempt.returnTo, 303);
  } catch (error) {
    const { refusal, why } = explainLogin(error, redactorOf([...sent]));
    log.warn({ why, status: refusal.status, address: visitorAddress(c) }, 'login failed');
    const { status, title, message } = refusal;
    return c.html(<LoginPage c={c} title={title} message={message} returnTo={attempt?.returnTo ?? '/'} />, status);
  }
}

/**
 * Counts logins, and gives the seconds to wait where there were too many. An address that was refused is refused without
 * asking the database, so that somebody who keeps asking takes no connection from the others.
 */
function limitLogins(): (c: PageContext, step: 'return' | 'start') => Promise<number | null> {
  /** Milliseconds of `performance`, by step and address. */
  const refusedUntil = new Map<string, number>();
  return async (c, step) => {
    const { db, config } = c.var.parts;
    const { loginsPerMinute, loginsPerMinuteOverall } = config().dashboard;
    const [address, now] = [visitorAddress(c), performance.now()];
    const key = `${step} ${address}`;
    const known = ((refusedUntil.get(key) ?? now) - now) / 1000;
    if (known > 0) return Math.ceil(known);
    const limits = { perAddress: loginsPerMinute, overall: loginsPerMinuteOverall };
    const wait = await countLogin(db, step, address, limits);
    if (refusedUntil.size >= mostRefused) refusedUntil.clear();
    if (wait === null) refusedUntil.delete(key);
    else refusedUntil.set(key, now + wait * 1000);
    return wait;
  };
}

/** Addresses whose refusal is remembered; beyond, the database tells again. */
const mostRefused = 10_000;

function tooMany(c: PageContext, seconds: number): Response | Promise<Response> {
  c.header('retry-after', String(seconds));
  const message = `There were too many logins in the last minute. Try again in ${seconds} seconds.`;
  return c.html(<LoginPage c={c} title="Too many logins" message={message} returnTo="/" />, 429);
}
