import { randomBytes } from 'node:crypto';
import type { PageContext } from '../environment.ts';
import { ourCookie } from './cookies.ts';

const cookie = ourCookie('artwork_reconciler_browser', 'Strict');

/** What tells this browser from others where there is no session: forms are bound to it. */
export function browserOf(c: PageContext): string {
  const known = cookie.read(c);
  if (known !== undefined && /^[\w-]{22}$/.test(known)) return known;
  const browser = randomBytes(16).toString('base64url');
  cookie.write(c, browser);
  return browser;
}
