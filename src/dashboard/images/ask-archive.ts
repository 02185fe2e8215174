import { openClients } from '../../clients/clients.ts';
import { RequestError } from '../../clients/errors.ts';
import { requireContact } from '../../config/contact.ts';
import { ConfigError } from '../../config/config-error.ts';
import type { ObservedItem } from '../../domain/observed-item.ts';
import { program } from '../../version.ts';
import type { DashboardParts } from '../environment.ts';

/** What the archive says of an item, or why that can't be told, which never means that something is absent. */
export type ItemAnswer = ObservedItem | { readonly kind: 'untold'; readonly why: string };

/** Asks for items, one after the other, each request in its turn as everybody's. */
export function itemAsker(parts: DashboardParts, signal: AbortSignal): (gid: string) => Promise<ItemAnswer> {
  const config = parts.config();
  const { reader } = openClients({ db: parts.db, config, program, signal: () => signal });
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
