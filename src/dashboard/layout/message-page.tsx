import type { PageContext } from '../environment.ts';
import { Page } from './page.tsx';

/** A page that only says something: what could not be answered, and why. */
export function MessagePage({
  c,
  title,
  message,
  details,
}: {
  readonly c: PageContext;
  readonly title: string;
  readonly message: string;
  readonly details: readonly string[];
}) {
  return (
    <Page c={c} title={title}>
      <p class="message">{message}</p>
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
