import { openClients } from '../../clients/clients.ts';
import { RequestError } from '../../clients/errors.ts';
import { requireContact } from '../../config/contact.ts';
import { ConfigError } from '../../config/config-error.ts';
import type { ObservedItem } from '../../domain/observed-item.ts';
import { program } from '../../version.ts';
import type { PageContext } from '../environment.ts';
import { forbidden } from '../refusals.ts';

/** What the archive says of an item, or why that can't be told, which never means that something is absent. */
export type ItemAnswer = ObservedItem | { readonly kind: 'untold'; readonly why: string };

/**
 * Asks for items, one after the other, each request in its turn as everybody's.
 *
 * @throws {Refusal} 403 where the browser says that another site's page is behind it: hidden in images there, anybody's
 *   visitors could spend what the archive grants us. A browser that says nothing is old, or no browser.
 */
export function itemAsker(c: PageContext): (gid: string) => Promise<ItemAnswer> {
  const site = c.req.header('sec-fetch-site') ?? 'none';
  if (site !== 'same-origin' && site !== 'none') {
    const why = 'This page asks the archive, so another site’s page can’t call it up. Nothing was asked.';
    throw forbidden(why, { path: c.req.path, words: 'Ask the archive' });
  }
  const { db, ...parts } = c.var.parts;
  const config = parts.config();
  const { reader } = openClients({ db, config, program, signal: () => c.req.raw.signal });
  return async (gid) => {
    try {
      requireContact(config);
      return await reader.observe(gid);
    } catch (error) {
      if (error instanceof RequestError || error instanceof ConfigError) return { kind: 'untold', why: error.message };
      throw error;
    }
  };
}
