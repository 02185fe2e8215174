import type { RecentAudits } from '../../../database/audits/findings.ts';
import type { CappedCount } from '../../../database/lists/walk.ts';
import { catalogue } from '../../../domain/checks/catalogue.ts';
import { type Audience, audienceNames, audiences } from '../../../domain/checks/check.ts';
import type { PolicyTable } from '../../../domain/checks/policies.ts';
import { listFormats, namedLists } from '../../../export/named-lists.ts';
import { countInWords } from '../../../wording/text.ts';
import type { PageContext } from '../../environment.ts';
import { CheckLink, CheckSentence } from '../../layout/finding-view.tsx';
import { Badge } from '../../layout/inline.tsx';
import { Page } from '../../layout/page.tsx';

interface Props {
  readonly c: PageContext;
  /** Whose checks are shown; null: all. */
  readonly audience: Audience | null;
  readonly counts: ReadonlyMap<string, CappedCount>;
  readonly policies: PolicyTable;
  readonly recent: RecentAudits;
}

/** Every check, with what it means, what it leads to, and what is found of it. */
export function FindingsPage({ c, audience, counts, policies, recent }: Props) {
  const shown = catalogue.filter((entry) => audience === null || entry.audience === audience);
  return (
    <Page c={c} title="Findings by check" section="/findings" live>
      <p class="hint">
        Counted are the entities whose newest decided audit has the finding. Lately: of the{' '}
        {recent.now.toLocaleString('en')} newest decided audits, beside the {recent.before.toLocaleString('en')} before.
      </p>
      <nav aria-label="Who can act">
        <ul class="inline-list">
          {[null, ...audiences].map((each) => (
            <li>
              <a
                href={each === null ? '/findings' : `/findings?audience=${each}`}
                {...(each === audience && { 'aria-current': 'page' as const })}
              >
                {each === null ? 'for everybody' : `for ${audienceNames[each]}`}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="scroll">
        <table class="list">
          <caption>Checks, in the order in which findings are shown</caption>
          <thead>
            <tr>
              <th scope="col" class="number">
                Entities
              </th>
              <th scope="col">Check</th>
              <th scope="col">Lately</th>
              <th scope="col">Decided</th>
              <th scope="col">Policy</th>
              <th scope="col">Who can act</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ name, audience: whose, policies: possible }) => (
              <tr data-row={name}>
                <td class="number" data-label="Entities">
                  <a href={`/entities?check=${encodeURIComponent(name)}`} class={counts.get(name)?.count ? '' : 'none'}>
                    {countInWords(counts.get(name) ?? { count: 0, exact: true })}
                  </a>
                </td>
                <th scope="row" class="wide">
                  <CheckLink check={name} />
                  <CheckSentence check={name} />
                </th>
                <td data-label="Lately">{lately(recent, name)}</td>
                <td data-label="Decided">{decisionsInWords(recent, name)}</td>
                <td data-label="Policy">
                  <Badge of={policies[name] ?? possible[0]} />
                  {policies[name] !== possible[0] && <span class="hint"> default: {possible[0]}</span>}
                </td>
                <td data-label="Who can act">{audienceNames[whose]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <StaffLists />
    </Page>
  );
}

/** What only the archive's staff can do, as files to hand over. */
function StaffLists() {
  return (
    <section aria-labelledby="lists">
      <h2 id="lists">Lists for the archive’s staff</h2>
      <p class="hint">What an upload may still mend is on none of them, nor what a person lets stand.</p>
      <ul>
        {namedLists.map(({ name, sentence }) => (
          <li>
            {sentence}:{' '}
            {listFormats.map((format, n) => (
              <>
                {n > 0 && ', '}
                <a href={`/findings/lists/${name}.${format}`} download>
                  {name}.{format}
                </a>
              </>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}

function lately({ now, before, checks }: RecentAudits, name: string): string {
  const found = checks.get(name);
  if (found === undefined || now === 0) return '';
  const share = percent(found.now, now);
  return before === 0 ? share : `${share}, before ${percent(found.before, before)}`;
}

function decisionsInWords({ checks }: RecentAudits, name: string): string {
  return Object.entries(checks.get(name)?.decisions ?? {})
    .map(([decision, count]) => `${count} ${decision.replace('_', ' ')}`)
    .join(', ');
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toLocaleString('en', { maximumSignificantDigits: 2 })} %`;
}
