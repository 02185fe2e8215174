import { Hono } from 'hono';
import { z } from 'zod';
import {
  readCheckCounts,
  readRecentFindings,
  readStatusMix,
  type RecentAudits,
} from '../../../database/audits/findings.ts';
import type { AuditStatus } from '../../../database/entities/count-by-status.ts';
import { type FindingFilter, findingList, type ListedEntity } from '../../../database/entities/list-findings.ts';
import type { CappedCount } from '../../../database/lists/walk.ts';
import { catalogue, checksFor, findCheck } from '../../../domain/checks/catalogue.ts';
import { type Audience, audienceNames, audiences, type CheckEntry } from '../../../domain/checks/check.ts';
import type { Policy } from '../../../domain/checks/finding.ts';
import { type PolicyTable, resolvePolicies } from '../../../domain/checks/policies.ts';
import {
  type ListFormat,
  listFormats,
  listHead,
  listLine,
  type NamedList,
  namedLists,
} from '../../../export/named-lists.ts';
import { countInWords, roundShare } from '../../../wording/text.ts';
import type { DashboardEnv, PageContext } from '../../environment.ts';
import { CheckLink, CheckSentence, policyMeanings, PolicyReason } from '../../layout/finding-view.tsx';
import { Badge } from '../../layout/inline.tsx';
import { Page } from '../../layout/page.tsx';
import { download, listPages } from '../../lists/downloads.tsx';
import { figures, ListTable } from '../../lists/list-view.tsx';
import { choice, readListAddress, readParameters } from '../../forms/parameters.ts';
import { notFound } from '../../refusals.ts';

const types = { csv: 'text/csv', json: 'application/x-ndjson', tsv: 'text/tab-separated-values' } as const;

/** Sends a list for the archive's staff, as `export` writes it, page after page. */
function staffListFile(c: PageContext): Promise<Response> {
  const [name, ending] = (c.req.param('file') ?? '').split('.');
  const list = namedLists.find((each) => each.name === name);
  const format = listFormats.find((each) => each === ending);
  if (list === undefined || format === undefined) {
    throw notFound(
      `There are the lists ${namedLists.map((each) => each.name).join(', ')}, each as ${listFormats.join(', ')}.`,
    );
  }
  return findingsFile(c, format, list, list.filter);
}

/** Sends what a filter chooses, in one of the forms of `export`. */
function findingsFile(
  c: PageContext,
  format: ListFormat,
  named: NamedList | null,
  filter: FindingFilter,
  after: string | null = null,
): Promise<Response> {
  const sites = c.var.parts.config();
  const file = {
    name: `${named?.name ?? findingList.name}.${format}`,
    type: types[format],
    head: listHead(format, sites, named),
    line: (entity: ListedEntity) => listLine(format, entity, sites, named),
  };
  return download(c, file, listPages(c, findingList, filter, after));
}

const parameters = z.object({ audience: choice(audiences) });

/** Audits of each half of what is called lately. */
const recentAudits = 1_000;

/** Findings: by check, one check, and the lists for the archive's staff. */
export function findingsRoutes(): Hono<DashboardEnv> {
  return new Hono<DashboardEnv>()
    .get('/findings', async (c) => {
      const config = c.var.parts.config();
      const { audience } = readParameters(c, parameters);
      const names = audience === undefined ? catalogue.map(({ name }) => name) : checksFor(audience);
      const shown = await c.var.read(async (q) => ({
        counts: await readCheckCounts(q, names, config.dashboard.scanRows),
        recent: await readRecentFindings(q, recentAudits),
      }));
      return c.html(
        <FindingsPage c={c} audience={audience ?? null} {...shown} policies={resolvePolicies(config.policy)} />,
      );
    })
    .get('/findings/lists/:file', staffListFile)
    .get('/:file{findings\\.(csv|json|tsv)}', (c) => {
      const { filter, after } = readListAddress(c, findingList);
      const format = listFormats.find((each) => c.req.param('file').endsWith(`.${each}`))!;
      return findingsFile(c, format, null, filter, after);
    })
    .get('/findings/:check', async (c) => {
      const entry = findCheck(c.req.param('check'));
      if (entry === null) throw notFound('There is no such check.');
      const config = c.var.parts.config();
      const { scanRows } = config.dashboard;
      const { counts, mix } = await c.var.read(async (q) => ({
        counts: await readCheckCounts(q, [entry.name], scanRows),
        mix: await readStatusMix(q, entry.name, scanRows),
      }));
      const policy = resolvePolicies(config.policy)[entry.name] ?? entry.policies[0];
      const count = counts.get(entry.name) ?? { count: 0, exact: true };
      return c.html(<CheckPage c={c} entry={entry} policy={policy} count={count} mix={mix} />);
    });
}

interface Props {
  readonly c: PageContext;
  readonly entry: CheckEntry;
  readonly policy: Policy;
  readonly count: CappedCount;
  readonly mix: readonly { readonly status: AuditStatus; readonly count: number }[];
}

/** One check: what it means, what its findings lead to and why, and which entities have one. */
function CheckPage({ c, entry, policy, count, mix }: Props) {
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
        <a href={`/entities?${query}`}>
          {countInWords(count)} {count.count === 1 && count.exact ? 'entity' : 'entities'}
        </a>
        , by their newest decided audit; <a href={`/reviews?${query}`}>open reviews with it</a>
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
        All of them as <a href={`/entities.csv?${query}`}>CSV</a> or <a href={`/entities.json?${query}`}>JSON lines</a>;
        with what was found in each as <a href={`/findings.csv?${query}`}>CSV</a> or{' '}
        <a href={`/findings.json?${query}`}>JSON lines</a>
      </p>
    </Page>
  );
}

interface FindingsProps {
  readonly c: PageContext;
  /** Whose checks are shown; null: all. */
  readonly audience: Audience | null;
  readonly counts: ReadonlyMap<string, CappedCount>;
  readonly policies: PolicyTable;
  readonly recent: RecentAudits;
}

/** Every check, with what it means, what it leads to, and what is found of it. */
function FindingsPage({ c, audience, counts, policies, recent }: FindingsProps) {
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
      <ListTable
        caption="Checks, in the order in which findings are shown"
        columns={[figures('Entities'), 'Check', 'Lately', 'Decided', 'Policy', 'Who can act']}
      >
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
      </ListTable>
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
  const share = roundShare(found.now / now);
  return before === 0 ? share : `${share}, before ${roundShare(found.before / before)}`;
}

function decisionsInWords({ checks }: RecentAudits, name: string): string {
  return Object.entries(checks.get(name)?.decisions ?? {})
    .map(([decision, count]) => `${count} ${decision.replace('_', ' ')}`)
    .join(', ');
}
