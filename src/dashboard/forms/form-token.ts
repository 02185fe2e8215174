import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * What a form has to send back so that no other site can send it: bound to the session, and not to be guessed without
 * the secret.
 */
export function formTokenOf(secret: string, sessionId: string): string {
  return createHmac('sha256', secret).update(`form\0${sessionId}`).digest('base64url');
}

export function isFormToken(sent: unknown, expected: string): boolean {
  if (typeof sent !== 'string') return false;
  const [a, b] = [Buffer.from(sent), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The name of the field. */
export const formTokenField = 'form_token';
