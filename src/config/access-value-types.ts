import { isIP } from 'node:net';
import { z } from 'zod';
import { isHttpUrl, list } from './value-types.ts';

/** The kinds of values that say who may use the dashboard; see value-types.ts for how they are written. */

/** A site as browsers tell sites apart: scheme, host and port. */
export function optionalOrigin() {
  const takes = 'an address like https://reconciler.example.org, without a path';
  return z
    .string()
    .refine((text) => isHttpUrl(text) && /^[^/]+\/\/[^/?#@]+\/?$/.test(text), takes)
    .transform((text) => new URL(text).origin)
    .nullable()
    .default(null);
}

/** What is used to sign, and must not be guessed. */
export function optionalSecret() {
  const takes = 'at least 32 characters, as `openssl rand -base64 32` makes them';
  return z
    .string()
    .refine((text) => text.length >= 32, takes)
    .nullable()
    .default(null);
}

export function headerName(initial: string) {
  return header().prefault(initial);
}

export function optionalHeaderName() {
  return header().nullable().default(null);
}

/** Names of accounts, with commas between them; `*` for all of them only where `any` may be meant. */
export function accountNames(who: 'any' | 'one') {
  const names = list();
  return (
    who === 'any'
      ? names
      : names.refine((all) => !all.includes('*'), 'names of accounts with commas between them; here * is none')
  ).prefault('');
}

/** Names of hosts as requests have them, in lower case, with commas between them. */
export function hostNames() {
  return list()
    .refine(
      (names) => names.every((name) => /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(name)),
      'names of hosts, without ports',
    )
    .transform((names): readonly string[] => names.map((name) => name.toLowerCase()))
    .prefault('');
}

/** Addresses and networks (CIDR) of IPv4 and IPv6, with commas between them. */
export function addressRanges() {
  const takes = `addresses and networks of at least ${fewestBits} bits, like 10.0.0.1, 10.0.0.0/8, fd00::/8`;
  return list()
    .refine((ranges) => ranges.every(isAddressRange), takes)
    .prefault('');
}

/** The largest private network has 8. Whoever trusts more trusts everybody. */
const fewestBits = 8;

function header() {
  return z.string().regex(/^[A-Za-z0-9-]+$/, 'the name of a header: letters, digits and hyphens');
}

function isAddressRange(range: string): boolean {
  const [address = '', bits, ...more] = range.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (more.length > 0 || most < 0 || isMapped(address)) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= fewestBits && Number(bits) <= most);
}

/** IPv4 written as IPv6 (::ffff:0:0/96): its networks would have 96 bits more than they say. */
function isMapped(address: string): boolean {
  return isIP(address) === 6 && new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.startsWith('[::ffff:');
}
