import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { accountOfSession, forgetSession, keepSession } from '../../database/dashboard-sessions.ts';
import type { PageContext } from '../environment.ts';
import { ourCookie } from './cookies.ts';
import { seal, unseal } from './sealed.ts';

/**
 * Who logged in. The cookie has the id, signed; the rest is in the database, so that every instance knows it, and a
 * logout ends it wherever the cookie was copied to. What the account may do is not part of it: that is looked up for each
 * request.
 */
export interface Session {
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

export type SessionState =
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
