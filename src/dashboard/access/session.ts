import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { CookieOptions } from 'hono/utils/cookie';
import { z } from 'zod';
import { accountOfSession, forgetSession, keepSession } from '../../database/logins.ts';
import type { PageContext } from '../environment.ts';

const browserCookie = ourCookie('artwork_reconciler_browser', 'Strict');

/** What tells this browser from others where there is no session: forms are bound to it. */
export function browserOf(c: PageContext): string {
  const known = browserCookie.read(c);
  if (known !== undefined && /^[\w-]{22}$/.test(known)) return known;
  const browser = randomBytes(16).toString('base64url');
  browserCookie.write(c, browser);
  return browser;
}

/**
 * Who logged in. The cookie has the id, signed; the rest is in the database, so that every instance knows it, and a
 * logout ends it wherever the cookie was copied to. What the account may do is not part of it: that is looked up for each
 * request.
 */
interface Session {
  readonly id: string;
  readonly account: string;
}

const kind = z.strictObject({ id: z.string() });
// The return from the login server is another site leading here, hence Lax. Without an age, so that a browser still sends
// it once it is over, and can be told so.
const cookie = ourCookie('artwork_reconciler_session', 'Lax');
const purpose = 'session';

export async function beginSession(c: PageContext, account: string): Promise<void> {
  const { secret, config, db } = c.var.parts;
  const id = randomBytes(16).toString('base64url');
  await keepSession(db, { id, account, hours: config().dashboard.sessionHours });
  cookie.write(c, seal(secret, purpose, { id }));
}

type SessionState =
  { readonly kind: 'none' } | { readonly kind: 'over' } | { readonly kind: 'current'; readonly session: Session };

/** The session of whoever asks. It is over `session_hours` after the login, whatever was done meanwhile. */
export async function readSession(c: PageContext): Promise<SessionState> {
  const { secret, config, db } = c.var.parts;
  const sealed = cookie.read(c);
  if (sealed === undefined || sealed === '') return { kind: 'none' };
  const { data } = kind.safeParse(unseal(secret, purpose, sealed));
  // One of another secret: of a start before this one.
  if (data === undefined) return { kind: 'over' };
  const account = await accountOfSession(db, data.id, config().dashboard.sessionHours);
  return account === null ? { kind: 'over' } : { kind: 'current', session: { id: data.id, account } };
}

export async function endSession(c: PageContext, id: string): Promise<void> {
  cookie.remove(c);
  await forgetSession(c.var.parts.db, id);
}

/**
 * One of our cookies: out of reach of scripts, for this host and all its pages. Where visitors come over https it is sent
 * over https only, and its name begins with `__Host-`, so that no sister domain can set it.
 */
interface OurCookie {
  read(c: PageContext): string | undefined;
  /** @param maxAgeSeconds without it, it is gone when the browser is closed */
  write(c: PageContext, value: string, maxAgeSeconds?: number): void;
  remove(c: PageContext): void;
}

/** @param sameSite `Lax` where it has to come along when another site leads here: the return from a login */
export function ourCookie(name: string, sameSite: 'Lax' | 'Strict'): OurCookie {
  return {
    read: (c) => (isHttps(c) ? getCookie(c, name, 'host') : getCookie(c, name)),
    write(c, value, maxAgeSeconds) {
      setCookie(c, name, value, { ...options(c), ...(maxAgeSeconds !== undefined && { maxAge: maxAgeSeconds }) });
    },
    remove: (c) => void deleteCookie(c, name, options(c)),
  };
  function options(c: PageContext): CookieOptions {
    const secure = isHttps(c);
    return { httpOnly: true, sameSite, path: '/', secure, ...(secure && { prefix: 'host' as const }) };
  }
}

function isHttps(c: PageContext): boolean {
  return c.var.parts.config().dashboard.publicUrl?.startsWith('https:') ?? false;
}

/**
 * A value as a cookie carries it: readable, but not to be made or changed without the secret. What was sealed for one
 * purpose is worth nothing for another.
 */
export function seal(secret: string, purpose: string, value: unknown): string {
  const text = Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${text}.${signatureOf(secret, purpose, text)}`;
}

/** What was sealed; undefined where that was done with another secret, for another purpose, or not at all. */
export function unseal(secret: string, purpose: string, sealed: string): unknown {
  const [text = '', signature = ''] = sealed.split('.');
  const [sent, expected] = [Buffer.from(signature), Buffer.from(signatureOf(secret, purpose, text))];
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return undefined;
  return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
}

function signatureOf(secret: string, purpose: string, text: string): string {
  return createHmac('sha256', secret).update(`${purpose}\0${text}`).digest('base64url');
}
