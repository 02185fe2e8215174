import type { PageContext } from '../environment.ts';
import type { RefusalLink } from '../refusals.ts';
import { Page } from './page.tsx';

/** A page that only says something: what could not be answered, and why. */
export function MessagePage({
  c,
  title,
  message,
  details = [],
  link = null,
}: {
  readonly c: PageContext;
  readonly title: string;
  readonly message: string;
  readonly details?: readonly string[];
  readonly link?: RefusalLink | null;
}) {
  return (
    <Page c={c} title={title}>
      <p class="message">{message}</p>
      {link !== null && (
        <p>
          <a href={link.path}>{link.words}</a>
        </p>
      )}
      {details.length > 0 && (
        <ul class="details">
          {details.map((detail) => (
            <li>{detail}</li>
          ))}
        </ul>
      )}
    </Page>
  );
}
