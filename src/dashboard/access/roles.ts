import type { Config } from '../../config/config.ts';
import type { Role } from './person.ts';

/**
 * What an account may do by the lists of the configuration; null where it is on none. Names are compared as they are
 * written. To be asked at each request, so that whoever is taken off a list is out at once.
 */
export function roleOf(account: string, { operators, readers }: Config['dashboard']): Role | null {
  if (operators.includes(account)) return 'operator';
  return readers.includes(account) || readers.includes('*') ? 'read-only' : null;
}

/** The name as it can be recorded and shown, or null: what is no name of an account is nobody's. */
export function accountName(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const name = value.trim();
  // Control characters, and a name that would be read as two.
  return name !== '' && name.length <= 200 && !/[\p{Cc},]/u.test(name) && name !== '*' ? name : null;
}
