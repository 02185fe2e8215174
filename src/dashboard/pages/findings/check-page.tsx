import { audienceNames, type CheckEntry } from '../../../domain/checks/check.ts';
import type { Policy } from '../../../domain/checks/finding.ts';
import type { AuditStatus } from '../../../database/audit-queries/index.ts';
import type { CappedCount } from '../../../database/lists/index.ts';
import { countInWords } from '../../../wording/capped-count.ts';
import type { PageContext } from '../../environment.ts';
import { CheckSentence, PolicyReason } from '../../findings/check-sentence.tsx';
import { policyMeanings } from '../../findings/policy-meanings.ts';
import { Badge } from '../../layout/badge.tsx';
import { Page } from '../../layout/page.tsx';

interface Props {
  readonly c: PageContext;
  readonly entry: CheckEntry;
  readonly policy: Policy;
  readonly count: CappedCount;
  readonly mix: readonly { readonly status: AuditStatus; readonly count: number }[];
}

/** One check: what it means, what its findings lead to and why, and which entities have one. */
export function CheckPage({ c, entry, policy, count, mix }: Props) {
  const { name, audience, policies } = entry;
  const query = `check=${encodeURIComponent(name)}`;
  return (
    <Page c={c} title={name} section="/findings" live>
      <CheckSentence check={name} />
      <h2>
        Policy <Badge of={policy} />
      </h2>
      <p>{policyMeanings[policy]}.</p>
      <PolicyReason check={name} policy={policy} />
      <p class="hint">
        Set by <code>{name}</code> in the section <code>[policy]</code> of the configuration, which takes{' '}
        {policies.join(', ')}.
      </p>
      <p>Who can act: {audienceNames[audience]}.</p>
      <h2>Entities that have it</h2>
      <p>
        <a href={`/entities?${query}`}>{countInWords(count)} entities</a>, by their newest decided audit;{' '}
        <a href={`/reviews?${query}`}>open reviews with it</a>
      </p>
      {mix.length > 0 && (
        <ul>
          {mix.map(({ status, count: some }) => (
            <li>
              <Badge of={status} /> <a href={`/entities?${query}&status=${status}`}>{some.toLocaleString('en')}</a>
              {!count.exact && ` of the first ${count.count.toLocaleString('en')}`}
            </li>
          ))}
        </ul>
      )}
      <p class="downloads">
        All of them as <a href={`/entities.csv?${query}`}>CSV</a> or <a href={`/entities.json?${query}`}>JSON lines</a>
      </p>
    </Page>
  );
}
