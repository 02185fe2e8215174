import { findCheck } from '../../domain/checks/catalogue.ts';
import type { Example, Finding, Policy } from '../../domain/checks/finding.ts';
import { Badge } from './inline.tsx';

/** The page of a check. */
function checkPath(check: string): string {
  return `/findings/${encodeURIComponent(check)}`;
}

/** A check's name, leading to its page. */
export function CheckLink({ check }: { readonly check: string }) {
  return (
    <a href={checkPath(check)}>
      <code>{check}</code>
    </a>
  );
}

/** When a check holds, in the catalogue's words. */
export function CheckSentence({ check }: { readonly check: string }) {
  return <CheckText check={check} which="sentence" />;
}

/** What is wrong where a check doesn't hold, in the catalogue's words. */
function WhatIsWrong({ check }: { readonly check: string }) {
  return <CheckText check={check} which="wrong" />;
}

/** Texts of the catalogue have `code` in backticks. */
function CheckText({ check, which }: { readonly check: string; readonly which: 'sentence' | 'wrong' }) {
  const entry = findCheck(check);
  if (entry === null) return <p class="hint">The catalogue has no check of this name any more.</p>;
  return (
    <p>
      <InCode text={entry[which]} />
    </p>
  );
}

/** Why a finding of a check leads to what it leads to. */
export function PolicyReason({ check, policy }: { readonly check: string; readonly policy: Policy }) {
  const entry = findCheck(check);
  if (entry === null) return null;
  const [usual] = entry.policies;
  return (
    <p>
      {policy === usual
        ? 'That is the default: '
        : `The default is ${usual}, for this reason; the configuration or the case made it ${policy}: `}
      <InCode text={entry.why} />
    </p>
  );
}

/** A text of the catalogue, with what stands in backticks as code. */
export function InCode({ text }: { readonly text: string }) {
  return <>{text.split('`').map((part, n) => (n % 2 === 1 ? <code>{part}</code> : part))}</>;
}

/** What a policy leads to, in words. */
export const policyMeanings: Readonly<Record<Policy, string>> = {
  index: 'index.json and the XML are uploaded again',
  copy_image: 'the image is copied from where it is',
  delete_image: 'the image is deleted here, once it is seen where it belongs',
  deindex: 'index.json is deleted',
  review: 'a person looks, and nothing is queued for the entity meanwhile',
  review_last: 'a person looks, once nothing is left to repair',
  report: 'it is recorded, and decides nothing',
  ignore: 'it is not recorded',
};

/** A finding as expected and found, with what its check means and why its policy is what it is. */
export function FindingView({ finding }: { readonly finding: Finding }) {
  const { check, policy, count, examples } = finding;
  return (
    <section class="finding">
      <h4>
        <CheckLink check={check} /> <Badge of={policy} />
      </h4>
      <WhatIsWrong check={check} />
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
