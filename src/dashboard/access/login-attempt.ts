import { generateRandomCodeVerifier, generateRandomNonce, generateRandomState } from 'oauth4webapi';
import { z } from 'zod';
import type { PageContext } from '../environment.ts';
import { ourCookie, seal, unseal } from './session.ts';

/** What was sent along to the login server, to be compared with what comes back. */
export interface LoginAttempt {
  readonly state: string;
  readonly nonce: string;
  /** PKCE: only who began the login can use its code. */
  readonly verifier: string;
  /** The page that was asked for. */
  readonly returnTo: string;
  /** Milliseconds since 1970. */
  readonly began: number;
}

const kind = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnTo: z.string(),
  began: z.number(),
});
const cookie = ourCookie('artwork_reconciler_login', 'Lax');
const purpose = 'login attempt';
/** Who looks for their password meanwhile needs minutes. */
export const longestLoginMinutes = 10;

export function beginAttempt(c: PageContext, returnTo: string): LoginAttempt {
  const attempt = {
    state: generateRandomState(),
    nonce: generateRandomNonce(),
    verifier: generateRandomCodeVerifier(),
    returnTo,
    began: Date.now(),
  };
  cookie.write(c, seal(c.var.parts.secret, purpose, attempt), longestLoginMinutes * 60);
  return attempt;
}

export function forgetAttempt(c: PageContext): void {
  cookie.remove(c);
}

/** The attempt that this browser began; null where it began none, or one that has expired. */
export function readAttempt(c: PageContext): LoginAttempt | null {
  const { data: attempt } = kind.safeParse(unseal(c.var.parts.secret, purpose, cookie.read(c) ?? ''));
  return attempt !== undefined && Date.now() - attempt.began < longestLoginMinutes * 60_000 ? attempt : null;
}

/** A page of ours that was asked for; anything else leads to the first one. */
export function pageToReturnTo(text: string | undefined): string {
  const base = 'http://ours.invalid';
  if (text === undefined || text.length > 2000 || !text.startsWith('/') || !URL.canParse(text, base)) return '/';
  const { origin, pathname, search } = new URL(text, base);
  return origin === base && !pathname.startsWith('//') && !pathname.startsWith('/login') ? `${pathname}${search}` : '/';
}
