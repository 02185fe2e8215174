import type { Example, Finding, Policy } from '../../domain/checks/finding.ts';
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
      <Examples examples={examples} count={count} among={policy} />
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

interface ExamplesProps {
  readonly examples: readonly (Example & { readonly policy?: Policy })[];
  readonly count: number;
  /** What most of them lead to: said of those that lead to something else. */
  readonly among?: Policy;
}

/** What differs: where, what MusicBrainz says, what the archive has. */
export function Examples({ examples, count, among }: ExamplesProps) {
  return (
    <>
      {examples.map(({ subject, expected, found, policy }) => (
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
          {among !== undefined && policy !== undefined && policy !== among && (
            <div>
              <dt>Leads to</dt>
              <dd>
                <Badge of={policy} />
              </dd>
            </div>
          )}
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
