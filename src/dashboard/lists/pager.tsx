import type { PageContext } from '../environment.ts';
import { addressWith } from './address.ts';

/**
 * Leads to the rows after these. Pages are cut by the last row's key and not by a count, so a late page costs what the
 * first does, and rows that come or go shift nothing.
 */
export function Pager({ c, next }: { readonly c: PageContext; readonly next: string | number | null }) {
  const isFirst = c.req.query('after') === undefined;
  if (isFirst && next === null) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {!isFirst && <a href={addressWith(c, { after: null })}>First page</a>}
      {next !== null && (
        <a href={addressWith(c, { after: String(next) })} rel="next" data-key="n">
          Next page
        </a>
      )}
    </nav>
  );
}
