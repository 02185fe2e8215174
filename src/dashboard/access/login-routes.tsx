import { Hono } from 'hono';
import { AuthorizationResponseError, OperationProcessingError, ResponseBodyError } from 'oauth4webapi';
import { type Redactor, redactorOf } from '../../config/secrets.ts';
import { countLogin } from '../../database/logins.ts';
import type { DashboardEnv, PageContext } from '../environment.ts';
import { Page } from '../layout/page.tsx';
import { roleOf } from '../person.ts';
import { forbidden, Refusal } from '../refusals.ts';
import {
  beginAttempt,
  forgetAttempt,
  type LoginAttempt,
  longestLoginMinutes,
  pageToReturnTo,
  readAttempt,
} from './login-attempt.ts';
import { askForAccount, loginAddress, returnPath } from './login-server.ts';
import { visitorAddress } from './peer.ts';
import { beginSession } from './session.ts';

/** A login that failed. */
interface FailedLogin {
  readonly refusal: Refusal;
  /** For the log: what the login server answered. */
  readonly why: string;
}

/**
 * What went wrong with a login, for who tried it and for the log.
 *
 * @param redact takes out what was sent to the login server, whose words may repeat it
 */
function explainLogin(error: unknown, redact: Redactor): FailedLogin {
  const { refusal, why } = inWords(error, redact);
  const { status, title, message } = refusal;
  return { refusal: new Refusal(status, title, redact(message)), why: redact(why) };
}

function inWords(error: unknown, redact: Redactor): FailedLogin {
  if (error instanceof Refusal) return { refusal: error, why: error.message };
  if (error instanceof AuthorizationResponseError) {
    return {
      refusal: failed(403, `The login server says: ${answered(error, redact)}.`),
      why: `authorization: ${answered(error, redact)}`,
    };
  }
  if (error instanceof ResponseBodyError) {
    const words = answered(error, redact);
    const why = `${error.status} ${words}`;
    return error.error === 'invalid_grant'
      ? { refusal: failed(400, 'The login took too long or was used already. Log in again.'), why }
      : { refusal: failed(502, `The login server refused the dashboard: ${words}.`), why };
  }
  if (error instanceof Error && error.name === 'TimeoutError') {
    return {
      refusal: failed(503, 'The login server did not answer in time. Try again later.'),
      why: 'no answer in time',
    };
  }
  if (error instanceof TypeError && error.message === 'fetch failed') {
    return { refusal: failed(503, 'The login server can’t be reached. Try again later.'), why: causeOf(error) };
  }
  if (isOurAnswerWrong(error)) {
    return {
      refusal: failed(400, 'That is not the answer to a login that was begun here. Log in again.'),
      why: error.message,
    };
  }
  const why = error instanceof Error ? error.message : 'unknown';
  return { refusal: failed(502, 'The login server’s answer can’t be used; the log has more.'), why };
}

/** What comes with the visitor's address: a wrong `state`, `iss`, or no code. */
function isOurAnswerWrong(error: unknown): error is Error {
  return (
    error instanceof OperationProcessingError &&
    /response parameter|authorization code|"parameters"/.test(error.message)
  );
}

function failed(status: 400 | 403 | 502 | 503, message: string): Refusal {
  return new Refusal(status, 'Not logged in', message);
}

/**
 * The code of an OAuth error, and its words: both are the server's, or whoever's made the address. Secrets go before it is
 * cut: the beginning of one would be left.
 */
function answered(
  { error, error_description }: AuthorizationResponseError | ResponseBodyError,
  redact: Redactor,
): string {
  const words = error_description === undefined ? error : `${error} (${error_description})`;
  return redact(words).slice(0, 300);
}

function causeOf(error: Error): string {
  const { cause } = error as { readonly cause?: { readonly code?: unknown } };
  return typeof cause?.code === 'string' ? cause.code : 'fetch failed';
}

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

interface LoginPageProps {
  readonly c: PageContext;
  readonly title: string;
  readonly message: string;
  readonly returnTo: string;
}

/** Says why nobody is logged in, and leads to the login. */
export function LoginPage({ c, title, message, returnTo }: LoginPageProps) {
  const { oauthAuthorizationUrl } = c.var.parts.config().dashboard;
  return (
    <Page c={c} title={title}>
      <p class="message">{message}</p>
      <p>
        <a id="login" class="button" href={`/login/start?return=${encodeURIComponent(returnTo)}`}>
          {`Log in at ${new URL(oauthAuthorizationUrl ?? '').host}`}
        </a>
      </p>
    </Page>
  );
}
