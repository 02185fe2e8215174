import type { Example, Finding } from '../../domain/finding.ts';
import { Badge } from '../layout/badge.tsx';
import { CheckLink, CheckSentence, PolicyReason } from './check-sentence.tsx';
import { policyMeanings } from './policy-meanings.ts';

/** A finding as expected and found, with what its check means and why its policy is what it is. */
export function FindingView({ finding }: { readonly finding: Finding }) {
  const { check, policy, count, examples } = finding;
  return (
    <section class="finding">
      <h4>
        <CheckLink check={check} /> <Badge of={policy} />
      </h4>
      <CheckSentence check={check} />
      <Examples examples={examples} count={count} />
      <details>
        <summary>Why {policy}</summary>
        <p>
          {policy}: {policyMeanings[policy] ?? 'not a policy of this version'}.
        </p>
        <PolicyReason check={check} policy={policy} />
      </details>
    </section>
  );
}

/** What differs: where, what MusicBrainz says, what the archive has. */
export function Examples({ examples, count }: { readonly examples: readonly Example[]; readonly count: number }) {
  return (
    <>
      {examples.map(({ subject, expected, found }) => (
        <dl class="difference">
          <div>
            <dt>Where</dt>
            <dd>{subject}</dd>
          </div>
          <div>
            <dt>Expected</dt>
            <dd>{expected}</dd>
          </div>
          <div>
            <dt>Found</dt>
            <dd>{found}</dd>
          </div>
        </dl>
      ))}
      {count > examples.length && (
        <p class="hint">
          {examples.length === 0
            ? `${count} differences`
            : `and ${(count - examples.length).toLocaleString('en')} more`}
        </p>
      )}
    </>
  );
}
