import { createHmac, timingSafeEqual } from 'node:crypto';

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
