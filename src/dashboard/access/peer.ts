import { getConnInfo } from '@hono/node-server/conninfo';
import { isIP } from 'node:net';
import type { PageContext } from '../environment.ts';
import { isTrusted, plainAddress } from './trusted-addresses.ts';

/** The address at the other end of the connection: a visitor's, or a proxy's. */
export function peerAddress(c: PageContext): string {
  return plainAddress(getConnInfo(c).remote.address ?? '');
}

/**
 * The visitor's address: behind proxies that are trusted, the last one that X-Forwarded-For names and that is none of
 * theirs. What stands before it anybody may have written.
 */
export function visitorAddress(c: PageContext): string {
  const { proxyAddresses } = c.var.parts.config().dashboard;
  const forwarded = (c.req.header('x-forwarded-for') ?? '').split(',').map((part) => plainAddress(part.trim()));
  let address = peerAddress(c);
  while (isTrusted(address, proxyAddresses)) {
    const before = forwarded.pop();
    if (before === undefined || isIP(before) === 0) break;
    address = before;
  }
  return address;
}
