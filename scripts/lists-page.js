/**
 * Every list: the module below src/ that has it, and where it is read.
 *
 * @type {readonly { module: string; exported: string; title: string; at: string; standard?: string }[]}
 */
export const lists = [
  {
    module: 'database/queue/list-events',
    exported: 'eventList',
    title: 'Events',
    at: 'the page `/events`, `/events.csv`, `/events.json`, `artwork-reconciler events list`',
    standard: 'The page and its files have those that failed, unless `state` says otherwise; the shell has all.',
  },
  {
    module: 'database/entities/list-entities',
    exported: 'entityList',
    title: 'Entities',
    at: 'the page `/entities`, `/entities.csv`, `/entities.json`, `artwork-reconciler entities list`',
  },
  {
    module: 'database/reviews/list-reviews',
    exported: 'reviewList',
    title: 'Reviews',
    at: 'the page `/reviews`, `/reviews.csv`, `/reviews.json`, `artwork-reconciler reviews list`',
    standard: 'Those that are open, unless `status` says otherwise.',
  },
  {
    module: 'database/entities/list-findings',
    exported: 'findingList',
    title: 'Findings',
    at: '`/findings.csv`, `/findings.json`, `/findings.tsv`, `artwork-reconciler export`',
    standard:
      'Entities that were decided about, with what their newest decided audit found. After `mbid` come `musicbrainz_url` and `archive_url`; on a list for the archive’s staff `identifier` and `to_do` come first.',
  },
  {
    module: 'database/bulk-actions/operator-actions',
    exported: 'operatorActionList',
    title: 'Operator record',
    at: 'the page `/record`, `/record.csv`, `/record.json`',
  },
  {
    module: 'database/bulk-actions/list-bulk-rows',
    exported: 'bulkRowList',
    title: 'Rows of a bulk action',
    at: '`/bulk/{id}/rows.csv`, `/bulk/{id}/rows.json`',
  },
  {
    module: 'database/operators/by-list',
    exported: 'bulkLineList',
    title: 'Lines of a bulk action’s list',
    at: '`/bulk/{id}/lines.csv`, `/bulk/{id}/lines.json`',
  },
];

/**
 * docs/lists.md.
 *
 * @param {(module: string) => Promise<Record<string, any>>} load a module of the program, by its path without an ending
 */
export async function listsPage(load) {
  const { askedFields, choicesOf } = await load('database/lists/fields');
  const parts = [];
  for (const { module, exported, title, at, standard } of lists) {
    const list = (await load(module))[exported];
    const shell = at.includes('artwork-reconciler');
    const rows = askedFields(list.fields).map(([key, field]) => {
      const option = `--${field.flag ?? field.parameter.replaceAll('_', '-')}`;
      return [
        `\`${field.parameter}\``,
        ...(shell ? [`\`${option}\``] : []),
        takes(field.kind, choicesOf(list, key, field.kind)),
        field.help,
      ];
    });
    const head = ['in an address', ...(shell ? ['in the shell'] : []), 'takes', 'chooses those'];
    parts.push(
      [
        `## ${title}`,
        '',
        `${at}; ${list.order}.${standard === undefined ? '' : ` ${standard}`}`,
        '',
        line(head),
        line(head.map(() => '---')),
        ...rows.map(line),
        '',
        `Columns: ${list.columns.map(({ name }) => `\`${name}\``).join(', ')}.`,
      ].join('\n'),
    );
  }
  return `${introduction}\n\n${parts.join('\n\n')}\n`;
}

const introduction = `# Lists

What each list can be chosen by, and what its files say of a row. A page, its files and the shell choose by the same fields and
have the same columns; all that is given must hold. This page is written from the program: see
[contributing/add-a-filter.md](contributing/add-a-filter.md).

In CSV several values of a cell are set apart by \`; \`, and what has members is JSON. \`.json\` is JSON lines: one object a row,
with the columns as its members. Moments end in \`_at\` or are called \`at\`, in UTC. \`after\` begins behind a row: by the link to the
next page, or by a row's id.`;

function takes({ type, most }, choices) {
  const words = choices.map((choice) => `\`${choice}\``).join(', ');
  switch (type) {
    case 'one_of':
      return choices.includes('item.dark') ? 'the name of a [check](checks.md)' : `one of ${words}`;
    case 'some_of':
      return choices.includes('item.dark') ? 'names of [checks](checks.md)' : `some of ${words}`;
    case 'text':
      return `a text of up to ${most} characters`;
    case 'whole_number':
      return `a whole number up to ${most}`;
    case 'age':
      return 'an age: `90m`, `12h`, `3d`, `1.5w`';
    case 'entity':
      return 'an MBID, or an address of MusicBrainz or the archive';
    case 'version':
      return 'a version: `0.2`, `0.2.1`';
    case 'yes':
      return '`1`; in the shell nothing';
  }
}

const line = (cells) => `| ${cells.join(' | ')} |`;
