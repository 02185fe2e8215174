import { BlockList, isIP } from 'node:net';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { PageContext } from '../environment.ts';

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

/** Whether an address is one of the configured ones or in one of the configured networks (`10.0.0.0/8`, `fd00::/8`). */
export function isTrusted(address: string, ranges: readonly string[]): boolean {
  const plain = plainAddress(address);
  const family = familyOf(plain);
  if (family === null) return false;
  const trusted = new BlockList();
  for (const range of ranges) {
    const [network = '', bits] = range.split('/');
    const of = familyOf(network);
    // Of the other family the list would find every IPv4 address in `::/8`, as ::ffff:… writes them.
    if (of !== family) continue;
    if (bits === undefined) trusted.addAddress(network, of);
    else trusted.addSubnet(network, Number(bits), of);
  }
  return trusted.check(plain, family);
}

/** An IPv4 address that a socket of IPv6 shows as `::ffff:127.0.0.1`, as itself; without the zone of a link. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}

function familyOf(address: string): 'ipv4' | 'ipv6' | null {
  return ({ 4: 'ipv4', 6: 'ipv6' } as const)[isIP(address)] ?? null;
}
