import type { PageContext } from '../environment.ts';
import { addressWith } from './address.ts';

/** Leads to everything that the filter matches, as files for programs. */
export function Downloads({ c }: { readonly c: PageContext }) {
  return (
    <p class="downloads">
      All of this list as{' '}
      <a href={addressWith(c, { after: null }, `${c.req.path}.csv`)} download>
        CSV
      </a>{' '}
      or{' '}
      <a href={addressWith(c, { after: null }, `${c.req.path}.json`)} download>
        JSON lines
      </a>
    </p>
  );
}
