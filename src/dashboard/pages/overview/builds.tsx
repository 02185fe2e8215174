import { buildInWords } from '../../../wording/builds.ts';
import type { Overview } from './read-overview.ts';

/** Which builds of the workers there are, where they are versioned, and what Temporal gives them. */
export function Builds({ builds }: { readonly builds: NonNullable<Overview['builds']> }) {
  if (builds.kind === 'unreachable') {
    return (
      <p class="notice warn" id="builds">
        Temporal doesn’t say which builds of the workers there are: {builds.reason}
      </p>
    );
  }
  const isServed = builds.answer.some(({ state, isPolling }) => state === 'current' && isPolling);
  return (
    <ul class={isServed ? 'notice' : 'notice warn'} id="builds" aria-label="Builds of the workers">
      {!isServed && (
        <li>
          No build with workers is current: nothing is carried out (<code>artwork-reconciler check</code> says what to
          do)
        </li>
      )}
      {builds.answer.map((build) => (
        <li>{buildInWords(build)}</li>
      ))}
    </ul>
  );
}
