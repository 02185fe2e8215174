import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { PageContext } from '../environment.ts';
import { ourCookie } from './cookies.ts';
import { seal, unseal } from './sealed.ts';

/**
 * Who logged in, and when. It is in a signed cookie, so that every instance knows it and none has to keep it; what the
 * account may do is not part of it, since that is asked anew each time.
 */
export interface Session {
  readonly id: string;
  readonly account: string;
  /** Milliseconds since 1970. */
  readonly began: number;
}

const kind = z.strictObject({ id: z.string(), account: z.string(), began: z.number() });
// The return from the login server is another site leading here, hence Lax. Without an age, so that a browser still sends
// it once it is over, and can be told so.
const cookie = ourCookie('artwork_reconciler_session', 'Lax');
const purpose = 'session';

export function beginSession(c: PageContext, account: string): void {
  const session: Session = { id: randomBytes(16).toString('base64url'), account, began: Date.now() };
  cookie.write(c, seal(c.var.parts.secret, purpose, session));
}

export type SessionState =
  { readonly kind: 'none' } | { readonly kind: 'over' } | { readonly kind: 'current'; readonly session: Session };

/** The session of whoever asks. It is over `session_hours` after the login, whatever was done meanwhile. */
export function readSession(c: PageContext): SessionState {
  const { secret, config } = c.var.parts;
  const sealed = cookie.read(c);
  if (sealed === undefined || sealed === '') return { kind: 'none' };
  const { data: session } = kind.safeParse(unseal(secret, purpose, sealed));
  // One of another secret: of a start before this one.
  if (session === undefined) return { kind: 'over' };
  const age = Date.now() - session.began;
  const isCurrent = age < config().dashboard.sessionHours * 3_600_000;
  return isCurrent ? { kind: 'current', session } : { kind: 'over' };
}

export function endSession(c: PageContext): void {
  cookie.remove(c);
}
