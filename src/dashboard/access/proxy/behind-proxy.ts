import { Hono } from 'hono';
import type { DashboardEnv, DashboardParts, PageContext } from '../../environment.ts';
import { formTokenOf } from '../../forms/form-token.ts';
import { forbidden, Refusal } from '../../refusals.ts';
import type { Access } from '../access.ts';
import { browserOf } from '../browser.ts';
import { peerAddress } from '../peer.ts';
import type { Person, Role } from '../person.ts';
import { accountName, roleOf } from '../roles.ts';
import { isTrusted } from '../trusted-addresses.ts';

/**
 * `auth = proxy`: a proxy in front has done the login and says in a header who it is. Only the configured addresses are
 * believed; whoever comes another way is refused, with the header or without.
 */
export function behindProxy({ secret }: DashboardParts): Access {
  return {
    waysIn: new Hono<DashboardEnv>(),
    waysOut: new Hono<DashboardEnv>(),
    async identify(c, next) {
      const person = personOf(c);
      c.set('person', person);
      c.set('formToken', formTokenOf(secret, `${person.name}\0${browserOf(c)}`));
      await next();
    },
  };
}

function personOf(c: PageContext): Person {
  const { parts } = c.var;
  const { proxyAddresses, proxyUserHeader, proxyRoleHeader } = parts.config().dashboard;
  const peer = peerAddress(c);
  const said = inUtf8(c.req.header(proxyUserHeader) ?? '');
  if (!isTrusted(peer, proxyAddresses)) {
    if (said !== '') parts.log.warn({ peer, header: proxyUserHeader }, 'a name from an address that is not trusted');
    throw forbidden('This dashboard is reached through its proxy only ([dashboard] proxy_addresses).');
  }
  const name = accountName(said);
  if (name === null) {
    throw new Refusal(
      401,
      'Not logged in',
      `The proxy has to say in the header ${proxyUserHeader} who you are; it ${said === '' ? 'did not' : 'says something that is no name'}.`,
    );
  }
  const role =
    proxyRoleHeader === null
      ? roleOf(name, parts.config().dashboard)
      : (roles.find((known) => known === c.req.header(proxyRoleHeader)) ?? null);
  if (role === null) throw forbidden(`${name} is not among those who may see this dashboard.`);
  return { name, role };
}

const roles: readonly Role[] = ['operator', 'read-only'];

/** Node reads headers byte by byte; names beyond ASCII come in UTF-8. */
function inUtf8(header: string): string {
  return Buffer.from(header, 'latin1').toString('utf8');
}
