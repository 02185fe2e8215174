import { catalogue } from './catalogue.ts';
import { audienceNames, type CheckEntry, type Family } from './check.ts';

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
      '| check | holds when | who can act | policies, the default first | why |',
      '| --- | --- | --- | --- | --- |',
      ...rows,
      '',
    ];
  });
  return [...head, ...sections.flat()].join('\n');
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

function row({ name, sentence, audience, policies, why }: CheckEntry): string {
  const cells = [
    `\`${name}\``,
    sentence,
    audienceNames[audience],
    policies.map((policy) => `\`${policy}\``).join(', '),
    why,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
