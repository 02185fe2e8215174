import { findCheck } from '../../domain/checks/catalogue.ts';
import type { Policy } from '../../domain/checks/finding.ts';

/** The page of a check. */
export function checkPath(check: string): string {
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

/** When a check holds, in the catalogue's words; texts of it have `code` in backticks. */
export function CheckSentence({ check }: { readonly check: string }) {
  const entry = findCheck(check);
  if (entry === null) return <p class="hint">The catalogue has no check of this name any more.</p>;
  return (
    <p>
      <InCode text={entry.sentence} />
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
function InCode({ text }: { readonly text: string }) {
  return <>{text.split('`').map((part, n) => (n % 2 === 1 ? <code>{part}</code> : part))}</>;
}
