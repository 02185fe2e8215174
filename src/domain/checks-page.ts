import { adviceOn } from './decision/review-reason.ts';
import { catalogue, findCheck } from './checks/catalogue.ts';
import { audienceNames, type CheckEntry, type Family } from './checks/check.ts';

const familyTitles: readonly (readonly [Family, string])[] = [
  ['item', 'The item and its files'],
  ['images', 'Images that other items decide about'],
  ['index', 'index.json'],
  ['xml', 'The XML of the web service'],
  ['derived', 'What the archive derives'],
  ['orphan', 'Items of merged, deleted and unknown MBIDs'],
];

/** The docs page of checks, in Markdown. It is written from the catalogue, and CI compares the two. */
export function checksPage(): string {
  const sections = familyTitles.map(([family, title]) => {
    const rows = catalogue.filter((entry) => entry.family === family).map(row);
    return [
      `## ${title}`,
      '',
      '| check | holds when | a finding says | who can act | policies, the default first | why |',
      '| --- | --- | --- | --- | --- | --- |',
      ...rows,
      '',
    ];
  });
  return [...head, ...sections.flat(), ...whatToDo()].join('\n');
}

/** Checks whose steps are the same share them. */
function whatToDo(): string[] {
  const checks = new Map<string, string[]>();
  for (const { name, steps } of catalogue) {
    const key = steps.map((step, n) => `${n + 1}. ${step}`).join('\n');
    checks.set(key, [...(checks.get(key) ?? []), `\`${name}\``]);
  }
  const parts = [...checks].flatMap(([steps, names]) => [`${names.join(', ')}:`, '', steps, '']);
  return [
    '## What to do about a finding that a person decides on',
    '',
    '[reviews.md](reviews.md) has the cases at length, with what each looks like.',
    '',
    ...parts,
  ];
}

const head = [
  '# Checks',
  '',
  'This page is written from the table of checks in the code; change it there.',
  '',
  'An audit compares what MusicBrainz says with what archive.org has, and names every difference. What a finding leads to',
  'is its *policy*, which the section `[policy]` of the configuration sets by the check’s name:',
  '',
  '- `index`, `delete_image`, `copy_image`, `deindex`: indexer events are queued that repair it',
  '- `review`: a person looks, and while such a finding stands nothing is queued for the entity',
  '- `review_last`: a person looks, once nothing is left to repair',
  '- `report`: it is recorded and shown, and decides nothing',
  '- `ignore`: it is not recorded',
  '',
  '*Who can act* says whose reviews, counts and lists a finding is in: archive.org’s staff, MusicBrainz’ editors, or those who',
  'operate this program.',
  '',
];

function row({ name, sentence, wrong, audience, policies, why }: CheckEntry): string {
  const cells = [
    `\`${name}\``,
    sentence,
    wrong,
    audienceNames[audience],
    policies.map((policy) => `\`${policy}\``).join(', '),
    why,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/**
 * A page with what the catalogue says is wrong and to be done, in place of whatever stands between `<!-- advice: item.dark -->`
 * and `<!-- /advice -->`: of a check, of several whose steps are the same (`a, b`), or of a reason that is no finding, by how its
 * text begins.
 */
export function withAdvice(page: string): string {
  return page.replace(
    /(<!-- advice: (.*) -->\n)[^]*?(<!-- \/advice -->)/g,
    (_, begin: string, named: string, end: string) => `${begin}${advice(named.split(', '))}${end}`,
  );
}

function advice(names: readonly string[]): string {
  const each = names.map((name) => ({
    name,
    ...adviceOn(findCheck(name) === null ? { check: null, reason: name } : { check: name, reason: '' }),
  }));
  const wrong = each.map((one) => (each.length === 1 ? one.wrong : `\`${one.name}\`: ${one.wrong}`));
  const steps = new Set(each.flatMap((one) => one.steps));
  const numbered = [...steps].map((step, n) => `${n + 1}. ${step}`);
  return ['', `**What is wrong.** ${wrong.join(' ')}`, '', '**What to do.**', '', ...numbered, '', ''].join('\n');
}
