import type { PageContext } from '../environment.ts';

/** This page's address with some parameters changed; null takes one away. */
export function addressWith(
  c: PageContext,
  changes: Readonly<Record<string, string | null>>,
  path = c.req.path,
): string {
  const parameters = new URLSearchParams(new URL(c.req.url).search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) parameters.delete(name);
    else parameters.set(name, value);
  }
  const query = parameters.toString();
  return query === '' ? path : `${path}?${query}`;
}
